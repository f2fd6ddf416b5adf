// The folder of a data set while it is made: which one it is, and nobody else works in it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/core/file_lock.h"
#include "basewise/core/outputs.h"

namespace basewise::prepare::detail {

/// Makes the folder, or opens one that belongs to the same options and inputs: they stand in it as
/// KIND.json, inputs with their size and, up to 16 MiB, their SHA-256. A folder that holds nothing
/// else is of a call that failed before its first file, and is taken.
class SetFolder {
 public:
  /// `options` are those that say what the set is, not how far a call goes;
  /// inputs without a path are left out.
  /// Errors: ArgumentError where `path` would replace or hold an input; StateError for a folder
  /// that another process works in, that holds other files, or the data set of other options or
  /// inputs (the first difference is named).
  SetFolder(std::filesystem::path path, const std::string& kind, const nlohmann::ordered_json& options,
            const std::vector<GivenPath>& inputs);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path file(const std::string& name) const { return path_ / name; }

 private:
  void adopt(const nlohmann::ordered_json& manifest) const;

  std::filesystem::path path_;
  std::string manifest_, lock_name_;
  std::unique_ptr<FileLock> lock_ = {};
};

}  // namespace basewise::prepare::detail
