// Folders of attributions: every kind of input, formats read back, work that is cut short, shards.
#include "basewise/interpret/attribute_run.h"

#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/infer/gradient.h"
#include "basewise/io/bigwig.h"
#include "basewise/io/fasta.h"
#include "basewise/io/npz.h"
#include "basewise/io/tsv.h"
#include "basewise/nn/weights.h"
#include "basewise/run/train_run.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise::interpret {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::int64_t kLength = 37;
constexpr const char* kModel = R"(format = 1
[inputs.sequence]
channels = 4
length = 37
[[layers]]
type = "conv"
filters = 6
width = 5
[[layers]]
type = "activation"
kind = "relu"
[[layers]]
type = "pool"
kind = "mean"
global = true
[[heads]]
name = "logits"
[[heads.layers]]
type = "dense"
units = 3
)";

std::string random_letters(std::int64_t n, std::uint64_t seed) {
  Stream draw(seed);
  std::string letters;
  for (std::int64_t i = 0; i < n; ++i) letters += "ACGT"[draw.below(4)];
  return letters;
}

std::string other_strand(const std::string& letters) {
  const std::map<char, char> pairs = {{'A', 'T'}, {'C', 'G'}, {'G', 'C'}, {'T', 'A'}, {'N', 'N'}};
  std::string turned;
  for (auto letter = letters.rbegin(); letter != letters.rend(); ++letter) turned += pairs.at(*letter);
  return turned;
}

/// One-hot sequences and scores of a folder, as letters and numbers.
struct Folder {
  explicit Folder(const fs::path& path) : document(read_json(path / "attribute.json")) {
    const io::Array one_hot = io::NpzFile(path / "sequences.npz").read("arr_0");
    const io::Array values = io::NpzFile(path / "attributions.npz").read("arr_0");
    EXPECT_EQ(one_hot.shape, values.shape);
    length = one_hot.shape.at(2);
    const auto bits = one_hot.as<std::int8_t>();
    for (std::int64_t n = 0; n < one_hot.shape.at(0); ++n) {
      std::string& letters = sequences.emplace_back(static_cast<std::size_t>(length), 'N');
      for (std::int64_t i = 0; i < 4 * length; ++i)
        if (bits[static_cast<std::size_t>(4 * n * length + i)] != 0) letters[static_cast<std::size_t>(i % length)] = "ACGT"[i / length];
    }
    scores = to_tensor(values.as<float>(), values.shape);
    io::TsvReader table(path / "loci.tsv", io::plain_table());
    columns = table.columns();
    while (table.next()) {
      auto& row = loci.emplace_back();
      for (std::size_t c = 0; c < columns.size(); ++c) row.emplace_back(table.text(c));
    }
  }

  nlohmann::ordered_json document;
  std::int64_t length = 0;
  std::vector<std::string> sequences = {};
  at::Tensor scores = {};
  std::vector<std::string> columns = {};
  std::vector<std::vector<std::string>> loci = {};
};

/// A run, a genome with intervals, and sequences.
class Attribute : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / format("basewise_attribute_{}", testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    write_file(folder_ / "run" / "model.toml", kModel);
    save_weights(3);
    io::write_fasta(folder_ / "genome.fa", {{"chrA", "", genome_}, {"ring", "", ring_}});
    write_file(folder_ / "sites.bed",
               "chrA\t300\t303\tlate\t0\t+\nring\t3\t4\torigin\t0\t-\nchrA\t100\t103\t.\t0\t-\nchrA\t110\t113\tnear\t0\t+\n"
               "chrB\t1\t2\tunknown\t0\t+\nchrA\t5\t8\tedge\t0\t+\n");
    write_sequences("some.fa", 11);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void save_weights(std::uint64_t seed) const {
    nn::save_weights(*nn::build_model(kModel, "model.toml", seed), folder_ / "run" / "weights.safetensors");
  }

  void write_sequences(const std::string& name, std::int64_t n) const {
    std::vector<io::FastaRecord> records;
    for (std::int64_t i = 0; i < n; ++i) {
      records.push_back({format("s{}", i), "", random_letters(kLength, static_cast<std::uint64_t>(50 + i))});
    }
    io::write_fasta(folder_ / name, records);
  }

  AttributeOptions options(const std::string& out = "out") const {
    AttributeOptions o;
    o.run = folder_ / "run";
    o.out = folder_ / out;
    o.target = "logits:1";
    o.method = AttributeMethod::gradient;
    return o;
  }

  AttributeOptions of_fasta(const std::string& name = "some.fa", const std::string& out = "out") const {
    AttributeOptions o = options(out);
    o.fasta = folder_ / name;
    return o;
  }

  AttributeOptions of_bed(const std::string& out = "out") const {
    AttributeOptions o = options(out);
    o.genome = folder_ / "genome.fa";
    o.circular = {"ring"};
    o.bed = folder_ / "sites.bed";
    return o;
  }

  /// Gradient of logits:1 by sequence, and the logits.
  std::pair<at::Tensor, at::Tensor> expected(const std::vector<std::string>& letters) const {
    at::Tensor x = at::zeros({std::ssize(letters), 4, kLength});
    for (std::size_t n = 0; n < letters.size(); ++n)
      for (std::size_t i = 0; i < letters[n].size(); ++i)
        if (const auto c = std::string("ACGT").find(letters[n][i]); c != std::string::npos)
          x[static_cast<std::int64_t>(n)][static_cast<std::int64_t>(c)][static_cast<std::int64_t>(i)] = 1;
    const run::OpenRun run = run::open_run(folder_ / "run");
    const auto r = infer::gradient_fn(run.model)({{"sequence", x}}, {.output = "logits", .channels = {1}}, {"sequence"});
    return {r.gradients.at("sequence"), r.output.select(1, 1)};
  }

  fs::path folder_;
  const std::string genome_ = random_letters(400, 1), ring_ = random_letters(90, 2);
};

