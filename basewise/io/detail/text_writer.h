// Text files that appear whole or not at all.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

namespace basewise::io::detail {

/// Writes text through an `AtomicFile`; compressed as bgzip (which is gzip) if the name ends in .gz
/// or .bgz. Nothing appears under the name before `close`.
/// Errors: DataError naming the file.
class TextWriter {
 public:
  explicit TextWriter(const std::filesystem::path& path);
  ~TextWriter();
  TextWriter(TextWriter&&) noexcept;
  void write(std::string_view text);
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io::detail
