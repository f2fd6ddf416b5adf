#include "basewise/core/file_lock.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basewise/core/error.h"
#include "basewise/core/interrupt.h"
#include "basewise/core/log.h"

namespace basewise {

FileLock::FileLock(std::filesystem::path file, Wait wait, Afterwards afterwards)
    : file_(std::move(file)), afterwards_(afterwards) {
  // Who removes the file does so while holding it. Whoever opened it before and locks it after that
  // holds a file that nobody else will ever see, and has to look again.
  do {
    close();
    open();
    held_ = lock(wait);
  } while (held_ && !is_still_there());
  if (!held_) close();
  if (held_ && afterwards_ == Afterwards::remove) vanishing_ = std::make_unique<Vanishing>(file_);
}

FileLock::~FileLock() {
  if (held_ && afterwards_ == Afterwards::remove) {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
  }
  close();
}

void FileLock::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

void FileLock::open() {
  descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0)
    throw DataError(
        format("{}: cannot be opened for writing: {}", file_.string(), std::generic_category().message(errno)));
}

bool FileLock::lock(Wait wait) {
  int status = 0;
  do {
    status = ::flock(descriptor_, LOCK_EX | (wait == Wait::no ? LOCK_NB : 0));
  } while (status != 0 && errno == EINTR);
  if (status == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  log_warning("{}: this file system has no locks ({}); let one process at a time work here", file_.string(),
              std::generic_category().message(errno));
  return true;
}

bool FileLock::is_still_there() const {
  struct stat ours {};
  struct stat named {};
  return ::fstat(descriptor_, &ours) == 0 && ::stat(file_.c_str(), &named) == 0 && ours.st_ino == named.st_ino &&
         ours.st_dev == named.st_dev;
}

}  // namespace basewise
