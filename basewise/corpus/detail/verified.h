// Which files were found to have the right checksum, so that gigabytes are not hashed at every
// start.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace basewise::corpus::detail {

/// A small table in the cache folder: absolute path, size, time of last change, SHA-256. Best
/// effort: a table that cannot be read or written only means that files are hashed again.
class Verified {
 public:
  explicit Verified(const std::filesystem::path& cache) : table_(cache / "verified.tsv") {}

  /// Whether the file was seen with this checksum and has not changed since.
  bool knows(const std::filesystem::path& file, std::string_view sha256) const;
  void remember(const std::filesystem::path& file, std::string_view sha256) const;

 private:
  std::filesystem::path table_;
};

}  // namespace basewise::corpus::detail
