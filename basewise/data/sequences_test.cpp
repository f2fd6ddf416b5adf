#include "basewise/data/sequences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/detail/test_support.h"
#include "basewise/data/fasta_data.h"
#include "basewise/data/simulation_data.h"
#include "basewise/data/table.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using testing::HasSubstr;
using testing_support::letters_of;

std::filesystem::path file(const std::string& name, const std::string& text) {
  return testing_support::make_file("sequences", name, text, testing::TempDir());
}

const std::string kTable =
    "name\tsequence\ta\tb\tsplit\tcomment\n"
    "s1\tACGTN\t1\t0.5\ttrain\tgood\n"
    "s2\tttgca\tNA\t-2\ttest\tbad\n"
    "s3\tGGGGG\t0\t\ttrain\tgood\n";

TEST(Table, ReadsSequencesLabelsAndMasks) {
  const auto data = read_table({.file = file("t.tsv", kTable), .set = "split"});
  EXPECT_EQ(data->size(), 3);
  EXPECT_EQ(data->label_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(data->sets, (std::vector<std::string>{"train", "test", "train"}));
  EXPECT_THAT(data->notes, testing::ElementsAre("labels are the columns a, b (data.table.labels chooses)",
                                                "columns that hold no numbers are no labels: comment"));
  const Bundle second = sequence_dataset(data)->get(1, Stream(0));
  EXPECT_EQ(to_string(second), "sequence (4, 5) Float, labels (2) Float, labels.mask (2) Bool");
  EXPECT_EQ(letters_of(second.at("sequence")), "TTGCA");
  EXPECT_TRUE(at::equal(second.at("labels"), at::tensor({0.0F, -2.0F})));
  EXPECT_TRUE(at::equal(second.at("labels.mask"), at::tensor({0.0F, 1.0F}).to(at::kBool)));
  const Bundle first = sequence_dataset(data)->get(0, Stream(0));
  EXPECT_EQ(first.at("sequence").sum().item<float>(), 4) << "N is all zeros";
  EXPECT_TRUE(first.at("labels.mask").all().item<bool>()) << "every example has a mask when one needs it";
  EXPECT_THAT(sequence_dataset(data)->summary(), HasSubstr("3 sequences of 5 bases from"));
  EXPECT_THAT(sequence_dataset(data)->summary(), HasSubstr("a: 1 positive (1 missing), b: mean -0.75 (1 missing)"));
}

TEST(Table, WithoutMissingLabelsThereIsNoMask) {
  const auto data = read_table({.file = file("w.tsv", kTable), .labels = {"b"}, .where = {"comment=good", "split=train", "a=1"}});
  EXPECT_EQ(data->names, (std::vector<std::string>{"s1"}));
  EXPECT_FALSE(sequence_dataset(data)->get(0, Stream(0)).contains("labels.mask"));
  EXPECT_THAT(data->notes, testing::Contains("2 rows did not meet the conditions"));
}

TEST(Table, BitsAreLabels) {
  const auto data = read_table({.file = file("b.tsv", "sequence\tlabel\nACG\t01100\nTTT\t10001\n"), .bits = "label"});
  EXPECT_EQ(data->label_names.size(), 5U);
  EXPECT_TRUE(at::equal(sequence_dataset(data)->get(1, Stream(0)).at("labels"), at::tensor({1.0F, 0.0F, 0.0F, 0.0F, 1.0F})));
  EXPECT_THAT(error_text([] { read_table({.file = file("b2.tsv", "sequence\tlabel\nACG\t011\nTTT\t1001\n"), .bits = "label"}); }),
              HasSubstr("'1001' is no row of 3 labels as digits 0 and 1"));
}

TEST(Table, LengthsAreFittedOnRequest) {
  const auto path = file("l.tsv", "sequence\ty\nACGTACG\t1\nAC\t2\nACGTA\t3\n");
  const auto data = read_table({.file = path, .length = {.length = 5, .fit = LengthFit::centre}});
  EXPECT_EQ(data->letters(0), "CGTAC");
  EXPECT_EQ(data->letters(1), "NACNN");
  EXPECT_THAT(data->notes,
              testing::ElementsAre("labels are the columns y (data.table.labels chooses)", "1 sequences were cut to their middle 5 bases",
                                   "1 sequences were filled up with N to 5 bases"));
  EXPECT_THAT(error_text([&] { read_table({.file = path}); }),
              HasSubstr("l.tsv:3: the sequence has 2 bases, expected 7 as in the first one"));
}

TEST(Table, ErrorsNameFileLineAndColumn) {
  EXPECT_THAT(error_text([] { read_table({.file = file("e.tsv", "sequence\ty\nACXT\t1\n")}); }), HasSubstr("e.tsv:2: "));
  EXPECT_THAT(error_text([] { read_table({.file = file("e2.tsv", "sequence\ty\nACT\thigh\n"), .labels = {"y"}}); }),
              HasSubstr("e2.tsv:2: label 'high' in column 'y' is no number (0 of 1 rows are); a missing label is empty or NA"));
  EXPECT_THAT(error_text([] { read_table({.file = file("e3.tsv", kTable), .labels = {"c"}}); }), HasSubstr("c"));
  EXPECT_THAT(error_text([] { read_table({.file = file("e4.tsv", kTable), .where = {"a"}}); }), HasSubstr("expected \"column=value\""));
  EXPECT_THAT(error_text([] { read_table({.file = file("e5.tsv", kTable), .where = {"a=7"}}); }),
              HasSubstr("no sequence was left to read"));
  EXPECT_THAT(error_text([] { read_table({}); }), HasSubstr("the option 'file' is missing"));
}

TEST(Fasta, LabelsOfHeadersTablesAndFiles) {
  const auto fasta = file("f.fa", ">a label=1,NA\nACG\n>b x label=0,2.5\nTTT\n");
  const auto headers = read_labelled_fasta({.file = fasta, .label_key = "label", .label_names = {"u", "v"}});
  EXPECT_TRUE(at::equal(sequence_dataset(headers)->get(1, Stream(0)).at("labels"), at::tensor({0.0F, 2.5F})));
  EXPECT_TRUE(at::equal(sequence_dataset(headers)->get(0, Stream(0)).at("labels.mask"), at::tensor({1.0F, 0.0F}).to(at::kBool)));

  const auto table = file("f.tsv", "name\tu\nb\t7\n");
  const auto joined = read_labelled_fasta({.file = fasta, .table = table});
  EXPECT_TRUE(at::equal(sequence_dataset(joined)->get(1, Stream(0)).at("labels"), at::tensor({7.0F})));
  EXPECT_THAT(joined->notes, testing::Contains(format("1 of 2 sequences have no row in {}: their labels are missing (a)", table.string())));

  const auto negatives = read_labelled_fasta({.file = fasta, .negatives = file("n.fa", ">c\nGGG\n")});
  EXPECT_EQ(negatives->labels, (std::vector<float>{1, 1, 0}));
  EXPECT_EQ(sequence_dataset(read_labelled_fasta({.file = fasta}))->get(0, Stream(0)).size(), 1U) << "sequences alone";
}

TEST(Fasta, ErrorsNameTheRecord) {
  const auto fasta = file("g.fa", ">a label=1\nACG\n>b\nTTT\n");
  EXPECT_THAT(error_text([&] { read_labelled_fasta({.file = fasta, .label_key = "label"}); }),
              HasSubstr("g.fa:3: the header of 'b' has no field \"label=...\""));
  EXPECT_THAT(error_text([&] { read_labelled_fasta({.file = fasta, .label_key = "label", .table = fasta}); }),
              HasSubstr("more than one is given"));
  EXPECT_THAT(error_text([&] { read_labelled_fasta({.file = fasta, .table = file("g.tsv", "name\tu\nz\t7\n")}); }),
              HasSubstr("none of its sequences has a row in"));
  EXPECT_THAT(error_text([&] { read_labelled_fasta({.file = fasta, .table = file("g2.tsv", "name\tu\na\t7\na\t8\n")}); }),
              HasSubstr("the sequence 'a' has a second row"));
}

TEST(Simulation, BecomesData) {
  corpus::SimulationOptions options;
  options.sequences = 7;
  options.length = 37;
  options.missing_labels = 0.5;
  const auto simulation = corpus::simulate(options, 3);
  const auto set = sequence_dataset(sequences_of(simulation));
  EXPECT_EQ(to_string(set->get(6, Stream(0))), "sequence (4, 37) Float, labels (3) Float, labels.mask (3) Bool");
  EXPECT_EQ(letters_of(set->get(6, Stream(0)).at("sequence")), simulation.letters(6));
}

}  // namespace
}  // namespace basewise::data
