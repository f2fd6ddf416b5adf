#include "basewise/data/several_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/detail/test_support.h"
#include "basewise/data/loader.h"
#include "basewise/data/several.h"
#include "basewise/data/views.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::equal;
using testing_support::make_file;
using testing_support::random_letters;

// A table of n sequences of 21 bases with two columns of labels.
std::string table(const std::string& name, int n, const std::string& header) {
  std::string text = "sequence\t" + header + "\n";
  for (int i = 0; i < n; ++i)
    text += random_letters(21, static_cast<std::uint64_t>(n + i)) + format("\t{}\t{}\n", i % 2, i % 3 ? "1" : "NA");
  return make_file("several", name, text, testing::TempDir()).string();
}

std::string two_tables(const std::string& second = "target = \"mouse\"\n") {
  return format("kind = \"several\"\n[[sets]]\nname = \"man\"\ntarget = \"human\"\nkind = \"table\"\ntable.file = \"{}\"\n"
                "split.test_fraction = 0.2\naugment.reverse_complement = 0.5\n[[sets]]\nkind = \"table\"\ntable.file = \"{}\"\n{}",
                table("human.tsv", 50, "a\tb"), table("mouse.tsv", 30, "c\td"), second);
}

DataSplits build(const std::string& toml) {
  DataOptions options;
  read_toml(described(options), toml, "recipe.toml");
  return build_data(options, 3);
}

TEST(SeveralData, SetsOfAllKindsInTurn) {
  const DataSplits splits = build(two_tables());
  EXPECT_THAT(splits.train->set_sizes(), ElementsAre(35, 24));
  EXPECT_THAT(splits.test->set_sizes(), ElementsAre(10, 3));
  EXPECT_THAT(splits.schema().names(Role::target), ElementsAre("human", "mouse"));
  EXPECT_THAT(splits.schema().at("mouse").channels, ElementsAre("c", "d"));
  EXPECT_EQ(splits.schema().of("human", Role::mask)->name, "human.mask");
  EXPECT_THAT(splits.schema().at("mouse").sets, ElementsAre(1));
  EXPECT_EQ(splits.inputs.size(), 2U);
  Loader rows(splits.train, {.batch_size = 4, .workers = 0, .seed = 5});
  ASSERT_TRUE(splits.train->writes_rows());
  for (std::int64_t k = 0; k < rows.batches(); ++k) {
    const Bundle batch = rows.batch(0, k);
    const bool second = batch.at("set")[0].item<std::int64_t>() == 1;
    EXPECT_EQ(batch.contains("mouse.mask"), second);
    EXPECT_EQ(batch.contains("human"), !second);
  }
}

TEST(SeveralData, EachSetIsTheOneThatItWouldBeAlone) {
  const DataSplits splits = build(two_tables());
  DataOptions alone;
  read_toml(described(alone), format("kind = \"table\"\ntable.file = \"{}\"\n", table("mouse.tsv", 30, "c\td")), "recipe.toml");
  const DataSplits mouse = build_data(alone, 3);
  const std::vector<DatasetPtr> sets = sets_of(splits.train);
  ASSERT_EQ(sets.size(), 2U);
  ASSERT_EQ(sets[1]->size(), mouse.train->size());
  EXPECT_THAT(sets[1]->schema().names(), ElementsAre("sequence", "mouse", "mouse.mask", "set"));
  for (std::int64_t i = 0; i < mouse.train->size(); ++i) {
    const Bundle found = sets[1]->get(i, Stream(9)), expected = mouse.train->get(i, Stream(9));
    EXPECT_NO_THROW(check_example(sets[1]->schema(), found));
    EXPECT_TRUE(at::equal(found.at("sequence"), expected.at("sequence")));
    EXPECT_TRUE(at::equal(found.at("mouse"), expected.at("labels")));
    EXPECT_TRUE(at::equal(found.at("mouse.mask"), expected.at("labels.mask")));
    EXPECT_EQ(sets[1]->positive(i), mouse.train->positive(i));
  }
  const LoaderOptions all{.batch_size = 24, .shuffle = false, .workers = 0};
  EXPECT_TRUE(at::equal(Loader(sets[1], all).batch(0, 0).at("mouse"), Loader(mouse.train, all).batch(0, 0).at("labels")));
  EXPECT_EQ(sets_of(mouse.train), std::vector<DatasetPtr>{mouse.train});
}

TEST(SeveralData, ErrorsNameTheSet) {
  EXPECT_THAT(error_text([] { build("kind = \"several\"\n"); }), HasSubstr("needs [[data.sets]], one for each data set"));
  EXPECT_THAT(error_text([] { build("kind = \"several\"\n[[sets]]\nkind = \"several\"\n"); }), HasSubstr("kind"));
  EXPECT_THAT(error_text([] { build(two_tables("table.sequence = \"dna\"\n")); }), HasSubstr("sets.1"));
  EXPECT_THAT(error_text([] { build(two_tables("target = \"human\"\n")); }), HasSubstr("data sets 0 and 1 differ in 'human'"));
  EXPECT_THAT(error_text([] { build(two_tables("encoding = \"tokens\"\ntarget = \"mouse\"\n")); }),
              HasSubstr("data sets 0 and 1 differ in 'sequence'"));
}

TEST(SeveralData, KeysThatBelongToTheSetsAreRefusedBesideThem) {
  for (const std::string key : {"split.test_fraction = 0.3", "negatives.kind = \"shuffled\"", "augment.reverse_complement = 0.5",
                                "encoding = \"tokens\"", "check_duplicates = false", "table.sequence = \"dna\""}) {
    const std::string text = error_text([&] { build(key + "\n" + two_tables()); });
    EXPECT_THAT(text, HasSubstr(key.substr(0, key.find(' ')) + " means nothing with kind = \"several\"")) << key;
  }
  EXPECT_NO_THROW(build("seed = 4\n" + two_tables()));
}

TEST(SeveralData, KeysOfAnotherKindAreRefused) {
  const std::string file = format("table.file = \"{}\"\n", table("human.tsv", 50, "a\tb"));
  EXPECT_THAT(error_text([&] { build(file); }),
              HasSubstr("table.file means nothing with kind = \"simulation\"; kind = \"table\" uses it"));
  EXPECT_THAT(error_text([&] { build("kind = \"table\"\ngenome.window = 7\n" + file); }),
              HasSubstr("genome.window means nothing with kind = \"table\"; kind = \"genome\" or \"profile\" uses it"));
  EXPECT_THAT(error_text([&] { build("kind = \"several\"\n[[sets]]\nname = \"a\"\n" + file); }),
              HasSubstr("sets.0.table.file means nothing with sets.0.kind = \"simulation\""));
}

TEST(Renamed, OneFieldAndItsMask) {
  const DataSplits splits = build(two_tables());
  EXPECT_THAT(error_text([&] { renamed(splits.train, "profile", "x"); }), HasSubstr("profile"));
  EXPECT_THAT(error_text([&] { renamed(splits.train, "human", "mouse"); }), HasSubstr("mouse"));
}

}  // namespace
}  // namespace basewise::data
