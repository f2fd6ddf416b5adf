#include "basewise/prepare/methylation_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "basewise/methylation/deepcpg_file.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::prepare {
namespace {

using methylation::DeepCpgFile;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_files::Folder;

/// Two cells on two chromosomes: CpGs of chr1 at 2, 6 and 10, of chr2 at 1.
class MethylationSet : public testing::Test {
 protected:
  MethylationSet() {
    options.inputs.calls = {folder.file("one.cov", "1\t3\t3\t100\t2\t0\n1\t8\t8\t0\t0\t1\n2\t2\t2\t100\t1\t0\n"),
                            folder.file("two.cov", "1\t3\t3\t0\t0\t1\n1\t4\t4\t0\t0\t3\n1\t11\t11\t50\t1\t1\n")};
    options.inputs.genome = folder.file("x.fa", ">chr1\nAACGTACGTACGT\n>chr2\nACGT\n");
    options.out = folder.path() / "set";
    options.neighbours = 2;
    options.dna = 3;
  }

  Folder folder;
  MethylationSetOptions options;
};

TEST_F(MethylationSet, OfFoldedCalls) {
  const MethylationSetResult result = prepare_methylation(options);
  EXPECT_EQ(result.sites, 4);
  EXPECT_EQ(result.chromosomes, 2);
  EXPECT_EQ(result.files_written, 2);
  EXPECT_FALSE(result.complete);
  ASSERT_EQ(result.cells.size(), 2U);
  EXPECT_EQ(result.cells[0].folded, (methylation::FoldCounts{.forward_by_sequence = 2, .reverse_by_sequence = 1}));
  EXPECT_EQ(result.cells[1].folded, (methylation::FoldCounts{.forward_by_sequence = 2, .reverse_by_sequence = 1, .merged = 1}));
  const DeepCpgFile file(options.out / "c1_000000-000003.h5");
  EXPECT_THAT(file.cells(), ElementsAre("one", "two"));
  EXPECT_THAT(file.positions(), ElementsAre(2, 6, 10));
  EXPECT_THAT(file.labels(0, 0, 3), ElementsAre(1, 0, -1));
  EXPECT_THAT(file.labels(1, 0, 3), ElementsAre(0, -1, 0));
  EXPECT_EQ(seq::decode(file.tokens(0, 3)), "ACGACGACG");
  std::vector<float> states(6);
  std::vector<std::int32_t> distances(6);
  file.neighbours(1, 0, 3, states, distances);
  EXPECT_THAT(states, ElementsAre(-1, 0.5F, 0, 0.5F, 0, -1));
  EXPECT_THAT(distances, ElementsAre(-1, 8, 4, 4, 8, -1));
  EXPECT_THAT(DeepCpgFile(options.out / "c2_000000-000001.h5").positions(), ElementsAre(1));
}

TEST_F(MethylationSet, GoesOnWhereItWas) {
  options.per_file = 2;
  const auto files = prepare_methylation(options).files;
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[1].filename(), "c1_000002-000003.h5");
  const std::string before = read_file(files[1]);
  std::filesystem::remove(files[1]);
  const MethylationSetResult again = prepare_methylation(options);
  EXPECT_EQ(again.files_written, 1);
  EXPECT_EQ(read_file(files[1]), before);
  EXPECT_TRUE(prepare_methylation(options).complete);
  options.seed = 7;
  EXPECT_THAT(error_text<StateError>([&] { prepare_methylation(options); }), HasSubstr("options.seed is 0 there and 7 now"));
}

TEST_F(MethylationSet, Profiles) {
  options.format = MethylationSetFormat::profiles;
  const MethylationSetResult result = prepare_methylation(options);
  EXPECT_THAT(result.files, ElementsAre(options.out / "one.tsv.gz", options.out / "two.tsv.gz"));
  io::MethylationReader reader(options.out / "two.tsv.gz");
  std::vector<io::MethylationCall> calls;
  for (io::MethylationCall call; reader.next(call);) calls.push_back(call);
  EXPECT_THAT(calls, ElementsAre(io::MethylationCall{"chr1", 2, 0, 0}, io::MethylationCall{"chr1", 10, 0.5, 0}));
  options.inputs.calls = result.files;
  options.out = folder.path() / "again";
  const MethylationSetResult again = prepare_methylation(options);
  EXPECT_EQ(again.cells[0].folded, (methylation::FoldCounts{.forward_by_sequence = 3}));
  EXPECT_EQ(read_file(again.files[0]), read_file(result.files[0]));
}

