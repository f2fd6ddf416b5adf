#include "basewise/kernels/threads.h"

#include "basewise/core/parallel.h"

namespace basewise::kernels {

const Executor& default_executor() {
  static const Executor executor = [](std::int64_t n, const std::function<void(std::int64_t)>& task) {
    parallel_for(n, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) task(i);
    });
  };
  return executor;
}

const Executor& serial_executor() {
  static const Executor executor = [](std::int64_t n, const std::function<void(std::int64_t)>& task) {
    for (std::int64_t i = 0; i < n; ++i) task(i);
  };
  return executor;
}

}  // namespace basewise::kernels
