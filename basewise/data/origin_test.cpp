// Names and places of examples, through every view.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/examples.h"
#include "basewise/data/sequence_source.h"
#include "basewise/data/sequences.h"
#include "basewise/data/several.h"
#include "basewise/data/shuffled_negatives.h"
#include "basewise/data/views.h"

namespace basewise::data {
namespace {

DatasetPtr named_letters(const std::string& prefix, std::int64_t count) {
  auto data = std::make_shared<SequenceData>();
  data->length = 6;
  data->label_names = {"y"};
  for (std::int64_t i = 0; i < count; ++i) {
    data->names.push_back(prefix + std::to_string(i));
    data->tokens.insert(data->tokens.end(), {0, 1, 2, 3, 0, 1});
    data->labels.push_back(1);
  }
  return sequence_dataset(SequenceDataPtr(std::move(data)));
}

std::vector<std::string> origin_names(const DatasetPtr& set) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < set->size(); ++i) names.push_back(set->origin(i).name);
  return names;
}

TEST(Origin, ViewsPassNamesOn) {
  const DatasetPtr a = named_letters("a", 3), b = named_letters("b", 2);
  EXPECT_THAT(origin_names(subset(a, {2, 0})), testing::ElementsAre("a2", "a0"));
  EXPECT_THAT(origin_names(concatenate({a, b})), testing::ElementsAre("a0", "a1", "a2", "b0", "b1"));
  EXPECT_THAT(origin_names(reverse_complement(b)), testing::ElementsAre("b0", "b1"));
  EXPECT_THAT(origin_names(jitter(b, 1)), testing::ElementsAre("b0", "b1"));
  EXPECT_THAT(origin_names(renamed(b, "labels", "z")), testing::ElementsAre("b0", "b1"));
  const auto sets = sets_of(several({a, b}));
  ASSERT_EQ(sets.size(), 2u);
  EXPECT_THAT(origin_names(sets[1]), testing::ElementsAre("b0", "b1"));
}

TEST(Origin, ShuffledNegativesAreMadeUpAndNamedByWhatTheyAreMadeOf) {
  const DatasetPtr set = with_shuffled_negatives(named_letters("a", 2), "labels", 2, 7);
  EXPECT_THAT(origin_names(set), testing::ElementsAre("a0", "a1", "a0_shuffled_1", "a1_shuffled_1", "a0_shuffled_2", "a1_shuffled_2"));
  EXPECT_FALSE(set->origin(1).made_up);
  EXPECT_TRUE(set->origin(2).made_up);
}

TEST(Origin, WindowsOfAGenomeSayWhereTheyLie) {
  seq::Genome letters("g.fa");
  letters.add("first", std::vector<seq::Token>(50, 0));
  letters.add("second", std::vector<seq::Token>(60, 1));
  const auto genome = std::make_shared<const seq::Genome>(std::move(letters));
  const auto windows = corpus::windows_around({{.chrom = 1, .centre = 20, .strand = seq::Strand::reverse}, {.chrom = 0, .centre = 2}},
                                              genome->sizes(), {.length = 10});
  const DatasetPtr set = examples(windows, {sequence_of(genome, {.before = 4, .after = 4})});
  const Origin turned = set->origin(0), early = set->origin(1);
  EXPECT_EQ(turned.name, "second:15-25(-)");
  EXPECT_EQ(turned.chromosome, "second");
  EXPECT_EQ(turned.start, 15);
  EXPECT_EQ(turned.end, 25);
  EXPECT_TRUE(turned.reverse);
  EXPECT_EQ(early.start, -3);  // it leaves its chromosome
  const DatasetPtr tiles = examples(corpus::tiles_of({{"second", 10, 30}}, genome->sizes(), {.length = 10}), {sequence_of(genome)});
  EXPECT_EQ(tiles->origin(1).name, "second:20-30(+)");
}

}  // namespace
}  // namespace basewise::data
