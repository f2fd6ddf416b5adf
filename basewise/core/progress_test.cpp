#include "basewise/core/progress.h"

#include <cstdlib>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "basewise/core/detail/progress_line.h"
#include "basewise/core/error.h"
#include "basewise/core/log.h"
#include "basewise/core/version.h"

namespace basewise {
namespace {

using detail::progress_line;

TEST(ProgressLine, TellsRateAndTimeLeft) {
  EXPECT_EQ(progress_line({"training", 1200, 4000, "sequences", 3.0, "loss 0.312", false}),
            "training  1,200/4,000 sequences  30%  400/s  0:07 left  loss 0.312");
  EXPECT_EQ(progress_line({"training", 4000, 4000, "sequences", 10.0, "", true}), "training  4,000/4,000 sequences  100%  400/s  in 0:10");
  EXPECT_EQ(progress_line({"reading", 7, -1, "records", 2.0, "", false}), "reading  7 records  3.5/s");
  EXPECT_EQ(progress_line({"reading", 0, 5, "records", 0.0, "", false}), "reading  0/5 records  0%");
  EXPECT_EQ(progress_line({"nothing", 0, 0, "records", 0.1, "", true}), "nothing  0/0 records  in 0:00");
}

TEST(ProgressLine, ClocksAndNumbersReadWell) {
  EXPECT_EQ(detail::clock_text(7), "0:07");
  EXPECT_EQ(detail::clock_text(750), "12:30");
  EXPECT_EQ(detail::clock_text(11045), "3:04:05");
  EXPECT_EQ(detail::grouped(1234567), "1,234,567");
  EXPECT_EQ(detail::grouped(123), "123");
  EXPECT_EQ(detail::grouped(-1234), "-1,234");
}

// Everything that the body prints on standard error.
template <class F>
std::string printed(const char* mode, F&& body) {
  ::setenv("BASEWISE_PROGRESS", mode, 1);
  testing::internal::CaptureStderr();
  body();
  ::unsetenv("BASEWISE_PROGRESS");
  return testing::internal::GetCapturedStderr();
}

TEST(Progress, APipeGetsAFirstAndALastLine) {
  const std::string text = printed("plain", [] {
    Progress progress("reading", 1000, "records");
    for (int i = 0; i < 1000; ++i) progress.advance();
    progress.note("done");
  });
  EXPECT_TRUE(text.starts_with("reading  0/1,000 records  0%\n")) << text;
  EXPECT_NE(text.find("reading  1,000/1,000 records  100%"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("  done\n")) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Progress, AnUnknownTotalIsShownFromTheFirstPieceOn) {
  const std::string text = printed("plain", [] {
    Progress progress("reading", -1, "records");
    progress.advance(64);
    progress.advance(64);
  });
  EXPECT_TRUE(text.starts_with("reading  64 records")) << text;
  EXPECT_NE(text.find("\nreading  128 records"), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST(Progress, WorkThatFailsLeavesNoLine) {
  const auto fail_after = [](std::int64_t total, std::int64_t pieces) {
    return [=] {
      try {
        Progress progress("reading", total, "records");
        for (std::int64_t i = 0; i < pieces; ++i) progress.advance();
        throw DataError("line 7");
      } catch (const DataError& e) {
        log_warning("{}", e.what());
      }
    };
  };
  EXPECT_EQ(printed("plain", fail_after(-1, 0)), "warning: line 7\n");
  EXPECT_EQ(printed("plain", fail_after(5, 2)), "reading  0/5 records  0%\nwarning: line 7\n");
  const std::string text = printed("terminal", fail_after(5, 0));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
  EXPECT_TRUE(text.ends_with("\r\x1b[2Kwarning: line 7\n")) << text;
}

TEST(Progress, ATerminalKeepsOneLineAndMessagesStandAboveIt) {
  const std::string text = printed("terminal", [] {
    Progress progress("reading", 5, "records");
    log_warning("2 records skipped");
    progress.advance(5);
    progress.finish();
    progress.finish();
  });
  EXPECT_NE(text.find("\r\x1b[2Kwarning: 2 records skipped\nreading  0/5 records  0%"), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_TRUE(text.ends_with("\n"));
}

TEST(Progress, SilenceMeansSilence) {
  EXPECT_EQ(printed("never", [] { Progress("reading", 5, "records").advance(); }), "");
  const LogLevel before = log_level();
  set_log_level(LogLevel::warning);
  EXPECT_EQ(printed("plain", [] { Progress("reading", 5, "records").advance(); }), "");
  set_log_level(before);
}

TEST(Progress, ThreadsMayCountTogether) {
  const std::string text = printed("plain", [] {
    Progress progress("reading", 4000, "records");
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) progress.advance();
      });
    threads.clear();
  });
  EXPECT_NE(text.find("reading  4,000/4,000 records  100%"), std::string::npos) << text;
}

TEST(Log, MessagesBelowTheLevelAreDropped) {
  const LogLevel before = log_level();
  testing::internal::CaptureStderr();
  set_log_level(LogLevel::info);
  log_debug("no {}", 1);
  log_info("plain {}", 2);
  log_warning("skipped {} of {}", 3, 7);
  log(LogLevel::error, "bad");
  set_log_level(LogLevel::silent);
  log(LogLevel::error, "never");
  set_log_level(before);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "plain 2\nwarning: skipped 3 of 7\nerror: bad\n");
}

std::string fact(const std::vector<std::pair<std::string, std::string>>& facts, const std::string& name) {
  for (const auto& [key, value] : facts)
    if (key == name) return value;
  return "(no " + name + ")";
}

TEST(Version, FactsAreThereAndFilled) {
  EXPECT_EQ(fact(build_facts(), "version"), version());
  const std::string number = version();
  EXPECT_EQ(std::count(number.begin(), number.end(), '.'), 2);
  EXPECT_EQ(fact(build_facts(), "C++ standard"), "202002");
  EXPECT_GE(std::stoi(fact(machine_facts(), "processors usable")), 1);
  for (const auto& facts : {build_facts(), machine_facts()})
    for (const auto& [key, value] : facts) EXPECT_FALSE(value.empty()) << key;
}

}  // namespace
}  // namespace basewise
