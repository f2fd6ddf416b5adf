#include "basewise/data/augment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/detail/row_dataset.h"
#include "basewise/data/detail/shift.h"
#include "basewise/data/detail/test_support.h"
#include "basewise/data/loader.h"
#include "basewise/data/several.h"
#include "basewise/data/strands.h"
#include "basewise/data/views.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::equal;

constexpr std::int64_t kLength = 11, kBins = 3, kTargets = 5;

// Letters and values that say where they stand; targets 0 and 2 are the two strands of one track.
class Numbered : public detail::RowDataset {
 public:
  explicit Numbered(bool tokens) : tokens_(tokens) {}
  std::int64_t size() const override { return 13; }
  void write(std::int64_t i, Stream, const ExampleRow& row) const override {
    for (std::int64_t p = 0; p < kLength; ++p) {
      const auto letter = static_cast<std::uint8_t>((i + p * p) % 4);
      if (tokens_) row.data<std::uint8_t>("sequence")[p] = letter;
      for (std::int64_t c = 0; !tokens_ && c < 4; ++c) row.data<float>("sequence")[c * kLength + p] = c == letter ? 1.0F : 0.0F;
    }
    for (std::int64_t k = 0; k < kTargets * kBins; ++k) {
      row.data<float>("signal")[k] = static_cast<float>(100 * i + k);
      row.data<bool>("signal.mask")[k] = (i + k) % 7 != 0;
    }
  }
  std::string summary() const override { return "numbered"; }

 protected:
  Schema make_schema() const override {
    Schema schema;
    schema.add(detail::sequence_field(kLength, tokens_));
    schema.add({.name = "signal",
                .shape = {kTargets, kBins},
                .rule = StrandRule::mirrored,
                .role = Role::target,
                .bin = 2,
                .partners = {2, 1, 0, 3, 4}});
    schema.add_mask("signal");
    return schema;
  }

 private:
  bool tokens_;
};

DatasetPtr numbered(bool tokens = false) { return std::make_shared<Numbered>(tokens); }

Bundle batch_of(const DatasetPtr& set, std::int64_t epoch, std::int64_t index, std::int64_t workers = 0, std::uint64_t seed = 5) {
  return Loader(set, {.batch_size = 4, .shuffle = false, .workers = workers, .seed = seed}).batch(epoch, index);
}

// x moved by `shift`, as the definition says it.
at::Tensor moved(const at::Tensor& x, std::int64_t shift, double fill) {
  at::Tensor to = at::full_like(x, fill);
  for (std::int64_t p = 0; p < x.size(-1); ++p)
    if (const std::int64_t at = p + shift; at >= 0 && at < x.size(-1)) to.select(-1, at).copy_(x.select(-1, p));
  return to;
}

TEST(Partners, ChannelsGoToThePlacesOfTheirPartners) {
  const Bundle example = numbered()->get(1, Stream(0));
  const Bundle turned = reverse_complement(example, *numbered());
  const at::Tensor expected = example.at("signal").flip({1}).index_select(0, at::tensor({2, 1, 0, 3, 4}, at::kLong));
  EXPECT_TRUE(at::equal(turned.at("signal"), expected));
  EXPECT_TRUE(
      at::equal(turned.at("signal.mask"), example.at("signal.mask").flip({1}).index_select(0, at::tensor({2, 1, 0, 3, 4}, at::kLong))));
  EXPECT_TRUE(equal(reverse_complement(turned, *numbered()), example));
  // Batches and rows of batches move alike.
  Bundle batch;
  for (const auto& [name, tensor] : example) batch.set(name, tensor.unsqueeze(0));
  EXPECT_TRUE(at::equal(other_strand(batch, *numbered()).at("signal")[0], expected));
  EXPECT_TRUE(at::equal(batch_of(augmented(numbered(), {.reverse_complement = 1}), 0, 0).at("signal")[1], expected));
}

