#include "basewise/learn/columns.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"

namespace basewise::learn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Output kNumber = {"rate", {}}, kTwo = {"open", {"0", "1"}}, kThree = {"state", {"off", "on", "poised"}};

TEST(Targets, AsNumbersWhoseMeanIsThePrediction) {
  const Targets targets = {{kNumber, kTwo, kThree}, {{2.5, -1}, {1, 0}, {2, 0}}};
  EXPECT_EQ(channels_of(targets.outputs), 5);
  EXPECT_THAT(channel_values(targets), ElementsAre(2.5, 1, 0, 0, 1, /* second row */ -1, 0, 1, 0, 0));
  EXPECT_THAT(channel_values(targets.rows_of(std::vector<std::int64_t>{1})), ElementsAre(-1, 0, 1, 0, 0));
  EXPECT_THAT(error_text<ArgumentError>([&] { channel_values({{kNumber}, {{0, NAN}}}); }), HasSubstr("rate of row 1 is nan"));
  EXPECT_THAT(error_text<ArgumentError>([&] { channel_values({{kTwo}, {{2}}}); }), HasSubstr("open of row 0 is class 2; there are 2"));
  EXPECT_THAT(error_text<ArgumentError>([&] { channel_values({{kTwo}, {{0.5}}}); }), HasSubstr("class 0.5"));
}

TEST(Columns, RowsInAnyOrder) {
  const Columns columns = {3, {"a", "b"}, {{1, 2, 3}, {4, 5, 6}}};
  const Columns some = columns.rows_of(std::vector<std::int64_t>{2, 0, 2});
  EXPECT_EQ(some.rows, 3);
  EXPECT_THAT(some.values, ElementsAre(ElementsAre(3, 1, 3), ElementsAre(6, 4, 6)));
  EXPECT_THAT(some.names, ElementsAre("a", "b"));
}

TEST(Weights, BalancedAsScikitLearnDoes) {
  // Four rows of class 0 and one of class 1: 5 / (2 x 4) and 5 / (2 x 1).
  const Targets targets = {{kTwo}, {{0, 0, 1, 0, 0}}};
  EXPECT_THAT(balanced_weights(targets, {1, 1, 1, 1, 1}), ElementsAre(0.625, 0.625, 2.5, 0.625, 0.625));
  // Of two outputs both factors count; a number has none.
  const Targets two = {{kTwo, kNumber, kTwo}, {{0, 0, 1, 0, 0}, {1, 2, 3, 4, 5}, {1, 0, 0, 0, 0}}};
  EXPECT_THAT(balanced_weights(two, {1, 1, 1, 1, 1}), ElementsAre(0.625 * 2.5, 0.625 * 0.625, 2.5 * 0.625, 0.625 * 0.625, 0.625 * 0.625));
}

TEST(Weights, Errors) {
  EXPECT_THAT(checked_weights({}, 2), ElementsAre(1, 1));
  const std::vector<double> two = {1, 2}, negative = {1, -1}, none = {0, 0};
  EXPECT_THAT(error_text<ArgumentError>([&] { checked_weights(two, 3); }), HasSubstr("2 weights for 3 rows"));
  EXPECT_THAT(error_text<ArgumentError>([&] { checked_weights(negative, 2); }), HasSubstr("row 1 is -1"));
  EXPECT_THAT(error_text<ArgumentError>([&] { checked_weights(none, 2); }), HasSubstr("all rows have weight 0"));
}

}  // namespace
}  // namespace basewise::learn