TEST_F(MethylationSet, DataFilesAreReadAgain) {
  const auto files = prepare_methylation(options).files;
  MethylationInputs inputs = {.calls = files};
  const MethylationData data = read_methylation(inputs);
  EXPECT_THAT(data.table.cells(), ElementsAre("one", "two"));
  EXPECT_THAT(data.table.chromosomes(), ElementsAre("1", "2"));
  EXPECT_EQ(data.table.sites(0), 3);
  inputs.calls.push_back(options.inputs.genome);
  EXPECT_THAT(error_text<ArgumentError>([&] { read_methylation(inputs); }), HasSubstr("hold all cells"));
}

TEST_F(MethylationSet, NothingIsFoldedWhereItIsNotAskedFor) {
  options.inputs.strands = CallStrands::as_they_are;
  EXPECT_EQ(prepare_methylation(options).sites, 5);
}

TEST_F(MethylationSet, WhatIsPassedOverIsSaid) {
  options.inputs.calls = {folder.file("one.cov", "1\t3\t3\t1.0\t2\t0\n1\t8\t8\t0\t0\t1\n3\t2\t2\t100\t1\t0\n3\t9\t9\t0\t0\t0\n"),
                          folder.file("two.tsv", "1\t3\tnan\n1\t4\t1\n1\t7\tNA\n")};
  options.inputs.least_reads = 2;
  EXPECT_THAT(read_methylation(options.inputs).notes,
              ElementsAre("2 times a row without a value was passed over", "1 times a row without reads was passed over",
                          "1 times the percentage is not that of the reads",
                          "1 cells have calls without numbers of reads, which least_reads keeps"));
  options.inputs.least_reads = 1;
  EXPECT_THAT(read_methylation(options.inputs).notes,
              testing::Contains("1 calls lie where the genome has no sequence: their DNA is N, and their positions tell the strands"));
  options.inputs.genome = folder.file("y.fa", ">scaffold_1\nACGT\n");
  EXPECT_THAT(error_text<DataError>([&] { read_methylation(options.inputs); }),
              HasSubstr("y.fa has no chromosome of the calls, '1', '3'; it has 'scaffold_1'"));
  options.inputs.genome = "";
  options.inputs.file.values = io::MethylationValues::percent;
  EXPECT_THAT(read_methylation(options.inputs).notes, testing::Contains(HasSubstr("two.tsv: no percentage is above 1")));
}

TEST_F(MethylationSet, Errors) {
  options.neighbours = 3;
  EXPECT_THAT(error_text<ArgumentError>([&] { prepare_methylation(options); }), HasSubstr("neighbours is 3"));
  options.neighbours = 2;
  options.dna = 4;
  EXPECT_THAT(error_text<ArgumentError>([&] { prepare_methylation(options); }), HasSubstr("dna is 4 bases, which have no middle"));
  options.dna = 3;
  options.windows = {8};
  EXPECT_THAT(error_text<ArgumentError>([&] { prepare_methylation(options); }), HasSubstr("windows has 8 bases"));
  options.windows = {};
  options.least_cells = 3;
  EXPECT_THAT(error_text<DataError>([&] { prepare_methylation(options); }), HasSubstr("no site was measured in 3 or more cells"));
  options.least_cells = 1;
  options.site_statistics = {methylation::Statistic::mean, methylation::Statistic::mean};
  EXPECT_THAT(error_text<ArgumentError>([&] { prepare_methylation(options); }), HasSubstr("site_statistics names mean twice"));
  options.site_statistics = {};
  // The folder of the call that failed holds no file yet.
  EXPECT_EQ(prepare_methylation(options).files_written, 2);
  options.inputs.calls.push_back(folder.path() / "none.cov");
  options.out = folder.path() / "other";
  EXPECT_THAT(error_text<DataError>([&] { prepare_methylation(options); }), HasSubstr("none.cov: cannot be read"));
}

}  // namespace
}  // namespace basewise::prepare