TEST(Partners, AreEachOthersAndKeptInTheSchema) {
  const DatasetPtr set = numbered();
  const Schema& schema = set->schema();
  EXPECT_EQ(schema_from_json(to_json(schema)), schema);
  EXPECT_THAT(schema.at("signal.mask").partners, ElementsAre(2, 1, 0, 3, 4));
  const auto error = [](Field field) { return error_text<ArgumentError>([&] { return Schema({field}).size(); }); };
  EXPECT_THAT(error({.name = "x", .shape = {3, 7}, .rule = StrandRule::mirrored, .partners = {1, 2, 0}}),
              HasSubstr("channel 0 of 'x' has the partner 1, which does not have it as its own"));
  EXPECT_THAT(error({.name = "x", .shape = {2, 7}, .rule = StrandRule::mirrored, .partners = {1, 0, 2}}),
              HasSubstr("cannot have 3 channels"));
  EXPECT_THAT(error({.name = "x", .shape = {2, 7}, .rule = StrandRule::paired, .partners = {1, 0}}), HasSubstr("paired"));
}

TEST(Shift, FillsWithNothing) {
  for (const bool tokens : {false, true})
    for (const std::int64_t shift : {3, -2, 0, 10, -10}) {
      const at::Tensor x = numbered(tokens)->get(2, Stream(0)).at("sequence");
      at::Tensor y = x.clone();
      detail::shift_sequence({"sequence", y.scalar_type(), y.sizes(), y.nbytes(), y.data_ptr()}, shift);
      EXPECT_TRUE(at::equal(y, moved(x, shift, tokens ? 4 : 0))) << tokens << shift;
    }
}

TEST(Shift, OfEachSequenceLeavesTargets) {
  for (const bool tokens : {false, true}) {
    const DatasetPtr set = augmented(numbered(tokens), {.shift = 3});
    std::set<std::int64_t> seen;
    for (std::int64_t epoch = 0; epoch < 6; ++epoch)
      for (std::int64_t index = 0; index < 3; ++index) {
        const Bundle batch = batch_of(set, epoch, index), plain = batch_of(numbered(tokens), epoch, index);
        EXPECT_TRUE(at::equal(batch.at("signal"), plain.at("signal")));
        for (std::int64_t n = 0; n < 4; ++n)
          for (std::int64_t shift = -3; shift <= 3; ++shift)
            if (at::equal(batch.at("sequence")[n], moved(plain.at("sequence")[n], shift, tokens ? 4 : 0))) seen.insert(shift);
      }
    EXPECT_EQ(seen.size(), 7U);
  }
}

TEST(Augment, PerSequenceIsTheSameForAnyWorkersAndByGet) {
  const DatasetPtr set = augmented(numbered(), {.reverse_complement = 0.5, .shift = 2});
  EXPECT_TRUE(equal(batch_of(set, 1, 2, 0), batch_of(set, 1, 2, 3)));
  EXPECT_FALSE(at::equal(batch_of(set, 1, 2).at("sequence"), batch_of(set, 2, 2).at("sequence")));
  EXPECT_FALSE(at::equal(batch_of(set, 1, 2).at("sequence"), batch_of(set, 1, 2, 0, 6).at("sequence")));
  Bundle row = blank_example(set->schema());
  set->write(3, Stream(1, 2), ExampleRow(row));
  EXPECT_TRUE(equal(set->get(3, Stream(1, 2)), row));
}

