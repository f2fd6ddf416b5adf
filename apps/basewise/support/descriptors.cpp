#include "apps/basewise/support/descriptors.h"

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

#include "basewise/core/error.h"

namespace basewise::app {

void open_standard_descriptors() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(number, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest free number is taken, and those below are open by now.
    if (::open("/dev/null", O_RDWR) != number) std::_Exit(static_cast<int>(ExitCode::failure));
  }
}

}  // namespace basewise::app
