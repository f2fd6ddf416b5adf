#include "basewise/corpus/detail/download_part.h"

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/core/log.h"

namespace basewise::corpus::detail {
namespace {

fs::path with_ending(fs::path path, const char* ending) {
  path += ending;
  return path;
}

std::int64_t bytes_of(const fs::path& path) {
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(bytes);
}

/// The earliest time for a file that is not there.
fs::file_time_type changed_at(const fs::path& path) {
  std::error_code error;
  const auto time = fs::last_write_time(path, error);
  return error ? fs::file_time_type::min() : time;
}

}  // namespace

DownloadPart::DownloadPart(const fs::path& target)
    : target_(target),
      path_(with_ending(target, ".part")),
      tag_path_(with_ending(target, ".part.etag")),
      before_(changed_at(target)) {
  lock_ = std::make_unique<FileLock>(path_, FileLock::Wait::no);
  if (lock_->held()) return;
  log_info("{}: another process downloads it; waiting", target.string());
  waited_ = true;
  lock_ = std::make_unique<FileLock>(path_, FileLock::Wait::yes);
}

DownloadPart::~DownloadPart() {
  if (placed_) return;  // a part that is there now is that of another process
  std::error_code ignored;
  if (size() == 0 && fs::remove(path_, ignored)) fs::remove(tag_path_, ignored);
}

std::int64_t DownloadPart::size() const { return bytes_of(path_); }

std::string DownloadPart::tag() const {
  std::error_code error;
  return fs::exists(tag_path_, error) ? read_file(tag_path_) : std::string();
}

void DownloadPart::set_tag(const std::string& tag) const {
  std::error_code ignored;
  if (tag.empty())
    fs::remove(tag_path_, ignored);
  else
    write_file(tag_path_, tag);
}

void DownloadPart::discard() const {
  std::error_code ignored;
  fs::resize_file(path_, 0, ignored);
  fs::remove(tag_path_, ignored);
}

bool DownloadPart::others_were_done() const { return waited_ && changed_at(target_) != before_ && fs::exists(target_); }

void DownloadPart::put_in_place() {
  std::error_code error;
  fs::remove(tag_path_, error);
  fs::rename(path_, target_, error);
  if (error)
    throw DataError(format("{}: the download cannot be put in place: {}", target_.string(), error.message()));
  placed_ = true;
}

std::string fault_of(const fs::path& file, const DownloadRequest& request, std::string& sum) {
  const std::int64_t size = bytes_of(file);
  if (request.size >= 0 && size != request.size)
    return format("{} bytes arrived, {} were expected", size, request.size);
  sum = sha256_file(file);
  if (!request.sha256.empty() && sum != request.sha256)
    return format("the {} bytes that arrived have SHA-256 {}, {} was expected", size, sum, request.sha256);
  return {};
}

}  // namespace basewise::corpus::detail
