#include "basewise/core/parallel.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sched.h>

#include "basewise/core/detail/test_support.h"
#include "basewise/core/error.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

// Gives the environment and the number of threads back.
class Parallel : public testing::Test {
 protected:
  void SetUp() override { ::unsetenv("BASEWISE_THREADS"); }
  void TearDown() override {
    ::unsetenv("BASEWISE_THREADS");
    set_threads(0);
  }
};

TEST_F(Parallel, EveryItemIsVisitedOnceInPiecesOfAtLeastTheGrain) {
  EXPECT_TRUE(rc::check([] {
    const auto n = *rc::gen::inRange<std::int64_t>(0, 5000);
    const auto grain = *rc::gen::inRange<std::int64_t>(-1, 700);
    set_threads(*rc::gen::inRange(1, 6));
    std::vector<std::atomic<int>> visits(static_cast<std::size_t>(n));
    std::atomic<bool> small{false};
    parallel_for(n, grain, [&](std::int64_t begin, std::int64_t end) {
      if (end - begin < std::min(n, grain)) small = true;
      for (auto i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
    });
    RC_ASSERT(!small);
    for (const auto& v : visits) RC_ASSERT(v == 1);
  }));
}

TEST_F(Parallel, SeveralThreadsWorkAtOnceButNoMoreThanAllowed) {
  set_threads(3);
  std::mutex mutex;
  std::condition_variable arrival;
  int inside = 0, most = 0;
  parallel_for(12, 1, [&](std::int64_t, std::int64_t) {
    std::unique_lock lock(mutex);
    most = std::max(most, ++inside);
    arrival.notify_all();
    arrival.wait_for(lock, std::chrono::seconds(30), [&] { return most >= 2; });  // the first one waits for company
    --inside;
  });
  EXPECT_GE(most, 2);
  EXPECT_LE(most, 3);
}

TEST_F(Parallel, OneThreadMeansTheCallingThreadAndOnePiece) {
  set_threads(1);
  int calls = 0;
  parallel_for(37, 1, [&](std::int64_t begin, std::int64_t end) {
    ++calls;
    EXPECT_EQ(begin, 0);
    EXPECT_EQ(end, 37);
  });
  EXPECT_EQ(calls, 1);
}

TEST_F(Parallel, AnExceptionLeavesTheLoop) {
  set_threads(4);
  const auto fails = [] {
    parallel_for(1000, 1, [](std::int64_t begin, std::int64_t end) {
      if (begin <= 500 && 500 < end) throw DataError("item 500 is bad");
    });
  };
  EXPECT_EQ(error_text<DataError>(fails), "item 500 is bad");
}

TEST_F(Parallel, LoopsNest) {
  set_threads(3);
  std::atomic<std::int64_t> sum{0};
  parallel_for(5, 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) parallel_for(37, 4, [&](std::int64_t b, std::int64_t e) { sum += e - b; });
  });
  EXPECT_EQ(sum, 5 * 37);
}

TEST_F(Parallel, TheEnvironmentSetsTheDefaultAndTheCallWins) {
  ::setenv("BASEWISE_THREADS", "5", 1);
  EXPECT_EQ(threads(), 5);
  set_threads(2);
  EXPECT_EQ(threads(), 2);
  set_threads(0);
  EXPECT_EQ(threads(), 5);
}

TEST_F(Parallel, BadNumbersAreRefused) {
  for (const char* bad : {"two", "0", "-3", "4x", "99999999999"}) {
    ::setenv("BASEWISE_THREADS", bad, 1);
    EXPECT_EQ(error_text<ArgumentError>([] { threads(); }),
              std::string("BASEWISE_THREADS is '") + bad + "'; it must be an integer between 1 and 4096");
  }
  EXPECT_EQ(error_text<ArgumentError>([] { set_threads(-1); }),
            "-1 threads were asked for; the number must be between 0 (default) and 4096");
}

TEST_F(Parallel, TheAffinityMaskIsHonoured) {
  std::thread([] {  // the mask belongs to the thread that sets it
    cpu_set_t mask, one;
    CPU_ZERO(&mask);
    ASSERT_EQ(sched_getaffinity(0, sizeof mask, &mask), 0);
    EXPECT_EQ(processors(), CPU_COUNT(&mask));
    CPU_ZERO(&one);
    for (int i = 0; i < CPU_SETSIZE; ++i)
      if (CPU_ISSET(i, &mask)) {
        CPU_SET(i, &one);
        break;
      }
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(processors(), 1);
    EXPECT_EQ(threads(), 1);
  })
      .join();
}

}  // namespace
}  // namespace basewise
