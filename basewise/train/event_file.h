// TensorBoard event files, written by hand: they are plain records.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace basewise::train {

/// Scalars as TensorBoard shows them: (tag, value).
using Scalars = std::vector<std::pair<std::string, double>>;

/// Appends scalars to <folder>/events.out.tfevents.<time>.<name>;
/// every session opens a file of its own.
///
/// A session that starts at step > 0 tells TensorBoard to forget later steps of the sessions before
/// it (they are trained again). Records are flushed one by one: a killed process leaves at most a
/// torn last record, which TensorBoard skips.
class EventFile {
 public:
  EventFile(const std::filesystem::path& folder, std::int64_t first_step);

  /// Errors: DataError naming the file when it cannot be written.
  void write(std::int64_t step, const Scalars& scalars);

  const std::filesystem::path& path() const { return path_; }

 private:
  void append(std::string_view event);

  std::filesystem::path path_;
  std::ofstream stream_;
};

}  // namespace basewise::train
