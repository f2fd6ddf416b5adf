// Threads: one number for the whole process, and loops over ranges (oneTBB).
#pragma once

#include <cstdint>
#include <functional>

namespace basewise {

/// Processors that this process may run on (its affinity mask, as set by taskset, Slurm or a
/// container).
int processors();

/// Number of threads that basewise may use: `set_threads`, else BASEWISE_THREADS, else
/// `processors()`.
/// Errors: ArgumentError if BASEWISE_THREADS is no positive integer.
int threads();

/// Bounds every later parallel loop (n >= 1; 0 gives the default back).
void set_threads(int n);

/// Calls body(begin, end) over pieces of [0, n), in parallel; pieces hold at least `grain` items.
/// An exception leaves the loop.
void parallel_for(std::int64_t n, std::int64_t grain, const std::function<void(std::int64_t begin, std::int64_t end)>& body);

}  // namespace basewise
