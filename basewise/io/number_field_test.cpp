#include "basewise/io/number_field.h"

#include <limits>

#include <gtest/gtest.h>

namespace basewise::io {
namespace {

TEST(NumberField, HasSoManyDigitsOrIsAbsent) {
  EXPECT_EQ(number_field(2.0 / 3, 6), "0.666667");
  EXPECT_EQ(number_field(1e-12 / 3, 3), "3.33e-13");
  EXPECT_EQ(number_field(5, 9), "5");
  EXPECT_EQ(number_field(std::numeric_limits<double>::infinity(), 6), "inf");
  EXPECT_EQ(number_field(std::numeric_limits<double>::quiet_NaN(), 6), "");
  EXPECT_EQ(number_field(std::numeric_limits<double>::quiet_NaN(), 6, "NA"), "NA");
}

}  // namespace
}  // namespace basewise::io
