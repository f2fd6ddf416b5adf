// Files in lists and for each set, groups, and several targets of one table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/build.h"
#include "basewise/data/detail/test_support.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::equal;
using testing_support::letters_of;
using testing_support::random_letters;

std::string file(const std::string& name, const std::string& text) {
  return testing_support::make_file("file_sets", name, text, testing::TempDir()).string();
}

// n records name0, name1, ... of letters that the number and `seed` give.
std::string fasta(const std::string& name, std::uint64_t n, std::uint64_t seed) {
  std::string text;
  for (std::uint64_t i = 0; i < n; ++i) text += format(">{}{}\n{}\n", name, i, random_letters(25, seed + i));
  return file(name + ".fa", text);
}

DataSplits build(const std::string& toml) {
  DataOptions options;
  read_toml(described(options), toml, "recipe.toml");
  return build_data(options, 3);
}

std::vector<float> labels_of(const DatasetPtr& set) {
  std::vector<float> labels;
  for (std::int64_t i = 0; i < set->size(); ++i) labels.push_back(set->get(i, Stream(0)).at("labels").item<float>());
  return labels;
}

TEST(FileSets, FastaInEveryRole) {
  const std::string toml = format(
      "kind = \"fasta\"\nfasta.file = [\"{}\", \"{}\"]\nfasta.negatives = \"{}\"\nfasta.validation_file = \"{}\"\n"
      "fasta.validation_negatives = \"{}\"\nfasta.test_file = \"{}\"\nfasta.test_negatives = \"{}\"\n",
      fasta("a", 5, 100), fasta("b", 4, 200), fasta("n", 3, 300), fasta("vp", 2, 400), fasta("vn", 1, 500), fasta("tp", 1, 600),
      fasta("tn", 2, 700));
  const DataSplits splits = build(toml);
  EXPECT_THAT(labels_of(splits.train), ElementsAre(1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0));
  EXPECT_THAT(labels_of(splits.validation), ElementsAre(1, 1, 0));
  EXPECT_THAT(labels_of(splits.test), ElementsAre(1, 0, 0));
  EXPECT_EQ(letters_of(splits.train->get(6, Stream(0)).at("sequence")), random_letters(25, 201));
  EXPECT_EQ(letters_of(splits.test->get(2, Stream(0)).at("sequence")), random_letters(25, 701));
  EXPECT_EQ(splits.inputs.size(), 7U);
  EXPECT_THAT(splits.summary, HasSubstr("a.fa and 6 more files"));
  EXPECT_THAT(error_text([&] { build(toml + "split.validation_fraction = 0.3\n"); }),
              HasSubstr("fasta.validation_file gives the validation set, and split.validation_fraction = 0.3 asks for a share"));
}

TEST(FileSets, RolesThatDoNotFit) {
  const std::string p = fasta("p", 4, 1), n = fasta("m", 4, 50);
  const auto fails = [](const std::string& fasta) { return error_text([&] { build("kind = \"fasta\"\nfasta = {" + fasta + "}\n"); }); };
  EXPECT_THAT(fails(format("file = \"{0}\", test_negatives = \"{1}\"", p, n)), HasSubstr("'test_negatives' without 'test_file'"));
  EXPECT_THAT(fails(format("file = \"{0}\", test_file = \"{0}\", test_negatives = \"{1}\"", p, n)),
              HasSubstr("then training needs 'negatives' or 'all_positive'"));
  EXPECT_THAT(fails(format("file = \"{0}\", negatives = \"{1}\", validation_file = \"{0}\"", p, n)),
              HasSubstr("'validation_negatives' is missing"));
  EXPECT_THAT(fails(format("file = \"{0}\", targets = [{{name = \"y\", labels = [\"a\"]}}]", p)),
              HasSubstr("columns of a 'table', which is missing"));
}

