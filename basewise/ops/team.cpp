#include "basewise/ops/team.h"

#include <exception>
#include <mutex>

namespace basewise::ops {

void on_team(int threads, const std::function<void()>& body) {
  std::exception_ptr first;
  std::mutex guard;
#pragma omp parallel num_threads(threads)
  try {
    body();
  } catch (...) {
    const std::scoped_lock lock(guard);
    if (!first) first = std::current_exception();
  }
  if (first) std::rethrow_exception(first);
}

}  // namespace basewise::ops
