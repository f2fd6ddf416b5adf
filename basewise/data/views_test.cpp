#include "basewise/data/views.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "basewise/data/detail/strand.h"
#include "basewise/data/detail/test_support.h"
#include "basewise/data/shuffled_negatives.h"
#include "basewise/data/loader.h"
#include "basewise/seq/reverse_complement.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using testing::HasSubstr;
using testing_support::equal;
using testing_support::letters_of;
using testing_support::Numbers;
using testing_support::random_letters;

// Sequences of 37 bases with a stranded profile of 2 pairs, an unstranded track with a mask and 5
// labels.
class Profiles : public Dataset {
 public:
  std::int64_t size() const override { return 6; }
  Bundle get(std::int64_t i, Stream) const override {
    const auto tokens = seq::encode(random_letters(37, static_cast<std::uint64_t>(i)));
    at::Tensor sequence = at::empty({4, 37}, at::kFloat);
    seq::one_hot(tokens, std::span(sequence.data_ptr<float>(), 148));
    const at::Tensor profile = at::arange(4 * 37, at::kFloat).view({4, 37}) + static_cast<double>(i);
    return {{"sequence", sequence},
            {"profile", profile},
            {"profile.mask", profile.gt(40)},
            {"track", profile.select(0, 1).clone()},
            {"labels", at::arange(5, at::kFloat)}};
  }
  std::string summary() const override { return "profiles"; }
  Schema make_schema() const override {
    Schema schema = Dataset::make_schema();
    schema.set_strand_rule("profile", StrandRule::paired);
    schema.set_strand_rule("track", StrandRule::mirrored);
    return schema;
  }
};

DatasetPtr profiles() { return std::make_shared<Profiles>(); }

TEST(ReverseComplement, TwiceIsIdentity) {
  const auto set = profiles();
  const Bundle example = set->get(2, Stream(0));
  const Bundle once = reverse_complement(example, *set);
  EXPECT_FALSE(equal(once, example));
  EXPECT_TRUE(equal(reverse_complement(once, *set), example));
}

TEST(ReverseComplement, EveryTensorMovesByItsRule) {
  const auto set = profiles();
  const Bundle a = set->get(2, Stream(0));
  const Bundle b = reverse_complement(a, *set);
  EXPECT_EQ(letters_of(b.at("sequence")), seq::reverse_complement(letters_of(a.at("sequence"))));
  for (std::int64_t c = 0; c < 4; ++c) {
    const std::int64_t partner = std::map<std::int64_t, std::int64_t>{{0, 1}, {1, 0}, {2, 3}, {3, 2}}[c];
    EXPECT_TRUE(at::equal(b.at("profile")[c], a.at("profile")[partner].flip(0)));
    EXPECT_TRUE(at::equal(b.at("profile.mask")[c], a.at("profile.mask")[partner].flip(0)));
  }
  EXPECT_TRUE(at::equal(b.at("track"), a.at("track").flip(0)));
  EXPECT_TRUE(at::equal(b.at("labels"), a.at("labels")));
}

TEST(ReverseComplement, HappensAsOftenAsAskedAndAsTheStreamSays) {
  const auto set = reverse_complement(profiles(), 0.25);
  const auto original = profiles();
  int turned = 0;
  for (std::uint64_t k = 0; k < 400; ++k) {
    const Bundle example = set->get(1, Stream(5, k));
    EXPECT_TRUE(equal(example, set->get(1, Stream(5, k))));
    turned += !equal(example, original->get(1, Stream(5, k)));
  }
  EXPECT_NEAR(turned, 100, 35);
  EXPECT_THAT(error_text([] { reverse_complement(profiles(), 1.5); }), HasSubstr("is 1.5; it must lie in 0 to 1"));
}

TEST(ReverseComplement, RefusesShapesThatHaveNoStrands) {
  EXPECT_THAT(error_text([] {
                detail::reversed(at::zeros({3, 7}), StrandRule::paired, "profile");
              }),
              HasSubstr("'profile' has 3 channels; strands come in pairs"));
  EXPECT_THAT(error_text([] { detail::reversed(at::zeros({}), StrandRule::complemented, "x"); }),
              HasSubstr("'x' has 0 axes; to be reverse-complemented it needs at least 1"));
  EXPECT_THAT(error_text([] { detail::reversed(at::zeros({5}), StrandRule::paired, "counts"); }), HasSubstr("'counts' has 5 channels"));
}

TEST(ReverseComplement, MovesAnExampleAsItMovesABatch) {
  const at::Tensor counts = at::arange(6, at::kFloat), profile = at::arange(42, at::kFloat).view({6, 7});
  for (const auto rule : {StrandRule::unchanged, StrandRule::mirrored, StrandRule::paired, StrandRule::complemented})
    for (const auto& x : {counts, profile})
      EXPECT_TRUE(at::equal(detail::reversed(x, rule, "x"), other_strand(x.unsqueeze(0), rule).squeeze(0))) << to_word(rule) << x.sizes();
}

TEST(ReverseComplement, AgreesWithFlipForAnyShape) {
  EXPECT_TRUE(rc::check([] {
    const auto n = *rc::gen::inRange<std::int64_t>(1, 4);
    const auto pairs = *rc::gen::inRange<std::int64_t>(1, 4);
    const auto length = *rc::gen::inRange<std::int64_t>(1, 9);
    const at::Tensor x = at::arange(n * 2 * pairs * length, at::kLong).view({n, 2 * pairs, length});
    const at::Tensor expected = x.view({n, pairs, 2, length}).flip({2, 3}).reshape({n, 2 * pairs, length});
    RC_ASSERT(at::equal(detail::reversed(x, StrandRule::paired, "x"), expected));
    RC_ASSERT(at::equal(detail::reversed(x.transpose(1, 2), StrandRule::mirrored, "x"), x.transpose(1, 2).flip(2)));
    RC_ASSERT(at::equal(detail::reversed(x, StrandRule::complemented, "x"), x.flip({1, 2})));
  }));
}