TEST(FileSets, MadeUpNegativesForTrainingAndOwnOnesForTheTest) {
  const DataSplits splits =
      build(format("kind = \"fasta\"\nfasta = {{file = \"{}\", all_positive = true, test_file = \"{}\", test_negatives = \"{}\"}}\n"
                   "negatives = {{kind = \"shuffled\", sets = [\"train\", \"validation\"]}}\nsplit.validation_fraction = 0.25\n",
                   fasta("q", 8, 1), fasta("qt", 2, 50), fasta("qn", 3, 90)));
  EXPECT_EQ(splits.train->size(), 12);
  EXPECT_EQ(splits.validation->size(), 4);
  EXPECT_THAT(labels_of(splits.test), ElementsAre(1, 1, 0, 0, 0));
}

// Rows name, sequence, gene of four, two labels and a strength that is missing in every fifth row.
std::string rows(int first, int n) {
  std::string text = "name\tsequence\tgene\tsplit\tx\ty\tstrength\n";
  for (int i = first; i < first + n; ++i)
    text += format("s{}\t{}\tg{}\t{}\t{}\t{}\t{}\n", i, random_letters(25, static_cast<std::uint64_t>(i)), i / 4, i % 2 ? "train" : "val",
                   i % 2, i % 3 == 0 ? 1 : 0, i % 5 == 0 ? "NA" : std::to_string(i));
  return text;
}

TEST(FileSets, TablesInListsAndTheirOwnTest) {
  const std::string toml = format("kind = \"table\"\ntable.file = [\"{}\", \"{}\"]\ntable.test_file = \"{}\"\ntable.labels = [\"x\"]\n",
                                  file("1.tsv", rows(0, 12)), file("2.tsv", rows(12, 8)), file("3.tsv", rows(40, 6)));
  const DataSplits splits = build(toml + "split = {by = \"column\", column = \"split\"}\n");
  EXPECT_EQ(splits.train->size(), 10);
  EXPECT_EQ(splits.validation->size(), 10);
  EXPECT_EQ(splits.test->size(), 6) << "the words of the test file do not count";
  EXPECT_THAT(labels_of(splits.test), ElementsAre(0, 1, 0, 1, 0, 1));
  EXPECT_EQ(letters_of(splits.test->get(0, Stream(0)).at("sequence")), random_letters(25, 40));
  file("3.tsv", "name\tsequence\tx\nt\tACGT\t1\n");
  EXPECT_THAT(error_text([&] { build(toml); }), HasSubstr("3.tsv:2: the sequence has 4 bases, expected 25"));
}

TEST(FileSets, GroupsStayTogether) {
  const std::string toml =
      format("kind = \"table\"\ntable = {{file = \"{}\", labels = [\"x\"]}}\nsplit = {{by = \"group\", ", file("g.tsv", rows(0, 40)));
  const DataSplits splits = build(toml + "group = \"gene\", test_groups = [\"g2\"], validation_groups = [\"g0\", \"g9\"]}\n");
  EXPECT_EQ(splits.test->size(), 4);
  EXPECT_EQ(splits.validation->size(), 8);
  for (std::int64_t i = 0; i < 4; ++i)
    EXPECT_EQ(letters_of(splits.test->get(i, Stream(0)).at("sequence")), random_letters(25, static_cast<std::uint64_t>(8 + i)));
  EXPECT_EQ(build(toml + "group = \"gene\"}\n").test->size(), 4);
  EXPECT_EQ(build(toml + "group_pattern = \"^s.\", test_groups = [\"s1\"], validation_groups = [\"s7\"]}\n").test->size(), 11)
      << "s1, s10 to s19";
  EXPECT_THAT(error_text([&] { build(toml + "group = \"gene\", group_pattern = \"s\"}\n"); }), HasSubstr("both are given"));
  EXPECT_THAT(error_text([&] { build(toml + "group = \"gen\"}\n"); }), HasSubstr("no column 'gen' (did you mean 'gene'?)"));
  EXPECT_THAT(error_text([&] {
                build("kind = \"fasta\"\nfasta.file = \"" + fasta("h", 9, 3) + "\"\nsplit = {by = \"group\", group = \"gene\"}\n");
              }),
              HasSubstr("needs a table; use group_pattern on names"));
}

