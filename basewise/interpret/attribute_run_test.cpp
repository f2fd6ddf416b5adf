// Folders of attributions: every kind of input, and formats read back.
#include "basewise/interpret/attribute_run.h"

#include <algorithm>
#include <cmath>

#include "basewise/interpret/detail/test_attribution.h"
#include "basewise/io/bigwig.h"
#include "basewise/run/train_run.h"

namespace basewise::interpret {
namespace {

namespace fs = std::filesystem;
using namespace interpret::testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
TEST_F(Attribute, FastaGivesArraysATableAndADocument) {
  const AttributeResult result = attribute_run(of_fasta());
  EXPECT_TRUE(result.finished);
  EXPECT_EQ(result.examples, 11);
  EXPECT_EQ(result.length, kLength);
  const Folder made(folder_ / "out");
  ASSERT_EQ(made.sequences.size(), 11U);
  EXPECT_EQ(made.sequences[4], random_letters(kLength, 54));
  const auto [gradients, predictions] = expected(made.sequences);
  EXPECT_TRUE(at::allclose(made.scores, gradients, 1e-5, 1e-7));
  EXPECT_THAT(made.columns, ElementsAre("example", "name", "chrom", "start", "end", "strand", "prediction", "convergence"));
  EXPECT_EQ(made.loci[4][1], "s4");
  EXPECT_EQ(made.loci[4][2], "");
  EXPECT_NEAR(std::stod(made.loci[4][6]), predictions[4].item<double>(), 1e-5);
  EXPECT_EQ(made.document["schema"], "basewise/attribution/1");
  EXPECT_EQ(made.document["method"], "gradient");
  EXPECT_EQ(made.document["target"], "logits:1");
  EXPECT_EQ(made.document["hypothetical"], true);
  EXPECT_EQ(made.document["convergence"], nullptr);
  EXPECT_THAT(bytes_of(folder_ / "out"), ::testing::SizeIs(4)) << "pieces are gone";
}

TEST_F(Attribute, TableGivesTheSameAsFasta) {
  std::string rows = "name\tsequence\n";
  for (int i = 0; i < 11; ++i) rows += format("s{}\t{}\n", i, random_letters(kLength, static_cast<std::uint64_t>(50 + i)));
  write_file(folder_ / "some.tsv", rows);
  AttributeOptions table = options("table");
  table.examples.table = folder_ / "some.tsv";
  attribute_run(table);
  attribute_run(of_fasta());
  auto from_table = bytes_of(folder_ / "table"), from_fasta = bytes_of(folder_ / "out");
  for (const char* file : {"sequences.npz", "attributions.npz", "loci.tsv"}) EXPECT_EQ(from_table[file], from_fasta[file]) << file;
}

TEST_F(Attribute, WindowsOfBedLieAroundIntervalsAndAreReadFromTheirStrand) {
  const AttributeResult result = attribute_run(of_bed());
  const Folder made(folder_ / "out");
  ASSERT_EQ(made.sequences.size(), 4U);
  // Middle of [300, 303) is 301, of which [283, 320) is the window.
  EXPECT_EQ(made.sequences[0], genome_.substr(283, 37));
  EXPECT_EQ(made.sequences[1], other_strand(ring_.substr(75) + ring_.substr(0, 22)));
  EXPECT_EQ(made.sequences[2], other_strand(genome_.substr(83, 37)));
  EXPECT_THAT(made.loci[0], ElementsAre("0", "late", "chrA", "283", "320", "+", ::testing::_, ""));
  EXPECT_THAT(made.loci[1], ElementsAre("1", "origin", "ring", "75", "112", "-", ::testing::_, ""));
  EXPECT_EQ(made.loci[2][1], "chrA:101-103(-)") << "an interval without a name";
  EXPECT_THAT(result.notes, Contains(HasSubstr("1 of 6 rows lie on chromosomes that")));
  EXPECT_THAT(result.notes, Contains("1 of 5 windows of 37 bases leave their chromosome: left out (edges = \"pad\" fills them up with N)"));
}

TEST_F(Attribute, RegionsAreCoveredByTheMiddlesOfWindows) {
  AttributeOptions o = of_bed();
  o.examples.bed.clear();
  o.examples.regions = {"chrA:101-150", "chrA:301-305"};
  o.central = 11;
  attribute_run(o);
  const Folder made(folder_ / "out");
  // 50 bases take 5 windows of 11, which reach 2 bases over the left end;
  // 5 bases take one, 3 over it.
  ASSERT_EQ(made.sequences.size(), 6U);
  for (std::size_t k = 0; k < 5; ++k) {
    EXPECT_EQ(made.sequences[k], genome_.substr(98 + 11 * k, 11));
    EXPECT_EQ(made.loci[k][3], std::to_string(98 + 11 * k));
  }
  EXPECT_EQ(made.sequences[5], genome_.substr(297, 11));
  EXPECT_EQ(made.loci[5][1], "chrA:301-305");
  const auto [gradients, predictions] = expected({genome_.substr(98 - 13, 37)});
  EXPECT_TRUE(at::allclose(made.scores[0], gradients[0].slice(1, 13, 24), 1e-5, 1e-7)) << "the model saw the whole window";
}

TEST_F(Attribute, CentralBasesOfTheOtherStrandHaveTheirPlace) {
  AttributeOptions o = of_bed();
  o.central = 10;  // [13, 23) of 37
  attribute_run(o);
  const Folder made(folder_ / "out");
  EXPECT_EQ(made.sequences[2], other_strand(genome_.substr(83, 37)).substr(13, 10));
  const std::int64_t start = std::stoll(made.loci[2][3]);
  EXPECT_EQ(made.sequences[2], other_strand(genome_.substr(static_cast<std::size_t>(start), 10)));
}

TEST_F(Attribute, ATrackHasTheScoreOfEachBaseOnce) {
  AttributeOptions o = of_bed();
  o.formats = {AttributeFormat::bigwig};
  attribute_run(o);
  const Folder made(folder_ / "out");
  const io::BigWigReader track(folder_ / "out" / "attributions.bw");
  const auto score = [&](std::int64_t example, std::int64_t at) {
    const char base = made.sequences[static_cast<std::size_t>(example)][static_cast<std::size_t>(at)];
    const auto letter = static_cast<std::int64_t>(std::string("ACGT").find(base));
    return made.scores[example][letter][at].item<float>();
  };
  const auto values = track.values("chrA", 0, 400);
  for (std::int64_t i = 0; i < 37; ++i) EXPECT_FLOAT_EQ(values[static_cast<std::size_t>(283 + i)], score(0, i)) << i;
  // Example 2 is [83, 120) from the other strand, example 3 [93, 130):
  // they meet at (101 + 111) / 2.
  for (std::int64_t at = 83; at < 130; ++at)
    EXPECT_FLOAT_EQ(values[static_cast<std::size_t>(at)], at < 106 ? score(2, 119 - at) : score(3, at - 93)) << at;
  EXPECT_TRUE(std::isnan(values[82]));
  EXPECT_TRUE(std::isnan(values[130]));
  const auto around = track.values("ring", 0, 90);
  EXPECT_FLOAT_EQ(around[75], score(1, 36));
  EXPECT_FLOAT_EQ(around[0], score(1, 21)) << "over the origin";
  EXPECT_TRUE(std::isnan(around[40]));
}

TEST_F(Attribute, LettersNHaveNoScoreInATrackAndAreSaid) {
  io::write_fasta(folder_ / "genome.fa", {{"chrA", "", genome_.substr(0, 300) + "N" + genome_.substr(301)}, {"ring", "", ring_}});
  AttributeOptions o = of_bed();
  o.formats = {AttributeFormat::bigwig};
  const AttributeResult result = attribute_run(o);
  EXPECT_THAT(result.notes, Contains("1 of 4 examples hold letters N, whose columns in sequences.npz are zero"));
  const auto values = io::BigWigReader(folder_ / "out" / "attributions.bw").values("chrA", 299, 302);
  EXPECT_FALSE(std::isnan(values[0]));
  EXPECT_TRUE(std::isnan(values[1]));
}

TEST_F(Attribute, ProjectedScoresAreThoseOfTheLettersThatAreThere) {
  attribute_run(of_fasta());
  AttributeOptions projected = of_fasta("some.fa", "projected"), times = of_fasta("some.fa", "times");
  projected.projected = true;
  times.method = AttributeMethod::gradient_x_input;
  attribute_run(projected);
  attribute_run(times);
  const Folder all(folder_ / "out"), some(folder_ / "projected");
  EXPECT_EQ(some.document["hypothetical"], false);
  for (std::int64_t letter = 0; letter < 4; ++letter)
    for (std::int64_t i = 0; i < kLength; ++i) {
      const bool there = all.sequences[5][static_cast<std::size_t>(i)] == "ACGT"[letter];
      EXPECT_EQ(some.scores[5][letter][i].item<float>(), there ? all.scores[5][letter][i].item<float>() : 0);
    }
  EXPECT_TRUE(at::allclose(Folder(folder_ / "times").scores, some.scores, 1e-6, 1e-8));
}

TEST_F(Attribute, MutagenesisIsCheckedAndSaysSo) {
  AttributeOptions o = of_fasta();
  o.method = AttributeMethod::mutagenesis;
  o.central = 9;
  const AttributeResult result = attribute_run(o);
  EXPECT_THAT(result.check, HasSubstr("edits were computed by whole passes too: they differ by"));
  const Folder made(folder_ / "out");
  EXPECT_LT(made.scores.sum(1).abs().max().item<float>(), 1e-5) << "differences minus their mean over the letters";
  EXPECT_GT(made.scores.abs().max().item<float>(), 1e-4);
}

TEST_F(Attribute, ExamplesAreChosenByPredictionOrAtRandom) {
  attribute_run(of_fasta());
  const Folder all(folder_ / "out");
  std::vector<std::pair<double, std::string>> ranked;
  for (const auto& row : all.loci) ranked.emplace_back(-std::stod(row[6]), row[1]);
  std::sort(ranked.begin(), ranked.end());
  AttributeOptions o = of_fasta("some.fa", "best");
  o.max = 3;
  attribute_run(o);
  const Folder best(folder_ / "best");
  std::vector<std::string> names;
  for (const auto& row : best.loci) names.push_back(row[1]);
  EXPECT_THAT(names, ::testing::UnorderedElementsAre(ranked[0].second, ranked[1].second, ranked[2].second));
  o.out = folder_ / "random";
  o.choose = AttributeChoice::random;
  attribute_run(o);
  EXPECT_EQ(Folder(folder_ / "random").loci.size(), 3U);
  o.out = folder_ / "again";
  attribute_run(o);
  EXPECT_EQ(bytes_of(folder_ / "random")["loci.tsv"], bytes_of(folder_ / "again")["loci.tsv"]);
}

TEST_F(Attribute, EqualSequencesAreCounted) {
  const std::string letters = random_letters(kLength, 9);
  io::write_fasta(folder_ / "same.fa", {{"a", "", letters}, {"b", "", random_letters(kLength, 8)}, {"c", "", letters}});
  EXPECT_THAT(attribute_run(of_fasta("same.fa")).notes, Contains("1 of 3 examples have the sequence of another one before them"));
}

TEST_F(Attribute, ScoresThatAreAllZeroAreSaid) {
  write_file(folder_ / "n.fa", ">n\n" + std::string(kLength, 'N') + "\n");
  AttributeOptions o = of_fasta("n.fa");
  o.projected = true;
  EXPECT_THAT(attribute_run(o).notes, Contains("all scores are zero: the target does not depend on these sequences"));
}

TEST_F(Attribute, SetsOfARunAreAttributed) {
  const fs::path out = folder_ / "trained";
  write_file(folder_ / "m.toml", kModel);
  write_file(folder_ / "r.toml", R"(model_file = "m.toml"
[data.simulation]
sequences = 60
length = 37
[data.split]
by = "fraction"
validation_fraction = 0.2
test_fraction = 0.2
[train]
epochs = 1
[train.loader]
batch_size = 16
workers = 0
)");
  run::TrainRequest request;
  request.recipe = (folder_ / "r.toml").string();
  request.out = out;
  request.threads = 1;
  run::train_run(request);
  AttributeOptions o = options();
  o.run = out;
  o.examples.split = run::PredictSplit::test;
  const AttributeResult result = attribute_run(o);
  EXPECT_EQ(result.examples, 12);
  const Folder made(folder_ / "out");
  EXPECT_EQ(made.document["input"], "the test set of the run");
  EXPECT_EQ(made.sequences.size(), 12U);
  EXPECT_EQ(std::count(made.sequences[0].begin(), made.sequences[0].end(), 'N'), 0);
}

}  // namespace
}  // namespace basewise::interpret