TEST(Views, SubsetAndConcatenationKeepOrder) {
  const auto both = concatenate({subset(std::make_shared<Numbers>(9), {8, 2, 2}), std::make_shared<Numbers>(4)});
  ASSERT_EQ(both->size(), 7);
  std::vector<std::int64_t> seen;
  for (std::int64_t i = 0; i < 7; ++i) seen.push_back(both->get(i, Stream(0)).at("position").item<std::int64_t>());
  EXPECT_EQ(seen, (std::vector<std::int64_t>{8, 2, 2, 0, 1, 2, 3}));
  EXPECT_THAT(both->summary(), HasSubstr("3 of the 9 examples of: numbers; then numbers"));
  EXPECT_THAT(error_text([] { subset(std::make_shared<Numbers>(9), {9}); }), HasSubstr("no example 9 in a set of 9"));
  EXPECT_THAT(error_text([&] { both->get(7, Stream(0)); }), HasSubstr("no example 7 in a set of 7"));
  EXPECT_THAT(error_text([] {
                concatenate({std::make_shared<Numbers>(2), profiles()});
              }),
              HasSubstr("sets cannot follow each other: set 0 yields sequence"));
}

TEST(Views, JitterCutsEverythingAlike) {
  const auto set = jitter(profiles(), 3);
  const Bundle whole = profiles()->get(4, Stream(0));
  std::set<std::int64_t> starts;
  for (std::uint64_t k = 0; k < 60; ++k) {
    const Bundle cut = set->get(4, Stream(k));
    ASSERT_EQ(cut.at("sequence").size(1), 31);
    const auto start = static_cast<std::int64_t>(cut.at("track")[0].item<float>() - whole.at("track")[0].item<float>());
    starts.insert(start);
    for (const char* name : {"sequence", "profile", "profile.mask"})
      EXPECT_TRUE(at::equal(cut.at(name), whole.at(name).narrow(1, start, 31)));
    EXPECT_TRUE(at::equal(cut.at("labels"), whole.at("labels")));
  }
  EXPECT_EQ(starts, (std::set<std::int64_t>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(at::equal(jitter(profiles(), 3, false)->get(4, Stream(1)).at("track"), whole.at("track").narrow(0, 3, 31)));
  EXPECT_THAT(error_text([] { jitter(profiles(), 19)->get(0, Stream(0)); }),
              HasSubstr("a jitter of 19 positions cuts 38 of a sequence of 37"));
}

TEST(Views, ShuffledNegativesKeepNeighboursAndAreLabelledZero) {
  const auto set = with_shuffled_negatives(profiles(), "labels", 2);
  ASSERT_EQ(set->size(), 18);
  const auto pairs = [](const std::string& s) {
    std::map<std::string, int> counts;
    for (std::size_t i = 0; i + 1 < s.size(); ++i) ++counts[s.substr(i, 2)];
    return counts;
  };
  const std::string original = letters_of(profiles()->get(4, Stream(0)).at("sequence"));
  EXPECT_EQ(letters_of(set->get(4, Stream(0)).at("sequence")), original);
  const Bundle negative = set->get(16, Stream(0));
  EXPECT_NE(letters_of(negative.at("sequence")), original);
  EXPECT_EQ(pairs(letters_of(negative.at("sequence"))), pairs(original));
  EXPECT_EQ(negative.at("labels").count_nonzero().item<std::int64_t>(), 0);
  EXPECT_FALSE(at::equal(negative.at("sequence"), set->get(16, Stream(1)).at("sequence"))) << "drawn anew";
  const auto fixed = with_shuffled_negatives(profiles(), "labels", 1, 7);
  EXPECT_TRUE(at::equal(fixed->get(9, Stream(0)).at("sequence"), fixed->get(9, Stream(1)).at("sequence")));
}

TEST(Views, EpochsReachThroughViews) {
  struct Changing : Numbers {
    using Numbers::Numbers;
    std::int64_t shift = 0;
    Bundle get(std::int64_t i, Stream) const override { return {{"position", at::scalar_tensor(i + shift, at::kLong)}}; }
    DatasetPtr at_epoch(const Stream& draw, std::int64_t /*epoch*/) const override {
      Stream stream = draw;
      auto changed = std::make_shared<Changing>(size());
      changed->shift = static_cast<std::int64_t>(stream.below(1000));
      return changed;
    }
  };
  const auto set = reverse_complement(subset(concatenate({std::make_shared<Changing>(4), std::make_shared<Changing>(3)}), {6, 0, 1}), 0.5);
  Loader loader(set, {.batch_size = 3, .shuffle = false, .workers = 0});
  const auto first = loader.batch(0, 0).at("position");
  const auto second = loader.batch(1, 0).at("position");
  EXPECT_FALSE(at::equal(first, second));
  EXPECT_EQ((first[2] - first[1]).item<std::int64_t>(), 1) << "one change for the whole set";
  EXPECT_EQ(profiles()->at_epoch(Stream(0), 0), nullptr);
}

}  // namespace
}  // namespace basewise::data