TEST(FileSets, SeveralTargetsOfOneTable) {
  const std::string toml = format(
      "kind = \"table\"\n[table]\nfile = \"{}\"\n[[table.targets]]\nname = \"bound\"\nlabels = [\"y\", \"x\"]\n[[table.targets]]\nname = "
      "\"level\"\nlabels = "
      "[\"strength\"]\n",
      file("t.tsv", rows(0, 20)));
  const DataSplits splits = build(toml + "[split]\nvalidation_fraction = 0\ntest_fraction = 0\n");
  EXPECT_THAT(splits.schema().names(Role::target), ElementsAre("bound", "level"));
  EXPECT_THAT(splits.schema().names(), ElementsAre("sequence", "bound", "level", "level.mask")) << "nothing of the first is missing";
  EXPECT_THAT(splits.schema().at("bound").channels, ElementsAre("y", "x"));
  const Bundle example = splits.train->get(9, Stream(0));
  EXPECT_TRUE(at::equal(example.at("bound"), at::tensor({1.0F, 1.0F})));
  EXPECT_EQ(example.at("level").item<float>(), 9);
  EXPECT_FALSE(splits.train->get(10, Stream(0)).at("level.mask").item<bool>());
  EXPECT_FALSE(splits.train->positive(10)) << "by the first target";
  EXPECT_TRUE(splits.train->positive(9));
  EXPECT_FALSE(splits.train->positive(4));
  EXPECT_THAT(error_text([&] { build(toml + "[negatives]\nkind = \"shuffled\"\n"); }), HasSubstr("with several targets nobody knows"));
  EXPECT_THAT(error_text([&] { build(toml + "[[table.targets]]\nname = \"bound\"\nlabels = [\"split\"]\n"); }),
              HasSubstr("two targets are named 'bound'"));
  EXPECT_THAT(error_text([&] { build(toml + "[[table.targets]]\nname = \"z\"\nlabels = [\"x\"]\n"); }),
              HasSubstr("two of them name the label 'x'"));
}

TEST(FileSets, TargetsOfATableBesideFasta) {
  std::string table = "name\tsignal\tbound\tgene\n";
  for (int i = 0; i < 12; ++i) table += format("f{}\t{}\t{}\tg{}\n", i, i / 2.0, i % 2, i / 3);
  const DataSplits splits = build(
      format("kind = \"fasta\"\n[split]\nby = \"group\"\ngroup = \"gene\"\ntest_groups = [\"g3\"]\n[fasta]\nfile = \"{}\"\ntable = \"{}\"\n"
             "[[fasta.targets]]\nname = \"level\"\nlabels = [\"signal\"]\n[[fasta.targets]]\nname = \"site\"\nlabels = [\"bound\"]\n",
             fasta("f", 12, 70), file("f.tsv", table)));
  ASSERT_EQ(splits.test->size(), 3);
  EXPECT_EQ(splits.test->get(2, Stream(0)).at("level").item<float>(), 5.5F);
  EXPECT_EQ(splits.test->get(2, Stream(0)).at("site").item<float>(), 1);
  EXPECT_EQ(splits.train->size(), 9);
}

TEST(FileSets, NamesThatDoNotMeetAreCounted) {
  const std::string names = "name\ty\nk1\t1\nk2\t0\nm1\t1\nm2\t1\nm3\t0\nm4\t0\n";
  const DataSplits splits =
      build(format("kind = \"fasta\"\nfasta = {{file = \"{}\", table = \"{}\"}}\n", fasta("k", 5, 1), file("k.tsv", names)));
  EXPECT_THAT(splits.notes,
              Contains(testing::AllOf(HasSubstr("4 of 6 rows of "), HasSubstr("k.tsv belong to no sequence (m1, m2, m3 and 1 more)"))));
  EXPECT_THAT(splits.notes,
              Contains(testing::AllOf(HasSubstr("3 of 5 sequences have no row in "), HasSubstr("their labels are missing (k0, k3, k4)"))));
}

}  // namespace
}  // namespace basewise::data
