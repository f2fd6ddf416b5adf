#include "basewise/interpret/references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/interpret/detail/test_networks.h"
#include "tests/support/error_text.h"

namespace basewise::interpret {
namespace {

using testing::HasSubstr;

/// (N, 16): how often each pair of letters stands side by side.
at::Tensor pairs(const at::Tensor& x) {
  const std::int64_t length = x.size(-1);
  return at::einsum("...al,...bl->...ab", {x.slice(-1, 0, length - 1), x.slice(-1, 1)});
}

TEST(References, KeepWhatTheySay) {
  const at::Tensor x = detail::random_sequences(3, 50);
  const at::Tensor shuffled = references_of(x, {ReferenceKind::dinucleotide, 4, 2});
  ASSERT_EQ(shuffled.sizes(), (std::vector<std::int64_t>{3, 4, 4, 50}));
  EXPECT_TRUE(at::equal(pairs(shuffled), pairs(x).unsqueeze(1).expand({3, 4, 4, 4})));
  EXPECT_FALSE(at::equal(shuffled[0][0], shuffled[0][1]));
  const at::Tensor permuted = references_of(x, {ReferenceKind::permuted, 2, 2});
  EXPECT_TRUE(at::equal(permuted.sum(3), x.sum(2).unsqueeze(1).expand({3, 2, 4})));
  EXPECT_FALSE(at::equal(pairs(permuted), pairs(x).unsqueeze(1).expand({3, 2, 4, 4})));
  EXPECT_TRUE(at::equal(references_of(x, {ReferenceKind::uniform, 9, 2}), at::full({1, 1, 4, 50}, 0.25)));
  EXPECT_TRUE(at::equal(references_of(x, {ReferenceKind::zeros, 9, 2}), at::zeros({1, 1, 4, 50})));
}

TEST(References, BelongToTheExampleAlone) {
  const at::Tensor x = detail::random_sequences(5, 40);
  for (const ReferenceKind kind : {ReferenceKind::dinucleotide, ReferenceKind::permuted}) {
    const at::Tensor all = references_of(x, {kind, 6, 3}, 10);
    EXPECT_TRUE(at::equal(references_of(x.slice(0, 2, 4), {kind, 6, 3}, 12), all.slice(0, 2, 4)));
    EXPECT_TRUE(at::equal(references_of(*tokens_of(x), {kind, 6, 3}, 10), all));
    EXPECT_TRUE(at::equal(references_of(x, {kind, 2, 3}, 10), all.slice(1, 0, 2)));
    EXPECT_FALSE(at::equal(references_of(x, {kind, 6, 4}, 10), all));
  }
}

TEST(References, RefuseWhatCannotBeShuffled) {
  const at::Tensor blend = at::full({1, 4, 9}, 0.25);
  EXPECT_THAT(error_text([&] { references_of(blend, {}); }), HasSubstr("neither one letter nor empty cannot be shuffled"));
  EXPECT_THAT(error_text([&] { references_of(detail::random_sequences(1, 9), {ReferenceKind::permuted, 0, 1}); }),
              HasSubstr("at least one is needed"));
  EXPECT_THAT(error_text([&] { references_of(at::zeros({2, 3, 9}), {}); }), HasSubstr("not of (2, 3, 9)"));
  EXPECT_THAT(error_text([&] { references_of(detail::random_sequences(1, 9), {ReferenceKind::given, 1, 1}); }), HasSubstr("handed over"));
}

}  // namespace
}  // namespace basewise::interpret