template <class E = Error>
std::string message(const AttributeOptions& options) {
  return error_text<E>([&] { attribute_run(options); });
}

/// Bytes of every file, by name.
std::map<std::string, std::string> bytes_of(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) files[entry.path().filename().string()] = read_file(entry.path());
  return files;
}

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
  EXPECT_THAT(bytes_of(folder_ / "out"), testing::SizeIs(4)) << "pieces are gone";
}

TEST_F(Attribute, TableGivesTheSameAsFasta) {
  std::string rows = "name\tsequence\n";
  for (int i = 0; i < 11; ++i) rows += format("s{}\t{}\n", i, random_letters(kLength, static_cast<std::uint64_t>(50 + i)));
  write_file(folder_ / "some.tsv", rows);
  AttributeOptions table = options("table");
  table.table = folder_ / "some.tsv";
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
  EXPECT_THAT(made.loci[0], ElementsAre("0", "late", "chrA", "283", "320", "+", testing::_, ""));
  EXPECT_THAT(made.loci[1], ElementsAre("1", "origin", "ring", "75", "112", "-", testing::_, ""));
  EXPECT_EQ(made.loci[2][1], "chrA:101-103(-)") << "an interval without a name";
  EXPECT_THAT(result.notes, Contains(HasSubstr("1 of 6 rows lie on chromosomes that")));
  EXPECT_THAT(result.notes, Contains("1 of 5 windows of 37 bases leave their chromosome: left out (edges = \"pad\" fills them up with N)"));
}

