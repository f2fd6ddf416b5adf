#include "basewise/core/parallel.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

#include <sched.h>
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "basewise/core/error.h"

namespace basewise {
namespace {

constexpr int kMostThreads = 4096;

// The one number for the process; 0 means that nobody asked for another than the default.
std::atomic<int>& requested() {
  static std::atomic<int> value{0};
  return value;
}

int threads_by_default() {
  const char* text = std::getenv("BASEWISE_THREADS");
  if (!text || !*text) return processors();
  const std::string_view given(text);
  int n = 0;
  const auto [end, status] = std::from_chars(given.data(), given.data() + given.size(), n);
  if (status != std::errc() || end != given.data() + given.size() || n < 1 || n > kMostThreads)
    throw ArgumentError(format("BASEWISE_THREADS is '{}'; it must be an integer between 1 and {}", given, kMostThreads));
  return n;
}

}  // namespace

int processors() {
  for (std::size_t count = 1024; count <= 1u << 20; count *= 4) {
    cpu_set_t* set = CPU_ALLOC(count);
    if (!set) break;
    const std::size_t bytes = CPU_ALLOC_SIZE(count);
    const int usable = sched_getaffinity(0, bytes, set) == 0 ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (usable > 0) return usable;
  }
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

int threads() {
  const int n = requested().load();
  return n > 0 ? n : threads_by_default();
}

void set_threads(int n) {
  if (n < 0 || n > kMostThreads)
    throw ArgumentError(format("{} threads were asked for; the number must be between 0 (default) and {}", n, kMostThreads));
  requested().store(n);
}

void parallel_for(std::int64_t n, std::int64_t grain, const std::function<void(std::int64_t begin, std::int64_t end)>& body) {
  if (n <= 0) return;
  const std::int64_t pieces = std::max<std::int64_t>(1, n / std::max<std::int64_t>(1, grain));
  const int workers = static_cast<int>(std::min<std::int64_t>(pieces, threads()));
  if (workers == 1) return body(0, n);
  const std::int64_t each = n / pieces, larger = n % pieces;  // the first `larger` pieces hold one item more
  const auto start = [&](std::int64_t piece) { return piece * each + std::min(piece, larger); };
  // TBB's own default would leave no worker for a request above the processor count;
  // the arena bounds this loop alone.
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(std::max(workers, processors())));
  tbb::task_arena arena(workers);
  arena.execute([&] {
    tbb::parallel_for(tbb::blocked_range<std::int64_t>(0, pieces),
                      [&](const auto& range) { body(start(range.begin()), start(range.end())); });
  });
}

}  // namespace basewise
