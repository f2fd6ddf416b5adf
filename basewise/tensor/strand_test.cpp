#include "basewise/tensor/strand.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/tensor/tokens.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

using testing::HasSubstr;

TEST(Strand, TracksRunTheOtherWay) {
  const at::Tensor track = random_normal({3, 5, 7}, Stream(1));
  const at::Tensor turned = other_strand(track, StrandRule::mirrored);
  for (std::int64_t l = 0; l < 7; ++l) EXPECT_TRUE(at::equal(turned.select(2, l), track.select(2, 6 - l)));
  EXPECT_TRUE(at::equal(other_strand(track.select(1, 0), StrandRule::mirrored), turned.select(1, 0)));
}

TEST(Strand, PairsSwapWithAndWithoutPositions) {
  const at::Tensor profile = random_normal({3, 6, 5}, Stream(2));
  const at::Tensor turned = other_strand(profile, StrandRule::paired);
  const at::Tensor counts = other_strand(profile.select(2, 0), StrandRule::paired);
  for (std::int64_t c = 0; c < 6; ++c) {
    const std::int64_t partner = c % 2 == 0 ? c + 1 : c - 1;
    EXPECT_TRUE(at::equal(turned.select(1, c), profile.select(1, partner).flip({1})));
    EXPECT_TRUE(at::equal(counts.select(1, c), profile.select(2, 0).select(1, partner)));
  }
  const at::Tensor two = profile.narrow(1, 0, 2);
  EXPECT_TRUE(at::equal(other_strand(two, StrandRule::paired), turned.narrow(1, 0, 2)));
}

TEST(Strand, OneHotRowsAndTokensAreReverseComplemented) {
  const at::Tensor tokens = at::tensor({0, 1, 2, 3, 4, 0, 0, 3, 2, 4, 1, 1, 3, 0}, at::kByte).view({2, 7});
  const at::Tensor turned = other_strand(tokens, StrandRule::tokens);
  EXPECT_TRUE(at::equal(turned[0], at::tensor({3, 3, 4, 0, 1, 2, 3}, at::kByte)));
  EXPECT_TRUE(at::equal(other_strand(tokens, StrandRule::complemented), turned));
  EXPECT_TRUE(at::equal(other_strand(one_hot_of(tokens), StrandRule::complemented), one_hot_of(turned)));
  const at::Tensor pooled = random_normal({3, 5}, Stream(3));
  for (std::int64_t c = 0; c < 5; ++c)
    EXPECT_TRUE(at::equal(other_strand(pooled, StrandRule::complemented).select(1, c), pooled.select(1, 4 - c)));
}

TEST(Strand, TwiceIsOnceNothing) {
  const at::Tensor x = random_normal({3, 4, 9}, Stream(4));
  for (const auto rule : {StrandRule::unchanged, StrandRule::mirrored, StrandRule::paired, StrandRule::complemented})
    EXPECT_TRUE(at::equal(other_strand(other_strand(x, rule), rule), x)) << to_word(rule);
  const at::Tensor labels = random_normal({3}, Stream(5));
  EXPECT_TRUE(other_strand(labels, StrandRule::unchanged).is_same(labels));
}

TEST(Strand, ErrorsNameTensorAndShape) {
  EXPECT_THAT(error_text([] {
                other_strand(at::zeros({2, 3, 7}), StrandRule::paired, "profile");
              }),
              HasSubstr("tensor 'profile' of shape (2, 3, 7) has 3 channels; strands come in pairs, so the number must be even"));
  EXPECT_THAT(error_text([] { other_strand(at::zeros({2}), StrandRule::mirrored, "track"); }),
              HasSubstr("tensor 'track' of shape (2) cannot be mirrored: expected a batch axis"));
  EXPECT_THAT(error_text([] {
                other_strand(at::zeros({2, 7}), StrandRule::tokens, "sequence");
              }),
              HasSubstr("holds float32: tokens are unsigned bytes (N, length)"));
  EXPECT_THAT(error_text([] { parse_choice<StrandRule>("swapped", "strands"); }),
              HasSubstr("strands is \"swapped\"; it must be one of unchanged, mirrored, paired, complemented, tokens"));
}

}  // namespace
}  // namespace basewise
