#include "basewise/core/files.h"

#include <cerrno>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basewise/core/detail/temporary_name.h"
#include "basewise/core/error.h"
#include "basewise/core/interrupt.h"

namespace basewise {
namespace {

[[noreturn]] void fail(const fs::path& path, std::string_view doing, int reason) {
  stay_if_interrupted();
  throw DataError(format("{}: cannot {}: {}", path.string(), doing, std::generic_category().message(reason)));
}

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : value_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  bool ok() const { return value_ >= 0; }
  int get() const { return value_; }

 private:
  int value_;
};

void sync(const fs::path& path) {
  const Descriptor file(path, O_RDONLY);
  if (!file.ok()) fail(path, "open", errno);
  if (::fsync(file.get()) != 0 && errno != EINVAL && errno != EROFS) fail(path, "write to disk", errno);
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error && !fs::is_directory(folder)) fail(folder, "make the folder", error.value());
}

void rename_and_sync(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail(to, "put the finished result in place", errno);
  sync(folder_of(to));
}

fs::path without_trailing_slash(fs::path path) { return path.has_filename() ? path : path.parent_path(); }

}  // namespace

std::string read_file(const fs::path& path) {
  const Descriptor file(path, O_RDONLY);
  if (!file.ok()) fail(path, "open", errno);
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) fail(path, "read", errno);
  if (S_ISDIR(facts.st_mode)) fail(path, "read", EISDIR);
  std::string bytes;
  std::size_t used = 0;
  while (true) {
    // The size is a hint only: pipes and /proc report none.
    bytes.resize(std::max<std::size_t>(static_cast<std::size_t>(facts.st_size) + 1, used + 65536));
    const ssize_t got = ::read(file.get(), bytes.data() + used, bytes.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path, "read", errno);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  bytes.resize(used);
  return bytes;
}

void write_file(const fs::path& path, std::string_view bytes) {
  AtomicFile file(path);
  const Descriptor out(file.temporary(), O_WRONLY);
  if (!out.ok()) fail(path, "open", errno);
  while (!bytes.empty()) {
    const ssize_t put = ::write(out.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail(path, "write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  file.commit();
}

void remove_dead_temporaries(const fs::path& target) {
  const std::string beginning = detail::temporary_beginning(target);
  std::vector<fs::path> dead;
  std::error_code ignored;
  for (fs::directory_iterator entry(folder_of(target), ignored), end; entry != end; entry.increment(ignored))
    if (entry->path().filename().native().starts_with(beginning) && detail::is_dead_temporary(entry->path())) dead.push_back(entry->path());
  // What cannot be removed costs space, nothing else.
  for (const fs::path& path : dead) fs::remove_all(path, ignored);
}

bool is_temporary_name(std::string_view name) {
  return name.starts_with('.') && name.find(detail::kTemporaryMark) != std::string_view::npos;
}

void remove_whole(const fs::path& path) {
  if (!fs::exists(fs::symlink_status(path))) return;
  const fs::path aside = detail::temporary_beside(path);
  const Vanishing vanishing(aside);
  fs::rename(path, aside);
  fs::remove_all(aside);
}

namespace {

/// What a link points to, so that the link stays; a device or a pipe would become a file.
fs::path replaceable(const fs::path& target) {
  std::error_code ignored;
  const fs::file_status status = fs::status(target, ignored);  // of /dev/stdout too, whose link names no file
  if (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status))
    throw ArgumentError(format("{} is no file but a device, a pipe or a socket; name a file", target.string()));
  fs::path file = target;
  for (int links = 0; links < 40 && fs::is_symlink(file); ++links) {
    const fs::path next = fs::read_symlink(file);
    file = next.is_absolute() ? next : file.parent_path() / next;
  }
  return file;
}

}  // namespace

AtomicFile::AtomicFile(fs::path target) : target_(replaceable(target)), temporary_(detail::temporary_beside(target_)) {
  make_folder(folder_of(target_));
  remove_dead_temporaries(target_);
  vanishing_ = std::make_unique<Vanishing>(temporary_);
  const Descriptor file(temporary_, O_WRONLY | O_CREAT | O_EXCL);
  if (!file.ok()) fail(target_, "create", errno);
}

AtomicFile::~AtomicFile() {
  if (committed_) return;
  stream_.close();
  std::error_code ignored;
  fs::remove(temporary_, ignored);
}

std::ostream& AtomicFile::stream() {
  if (!stream_.is_open()) {
    stream_.open(temporary_, std::ios::binary | std::ios::trunc);
    if (!stream_) fail(target_, "open", errno);
  }
  return stream_;
}

void AtomicFile::commit() {
  if (committed_) throw InternalError(format("{}: committed twice", target_.string()));
  if (stream_.is_open()) {
    stream_.close();
    // The stream keeps no reason, and its first failure may lie far back.
    if (!stream_) throw DataError(format("{}: cannot write all of it; is the disk full?", target_.string()));
  }
  sync(temporary_);
  rename_and_sync(temporary_, target_);
  committed_ = true;
}

AtomicDirectory::AtomicDirectory(fs::path target)
    : target_(without_trailing_slash(std::move(target))), temporary_(detail::temporary_beside(target_)) {
  make_folder(folder_of(target_));
  remove_dead_temporaries(target_);
  vanishing_ = std::make_unique<Vanishing>(temporary_);
  make_folder(temporary_);
}

AtomicDirectory::~AtomicDirectory() {
  if (committed_) return;
  std::error_code ignored;
  fs::remove_all(temporary_, ignored);
}

void AtomicDirectory::commit() {
  if (committed_) throw InternalError(format("{}: committed twice", target_.string()));
  for (const auto& entry : fs::recursive_directory_iterator(temporary_))
    if (entry.is_regular_file() || entry.is_directory()) sync(entry.path());
  sync(temporary_);
  rename_and_sync(temporary_, target_);
  committed_ = true;
}

}  // namespace basewise
