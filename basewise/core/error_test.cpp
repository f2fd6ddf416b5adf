#include "basewise/core/error.h"

#include <gtest/gtest.h>

#include "basewise/core/detail/test_support.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

TEST(Error, PositionsNameWhatIsKnown) {
  EXPECT_EQ((FilePosition{"x.bed"}).to_string(), "x.bed");
  EXPECT_EQ((FilePosition{"x.bed", 12}).to_string(), "x.bed:12");
  EXPECT_EQ((FilePosition{"x.bed", 12, 7}).to_string(), "x.bed:12:7");
  EXPECT_EQ(error_text<DataError>([] { throw_data_error({"x.bed", 12}, "end 3 is before start 5"); }), "x.bed:12: end 3 is before start 5");
}

TEST(Error, ExitCodesSayWhoCanMendIt) {
  EXPECT_EQ(ArgumentError("a").exit_code(), static_cast<int>(ExitCode::usage));
  EXPECT_EQ(ShapeError("a").exit_code(), static_cast<int>(ExitCode::usage));
  EXPECT_EQ(DataError("a").exit_code(), static_cast<int>(ExitCode::data));
  EXPECT_EQ(StateError("a").exit_code(), static_cast<int>(ExitCode::failure));
  EXPECT_EQ(InternalError("a").exit_code(), static_cast<int>(ExitCode::failure));
}

TEST(Error, ContextsChainAndKeepTheType) {
  const auto fails = [] {
    with_context("training failed", [] { with_context("batch 17", [] { throw DataError("x.bw: chr3 is shorter than in the FASTA"); }); });
  };
  EXPECT_EQ(error_text<DataError>(fails), "training failed: batch 17: x.bw: chr3 is shorter than in the FASTA");
}

TEST(Error, ContextPassesValuesAndOtherExceptionsThrough) {
  int value = 3;
  int& same = with_context("c", [&]() -> int& { return value; });
  EXPECT_EQ(&same, &value);
  EXPECT_THROW(with_context("c", [] { throw std::runtime_error("theirs"); }), std::runtime_error);
}

}  // namespace
}  // namespace basewise
