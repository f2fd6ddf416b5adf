#include "basewise/study/detail/lock.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "basewise/core/error.h"

namespace basewise::study::detail {

Lock::Lock(const std::filesystem::path& file, Wait wait) {
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0)
    throw DataError(
        format("{}: cannot be opened for writing: {}", file.string(), std::generic_category().message(errno)));
  int status = 0;
  do {
    status = ::flock(descriptor_, LOCK_EX | (wait == Wait::no ? LOCK_NB : 0));
  } while (status != 0 && errno == EINTR);
  held_ = status == 0;
}

Lock::~Lock() { ::close(descriptor_); }

}  // namespace basewise::study::detail
