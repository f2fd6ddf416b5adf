#include "basewise/tensor/tokens.h"

#include <gtest/gtest.h>

#include <cmath>

namespace basewise {
namespace {

const at::Tensor kTokens = at::tensor({0, 1, 2, 3, 4, 0, 0, 3, 2, 4, 1, 1, 3, 0}, at::kByte).view({2, 7});

TEST(Tokens, AreBytesWithTwoAxes) {
  EXPECT_TRUE(is_tokens(kTokens));
  EXPECT_FALSE(is_tokens(kTokens.to(at::kFloat)));
  EXPECT_FALSE(is_tokens(kTokens.unsqueeze(1)));
  EXPECT_FALSE(is_tokens(at::Tensor()));
}

TEST(Tokens, BecomeOneHotRowsWithZerosForN) {
  const at::Tensor rows = one_hot_of(kTokens);
  ASSERT_EQ(rows.sizes(), (std::vector<std::int64_t>{2, 4, 7}));
  for (std::int64_t n = 0; n < 2; ++n)
    for (std::int64_t c = 0; c < 4; ++c)
      for (std::int64_t l = 0; l < 7; ++l) EXPECT_EQ(rows[n][c][l].item<float>(), kTokens[n][l].item<int>() == c ? 1.0f : 0.0f);
  EXPECT_EQ(one_hot_of(kTokens, at::kDouble).scalar_type(), at::kDouble);
}

TEST(Tokens, AreReadFromOneHotRowsInAnyOrderOfMemoryAndFromNothingElse) {
  const at::Tensor rows = one_hot_of(kTokens);
  for (const at::Tensor& x : {rows, rows.contiguous(), rows.flip({0}), rows.slice(2, 1, 6)}) {
    const auto tokens = tokens_of(x);
    ASSERT_TRUE(tokens);
    EXPECT_TRUE(at::equal(one_hot_of(*tokens), x));
  }
  for (const double value : {0.5, -1.0, 2.0, std::nan("")}) {
    at::Tensor soft = rows.clone();
    soft[1][2][3] = value;
    EXPECT_FALSE(tokens_of(soft)) << value;
  }
  at::Tensor two = rows.clone();
  two[0][1][0] = 1;
  EXPECT_FALSE(tokens_of(two));
  EXPECT_FALSE(tokens_of(rows.to(at::kDouble)));
  EXPECT_FALSE(tokens_of(rows.slice(1, 0, 3)));
}

TEST(Tokens, TheOtherStrandIsThatOfTheOneHotRows) {
  const at::Tensor turned = reverse_complement_tokens(kTokens);
  EXPECT_EQ(turned.scalar_type(), at::kByte);
  EXPECT_TRUE(at::equal(one_hot_of(turned), one_hot_of(kTokens).flip({1, 2})));
  EXPECT_TRUE(at::equal(reverse_complement_tokens(turned), kTokens));
}

}  // namespace
}  // namespace basewise
