// The folder of a data set while it is made: which one it is, which steps are done.
#pragma once

#include <filesystem>
#include <memory>

#include "basewise/core/file_lock.h"
#include "basewise/prepare/bins_options.h"
#include "basewise/prepare/targets_table.h"

namespace basewise::prepare::detail {

/// Makes the folder, or opens one that belongs to the same options and inputs.
class BinsFolder {
 public:
  /// Errors: ArgumentError where `out` would replace or hold an input; StateError for a folder that
  /// another process works in, that holds other files, or the data set of other options or inputs
  /// (the first difference is named).
  BinsFolder(const BinsOptions& options, const TargetsTable& targets);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path file(const std::string& name) const { return path_ / name; }

  /// Coverage of target number i.
  std::filesystem::path coverage(std::size_t target) const;
  std::filesystem::path statistics() const { return path_ / "statistics.json"; }

  /// Removes the coverage of all targets.
  void remove_coverage() const;

 private:
  void adopt(const BinsOptions& options, const TargetsTable& targets) const;

  std::filesystem::path path_;
  std::unique_ptr<FileLock> lock_ = {};
};

}  // namespace basewise::prepare::detail