TEST(Augment, PerBatchTurnsAndMovesAllAlike) {
  const DatasetPtr set = augmented(numbered(), {.reverse_complement = 0.5, .per = AugmentPer::batch, .shift = 3});
  std::set<std::pair<bool, std::int64_t>> seen;
  for (std::int64_t epoch = 0; epoch < 40; ++epoch) {
    const Bundle plain = batch_of(numbered(), epoch, 1), batch = batch_of(set, epoch, 1);
    EXPECT_TRUE(equal(batch, batch_of(set, epoch, 1, 2)));
    int found = 0;
    for (const bool turned : {false, true})
      for (std::int64_t shift = -3; shift <= 3; ++shift) {
        const Bundle from = turned ? other_strand(plain, *numbered()) : plain;
        if (!at::equal(batch.at("sequence"), moved(from.at("sequence"), shift, 0))) continue;
        EXPECT_TRUE(at::equal(batch.at("signal"), from.at("signal")));
        EXPECT_TRUE(at::equal(batch.at("signal.mask"), from.at("signal.mask")));
        seen.emplace(turned, shift);
        ++found;
      }
    EXPECT_EQ(found, 1);
  }
  EXPECT_GT(seen.size(), 9U);
}

TEST(Augment, PerBatchThroughOtherViewsAndSeveralSets) {
  const AugmentOptions all{.reverse_complement = 1, .per = AugmentPer::batch};
  const DatasetPtr set = several({renamed(augmented(numbered(), all), "signal", "human"), numbered()});
  EXPECT_TRUE(set->finishes_batches());
  Bundle batch = Loader(set, {.batch_size = 4, .shuffle = false, .workers = 0}).batch(0, 0);
  const bool first = batch.at("set")[0].item<std::int64_t>() == 0;
  const Bundle plain = batch_of(numbered(), 0, 0);
  ASSERT_TRUE(first);
  EXPECT_TRUE(at::equal(batch.at("human"), other_strand(plain, *numbered()).at("signal")));
  EXPECT_TRUE(at::equal(batch.at("human.mask"), other_strand(plain, *numbered()).at("signal.mask")));
  EXPECT_TRUE(at::equal(batch.at("set"), at::zeros({4}, at::kLong)));
  EXPECT_THAT(error_text<ArgumentError>([&] { return concatenate({augmented(numbered(), all), numbered()}); }),
              HasSubstr("sets that change whole batches cannot follow each other"));
}

TEST(Augment, PerEpochInTurn) {
  const DatasetPtr set = augmented(numbered(), {.reverse_complement = 0.1, .per = AugmentPer::epoch, .shifts = {1, 0, -2}});
  for (std::int64_t epoch = 0; epoch < 7; ++epoch) {
    const Bundle plain = batch_of(numbered(), epoch, 0);
    const Bundle from = epoch % 2 == 1 ? other_strand(plain, *numbered()) : plain;
    const std::int64_t shift = std::array<std::int64_t, 3>{1, 0, -2}[static_cast<std::size_t>(epoch % 3)];
    const Bundle batch = batch_of(set, epoch, 0);
    EXPECT_TRUE(at::equal(batch.at("sequence"), moved(from.at("sequence"), shift, 0))) << epoch;
    EXPECT_TRUE(at::equal(batch.at("signal"), from.at("signal"))) << epoch;
    const DatasetPtr now = set->at_epoch(Stream(9), epoch);
    EXPECT_TRUE(at::equal(now->get(2, Stream(4)).at("sequence"), batch.at("sequence")[2]));
  }
}

TEST(Augment, NothingAskedForIsTheSetItself) {
  const DatasetPtr set = numbered();
  for (const AugmentPer per : {AugmentPer::sequence, AugmentPer::batch, AugmentPer::epoch}) EXPECT_EQ(augmented(set, {.per = per}), set);
}

TEST(Augment, Errors) {
  EXPECT_THAT(error_text<ArgumentError>([] { return augmented(numbered(), {.shift = 11}); }),
              HasSubstr("a shift of 11 bases leaves nothing of a sequence of 11"));
  EXPECT_THAT(error_text<ArgumentError>([] { return augmented(numbered(), {.per = AugmentPer::epoch, .shifts = {-11}}); }),
              HasSubstr("a shift of 11 bases"));
}

}  // namespace
}  // namespace basewise::data
