// The part of a download that is there already.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "basewise/core/file_lock.h"
#include "basewise/corpus/download.h"

namespace basewise::corpus::detail {

/// "<target>.part" and, beside it, what the server called the version that it belongs to. While
/// this lives, no other process works on it. Its destructor removes a part without bytes.
class DownloadPart {
 public:
  /// Waits for a process that holds the part, and says so.
  explicit DownloadPart(const std::filesystem::path& target);
  ~DownloadPart();
  DownloadPart(const DownloadPart&) = delete;
  DownloadPart& operator=(const DownloadPart&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::int64_t size() const;

  /// Empty when the server gave none.
  std::string tag() const;
  void set_tag(const std::string& tag) const;

  /// Forgets the bytes. The file stays, as the lock is on it.
  void discard() const;

  /// Whether another process put the target in place while this one waited.
  bool others_were_done() const;

  /// Renames the part to the target.
  /// Errors: DataError with the system's reason.
  void put_in_place();

 private:
  std::filesystem::path target_, path_, tag_path_;
  std::filesystem::file_time_type before_;  ///< last change of the target before the lock was taken
  bool waited_ = false;
  bool placed_ = false;
  std::unique_ptr<FileLock> lock_;
};

/// Empty when a file is what was asked for, else what is wrong with it; fills in its checksum.
std::string fault_of(const std::filesystem::path& file, const DownloadRequest& request, std::string& sha256);

}  // namespace basewise::corpus::detail
