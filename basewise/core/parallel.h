// Threads: one number for the whole process, and loops over ranges (oneTBB).
#pragma once

#include <cstdint>
#include <functional>

namespace basewise {

/// Number of threads that basewise may use: `set_threads`, else BASEWISE_THREADS, else the processors this process may run on.
int threads();

/// Bounds every later parallel loop (n >= 1; 0 gives the default back).
void set_threads(int n);

/// Calls body(begin, end) over pieces of [0, n), in parallel; pieces hold at least `grain` items. An exception leaves the loop.
void parallel_for(std::int64_t n, std::int64_t grain, const std::function<void(std::int64_t begin, std::int64_t end)>& body);

}  // namespace basewise