TEST_F(Attribute, RegionsAreCoveredByTheMiddlesOfWindows) {
  AttributeOptions o = of_bed();
  o.bed.clear();
  o.regions = {"chrA:101-150", "chrA:301-305"};
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
  EXPECT_THAT(result.notes, Contains(HasSubstr("edits were computed by whole passes too: they differ by")));
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
  EXPECT_THAT(names, testing::UnorderedElementsAre(ranked[0].second, ranked[1].second, ranked[2].second));
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

TEST_F(Attribute, ATargetWithoutSignalIsSaid) {
  write_file(folder_ / "n.fa", ">n\n" + std::string(kLength, 'N') + "\n");
  AttributeOptions o = of_fasta("n.fa");
  o.projected = true;
  EXPECT_THAT(attribute_run(o).notes, Contains("all scores are zero: the target does not depend on these sequences"));
}

TEST_F(Attribute, BytesDependNeitherOnTheBatchNorOnWhereWorkWasCut) {
  write_sequences("many.fa", 600);  // pieces of 256, 256 and 88
  AttributeOptions o = of_fasta("many.fa", "at_once");
  o.method = AttributeMethod::deepshap;
  o.number_of_references = 2;
  attribute_run(o);
  const auto at_once = bytes_of(folder_ / "at_once");
  const auto same = [&](const AttributeOptions& other) {
    auto files = bytes_of(other.out);
    EXPECT_EQ(files.size(), at_once.size());
    for (const auto& [name, bytes] : at_once) EXPECT_EQ(files[name], bytes) << name;
  };
  AttributeOptions batches = o;
  batches.out = folder_ / "batches";
  batches.batch_size = 7;
  attribute_run(batches);
  same(batches);
  for (int done = 1; done <= 3; ++done) {
    AttributeOptions part = o;
    part.out = folder_ / format("cut_{}", done);
    part.shard = format("{}/3", done);
    EXPECT_FALSE(attribute_run(part).finished);
    part.shard.clear();
    EXPECT_THAT(message<StateError>(part), HasSubstr("holds unfinished attributions; --resume continues them, --overwrite starts anew"));
    part.resume = true;
    const AttributeResult rest = attribute_run(part);
    EXPECT_EQ(rest.computed, done == 3 ? 512 : 344);
    same(part);
    EXPECT_TRUE(attribute_run(part).finished_before);
  }
  AttributeOptions shards = o;
  shards.out = folder_ / "shards";
  for (const char* part : {"3/3", "1/3", "2/3"}) {
    shards.shard = part;
    attribute_run(shards);
  }
  shards.shard.clear();
  shards.join = true;
  EXPECT_EQ(attribute_run(shards).computed, 0);
  same(shards);
}

TEST_F(Attribute, ADamagedPieceIsNamed) {
  write_sequences("many.fa", 300);
  AttributeOptions o = of_fasta("many.fa");
  o.shard = "1/2";
  attribute_run(o);
  write_file(folder_ / "out" / "pieces" / "000000.npz", "not a piece");
  o.shard.clear();
  o.resume = true;
  EXPECT_THAT(message<DataError>(o), HasSubstr("remove the file and call again with --resume: its examples are computed anew"));
  fs::remove(folder_ / "out" / "pieces" / "000000.npz");
  EXPECT_TRUE(attribute_run(o).finished);
}

TEST_F(Attribute, AResumeWithOtherOptionsIsRefusedByTheirName) {
  write_sequences("many.fa", 300);
  AttributeOptions o = of_fasta("many.fa");
  o.shard = "1/2";
  attribute_run(o);
  o.shard.clear();
  o.resume = true;
  AttributeOptions other = o;
  other.method = AttributeMethod::smoothgrad;
  EXPECT_THAT(message<StateError>(other), HasSubstr("what was begun there has method = \"gradient\", now it is \"smoothgrad\"; give the "
                                                    "options of the first call, another folder, or --overwrite to start anew"));
  other = o;
  other.central = 9;
  EXPECT_THAT(message<StateError>(other), HasSubstr("has central = 0, now it is 9"));
  save_weights(4);
  EXPECT_THAT(message<StateError>(o), HasSubstr("the weights of the run are not those that the work was begun with"));
  save_weights(3);
  write_sequences("many.fa", 301);
  EXPECT_THAT(message<StateError>(o), HasSubstr("an input file is not what it was when the work was begun"));
  write_sequences("many.fa", 300);
  o.batch_size = 5;
  o.type = AttributeType::float16;
  EXPECT_TRUE(attribute_run(o).finished) << "what changes no number may change";
  EXPECT_EQ(io::NpzFile(folder_ / "out" / "attributions.npz").read("arr_0").dtype, io::DType::f16);
}

TEST_F(Attribute, FoldersOfOthersAreLeftAlone) {
  write_file(folder_ / "out" / "thesis.txt", "years of work");
  EXPECT_THAT(message<StateError>(of_fasta()), HasSubstr("is not empty and holds no attributions; give a new folder"));
  AttributeOptions o = of_fasta("some.fa", "mine");
  attribute_run(o);
  EXPECT_THAT(message<StateError>(o), HasSubstr("holds finished attributions; give another folder, or --overwrite to replace them"));
  o.projected = o.overwrite = true;
  attribute_run(o);
  EXPECT_EQ(Folder(o.out).document["hypothetical"], false);
  o.overwrite = false;
  o.resume = true;
  o.seed = 9;
  EXPECT_THAT(message<StateError>(o), HasSubstr("were made with other options"));
}

TEST_F(Attribute, OptionsThatDoNotFitAreErrors) {
  EXPECT_THAT(message<ArgumentError>(options()), HasSubstr("fasta, table and split says what the examples are; none is given"));
  AttributeOptions o = of_fasta();
  o.genome = folder_ / "genome.fa";
  EXPECT_THAT(message<ArgumentError>(o), HasSubstr("several are given"));
  o = of_bed();
  o.bed.clear();
  EXPECT_THAT(message<ArgumentError>(o), HasSubstr("a genome needs intervals (bed) or regions"));
  o = of_fasta();
  o.formats = {AttributeFormat::bigwig};
  EXPECT_THAT(message<ArgumentError>(o), HasSubstr("bigwig needs examples of a genome"));
  o = of_fasta();
  o.shard = "3/2";
  EXPECT_THAT(message<ArgumentError>(o), HasSubstr("shard is \"3/2\"; expected i/n with 1 <= i <= n, such as 2/5"));
  o = of_fasta();
  o.references = "zeros";
  EXPECT_THAT(message<ArgumentError>(o), HasSubstr("references mean nothing with method = \"gradient\""));
  o.method = AttributeMethod::deeplift;
  o.references = "shuffled";
  EXPECT_THAT(message<ArgumentError>(o), HasSubstr("references is \"shuffled\"; it must be dinucleotide, permuted,"));
  o = of_fasta();
  o.central = 38;
  EXPECT_THAT(message<ArgumentError>(o), HasSubstr("central is 38, but the sequences have 37 bases"));
  o = of_fasta("some.fa", "joined");
  o.join = true;
  EXPECT_THAT(message<StateError>(o), HasSubstr("11 of 11 examples are missing, the first of them number 0"));
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
  o.split = run::PredictSplit::test;
  const AttributeResult result = attribute_run(o);
  EXPECT_EQ(result.examples, 12);
  const Folder made(folder_ / "out");
  EXPECT_EQ(made.document["input"], "the test set of the run");
  EXPECT_EQ(made.sequences.size(), 12U);
  EXPECT_EQ(std::count(made.sequences[0].begin(), made.sequences[0].end(), 'N'), 0);
}

}  // namespace
}  // namespace basewise::interpret
