#include "basewise/seq/token_buffer.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace basewise::seq {
namespace {

TEST(TokenBuffer, KeepsWhatWasPutInWhileItGrows) {
  TokenBuffer buffer;
  std::vector<Token> expected;
  for (std::size_t k = 0; k < 400; ++k) {
    const std::size_t count = k * k % 1009 * 37;
    const auto place = buffer.grow(count);
    ASSERT_EQ(place.size(), count);
    for (std::size_t i = 0; i < count; ++i) expected.push_back(place[i] = static_cast<Token>((i + k) % 5));
  }
  ASSERT_GT(expected.size(), std::size_t{1} << 22) << "beyond one large page";
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), buffer.tokens().begin(), buffer.tokens().end()));
  buffer.shrink();
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), buffer.tokens().begin(), buffer.tokens().end()));
}

TEST(TokenBuffer, MayBeEmpty) {
  TokenBuffer buffer;
  EXPECT_TRUE(buffer.grow(0).empty());
  buffer.shrink();
  EXPECT_EQ(buffer.size(), 0u);
}

}  // namespace
}  // namespace basewise::seq
