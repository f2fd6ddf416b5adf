#include "basewise/io/detail/bytes.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace basewise::io::detail {

PositionedFile::PositionedFile(std::filesystem::path path) : path_(std::move(path)) {
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) fail(format("cannot be opened: {}", std::strerror(errno)));
  struct stat facts {};
  const bool known = ::fstat(descriptor_, &facts) == 0;
  if (!known || !S_ISREG(facts.st_mode)) {
    ::close(descriptor_);
    fail(known ? "is not a regular file" : std::string("cannot be examined: ") + std::strerror(errno));
  }
  size_ = static_cast<std::uint64_t>(facts.st_size);
}

PositionedFile::~PositionedFile() { ::close(descriptor_); }

std::string PositionedFile::read(std::uint64_t offset, std::uint64_t size, std::string_view what) const {
  // Checked before the allocation: the size may come from a damaged file.
  if (offset > size_ || size > size_ - offset)
    fail(format("{} at byte {} needs {} bytes, but the file ends at byte {}; it is truncated or damaged", what, offset, size, size_));
  std::string bytes(size, '\0');
  read(offset, std::span<char>(bytes), what);
  return bytes;
}

void PositionedFile::read(std::uint64_t offset, std::span<char> out, std::string_view what) const {
  if (offset > size_ || out.size() > size_ - offset)
    fail(format("{} at byte {} needs {} bytes, but the file ends at byte {}; it is truncated or damaged", what, offset, out.size(), size_));
  while (!out.empty()) {
    const ssize_t got = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(format("cannot read {} at byte {}: {}", what, offset, std::strerror(errno)));
    if (got == 0) fail(format("{} at byte {} is gone: the file was shortened while it was read", what, offset));
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
}

void PositionedFile::fail(const std::string& message) const { throw DataError(format("{}: {}", path_.string(), message)); }

}  // namespace basewise::io::detail
