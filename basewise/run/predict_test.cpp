#include "basewise/run/predict.h"

#include <cmath>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/io/bigwig.h"
#include "basewise/io/fasta.h"
#include "basewise/io/npy.h"
#include "basewise/io/npz.h"
#include "basewise/io/tsv.h"
#include "basewise/nn/model.h"
#include "basewise/nn/weights.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise::run {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPerBase = R"(
format = 1
[inputs.sequence]
channels = 4
[[layers]]
type = "conv"
filters = 6
width = 5
padding = "valid"
[[layers]]
type = "activation"
[[layers]]
type = "conv"
filters = 2
width = 3
dilation = 4
padding = "valid"
[[heads]]
name = "logits"
)";

constexpr const char* kPerSequence = R"(
format = 1
[inputs.sequence]
channels = 4
length = 37
[[layers]]
type = "conv"
filters = 6
width = 5
[[layers]]
type = "pool"
global = true
[[layers]]
type = "dense"
units = 3
[[heads]]
name = "logits"
)";

std::string random_letters(std::int64_t n, std::uint64_t seed) {
  Stream draw(seed);
  std::string letters;
  for (std::int64_t i = 0; i < n; ++i) letters += "ACGT"[draw.below(4)];
  return letters;
}

/// A folder with a genome, its intervals, and two run folders.
class Predict : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              format("basewise_predict_{}", testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    save_run("per_base", kPerBase);
    save_run("per_sequence", kPerSequence);
    io::write_fasta(folder_ / "genome.fa",
                    {{"chrA", "", random_letters(803, 1)}, {"ring", "", random_letters(211, 2)}});
    write_file(folder_ / "sites.bed",
               "chrA\t100\t103\tfirst\t0\t+\nring\t3\t4\tsecond\t0\t-\nchrA\t790\t800\tthird\t0\t+\n");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void save_run(const std::string& name, const char* toml) {
    write_file(folder_ / name / "model.toml", toml);
    const auto model = nn::build_model(toml, "model.toml", 3);
    nn::save_weights(*model, folder_ / name / "weights.safetensors");
  }

  PredictOptions genome_options() const {
    PredictOptions o;
    o.run = folder_ / "per_base";
    o.out = folder_ / "out" / "tss";
    o.examples.genome = folder_ / "genome.fa";
    o.examples.circular = {"ring"};
    return o;
  }

  /// The model applied to the whole of a sequence with `margin` bases more on both sides.
  at::Tensor expected(const std::string& letters) const {
    at::Tensor x = at::zeros({1, 4, static_cast<std::int64_t>(letters.size())});
    for (std::size_t i = 0; i < letters.size(); ++i)
      if (const auto c = std::string("ACGT").find(letters[i]); c != std::string::npos)
        x[0][static_cast<std::int64_t>(c)][static_cast<std::int64_t>(i)] = 1;
    return open_run(folder_ / "per_base").score()({{"sequence", x}}).at("logits")[0];
  }

  fs::path folder_;
};

std::string message(const PredictOptions& options) {
  return error_text([&] { predict_run(options); });
}

void expect_track(const fs::path& file, const std::string& chrom, std::int64_t start, const at::Tensor& row) {
  const auto values = io::BigWigReader(file).values(chrom, start, start + row.size(0));
  for (std::int64_t i = 0; i < row.size(0); ++i)
    ASSERT_NEAR(values[static_cast<std::size_t>(i)], row[i].item<float>(), 1e-5) << chrom << i;
}

TEST_F(Predict, WholeGenomeAsBigWigAndNpz) {
  auto options = genome_options();
  options.formats = {PredictFormat::bigwig, PredictFormat::npz};
  options.tile = 100;
  // The convolutions are valid: without padding, six bases at both ends of chrA have no value.
  options.examples.edges = infer::EdgeValues::pad;
  const auto result = predict_run(options);
  ASSERT_EQ(result.files.size(), 3u);
  EXPECT_EQ(result.files[0], folder_ / "out" / "tss.forward.bw");
  EXPECT_EQ(result.sequences, 2);
  EXPECT_EQ(result.values, 2 * (803 + 211));
  const std::string pad(20, 'N'), linear = random_letters(803, 1), ring = random_letters(211, 2);
  const at::Tensor a = expected(pad + linear + pad).slice(1, 14, 817);  // 6 bases are cut off
  const at::Tensor r = expected(ring.substr(191) + ring + ring.substr(0, 20)).slice(1, 14, 225);
  for (std::int64_t c = 0; c < 2; ++c) {
    expect_track(result.files[static_cast<std::size_t>(c)], "chrA", 0, a[c]);
    expect_track(result.files[static_cast<std::size_t>(c)], "ring", 0, r[c]);
  }
  const auto array = io::NpzFile(result.files[2]).read("ring");
  EXPECT_LE((to_tensor(array.as<float>(), array.shape) - r).abs().max().item<float>(), 1e-5);
}

TEST_F(Predict, EndsOfChromosomesHaveNoValueUnlessPadded) {
  auto options = genome_options();
  const auto plain = predict_run(options);
  options.examples.edges = infer::EdgeValues::pad;
  options.out = folder_ / "out" / "padded";
  const auto padded = predict_run(options);
  EXPECT_TRUE(padded.notes.empty());
  ASSERT_EQ(plain.notes.size(), 1u);
  EXPECT_THAT(plain.notes[0], testing::HasSubstr("12 positions at the ends of chromosomes have no value"));
  for (std::size_t c = 0; c < 2; ++c) {
    const io::BigWigReader without(plain.files[c]), with(padded.files[c]);
    const auto a = without.values("chrA", 0, 803), b = with.values("chrA", 0, 803);
    for (std::size_t i = 0; i < 803; ++i) {
      ASSERT_FALSE(std::isnan(b[i])) << i;
      if (i < 6 || i >= 797)
        ASSERT_TRUE(std::isnan(a[i])) << i;
      else
        ASSERT_EQ(a[i], b[i]) << i;
    }
    EXPECT_EQ(without.values("ring", 0, 211), with.values("ring", 0, 211));  // a ring has no end
  }
}

/// A column of a table of predictions as numbers.
std::vector<double> column_of(const fs::path& file, const std::string& column) {
  io::TsvReader table(file);
  std::vector<double> values;
  while (table.next()) values.push_back(std::stod(std::string(table.text(column))));
  return values;
}

const auto kNan = testing::NanSensitiveDoubleEq(std::nan(""));

TEST_F(Predict, RowsOfABedFileAreOneToOneAndInOrder) {
  write_file(folder_ / "rows.bed",
             "chrQ\t5\t9\tunknown\t0\t+\nchrA\t300\t310\tinside\t0\t+\nchrA\t900\t910\tbeyond\t0\t+\n"
             "chrA\t10\t12\tedge\t0\t+\nchrA\t300\t310\tagain\t0\t+\nchrA\t300\t310\tturned\t0\t-\n");
  auto options = genome_options();
  options.run = folder_ / "per_sequence";
  options.examples.bed = folder_ / "rows.bed";
  options.batch_size = 4;
  const auto result = predict_run(options);
  io::TsvReader table(result.files.at(0));
  std::vector<std::string> names;
  while (table.next()) names.emplace_back(table.text("name"));
  EXPECT_THAT(names, testing::ElementsAre("unknown", "inside", "beyond", "edge", "again", "turned"));
  const std::vector<double> values = column_of(result.files.at(0), "0");
  ASSERT_EQ(values.size(), 6u);
  const auto inside = testing::DoubleNear(values[1], 1e-5);
  EXPECT_THAT(values, testing::ElementsAre(kNan, inside, kNan, kNan, inside, testing::Not(inside)));
  EXPECT_FALSE(std::isnan(values[5]));
  EXPECT_EQ(result.sequences, 6);
  EXPECT_THAT(result.notes,
              testing::UnorderedElementsAre(testing::HasSubstr("1 of 6 windows of 37 bases leave their chromosome"),
                                            testing::HasSubstr("1 of 6 rows lie on chromosomes that"),
                                            testing::HasSubstr("1 of 6 rows lie beyond the end of their chromosome")));
  options.examples.edges = infer::EdgeValues::pad;
  options.examples.turn = PredictTurn::forward;
  options.out = folder_ / "out" / "padded";
  EXPECT_THAT(column_of(predict_run(options).files.at(0), "0"),
              testing::ElementsAre(kNan, inside, kNan, testing::Not(kNan), inside, inside));
  write_file(folder_ / "rows.bed", "chrQ\t5\t9\n");
  EXPECT_THAT(message(options), testing::HasSubstr("uses 'chrQ'"));
}

TEST_F(Predict, WindowsLieAroundThePointThatIsAskedFor) {
  // Summit 30, middle 50 and 5' end of [100, 201), then windows of 37 bases around these bases.
  write_file(folder_ / "p.narrowPeak", "chrA\t100\t201\ta\t0\t+\t1\t-1\t-1\t30\n");
  auto options = genome_options();
  options.run = folder_ / "per_sequence";
  options.examples.bed = folder_ / "p.narrowPeak";
  std::vector<std::string> found;
  for (const PredictPoint point : {PredictPoint::automatic, PredictPoint::centre, PredictPoint::summit, PredictPoint::start}) {
    options.examples.point = point;
    io::TsvReader table(predict_run(options).files.at(0));
    ASSERT_TRUE(table.next());
    found.emplace_back(table.text("0"));
  }
  const std::string letters = random_letters(803, 1);
  std::string fasta;
  for (const std::size_t middle : {150u, 150u, 130u, 100u}) fasta += format(">x{}\n{}\n", fasta.size(), letters.substr(middle - 18, 37));
  write_file(folder_ / "s.fa", fasta);
  PredictOptions sequences;
  sequences.run = options.run;
  sequences.examples.fasta = folder_ / "s.fa";
  sequences.out = folder_ / "out" / "s";
  io::TsvReader expected(predict_run(sequences).files.at(0));
  for (const std::string& value : found) {
    ASSERT_TRUE(expected.next());
    EXPECT_NEAR(std::stod(value), expected.number("0"), 1e-5);
  }
}

TEST_F(Predict, AnyBatchSizeGivesTheSameNumbers) {
  std::string fasta;
  for (int i = 0; i < 23; ++i) fasta += format(">s{}\n{}\n", i, random_letters(37, 40 + static_cast<std::uint64_t>(i)));
  write_file(folder_ / "s.fa", fasta);
  PredictOptions options;
  options.run = folder_ / "per_sequence";
  options.examples.fasta = folder_ / "s.fa";
  options.formats = {PredictFormat::tsv, PredictFormat::npz};
  std::vector<std::vector<double>> tables;
  for (const std::int64_t batch : {1, 4, 64}) {
    options.batch_size = batch;
    options.out = folder_ / format("batch_{}", batch);
    const auto result = predict_run(options);
    tables.push_back(column_of(result.files.at(0), "1"));
    EXPECT_EQ(result.sequences, 23);
  }
  EXPECT_THAT(tables[1], testing::Pointwise(testing::DoubleNear(1e-5), tables[0]));
  EXPECT_THAT(tables[2], testing::Pointwise(testing::DoubleNear(1e-5), tables[0]));
  EXPECT_EQ(io::NpzFile(folder_ / "batch_4.npz").read("logits").shape, (std::vector<std::int64_t>{23, 3}));
}

TEST_F(Predict, ColumnsOfATableAreKeptBesideTheOutputs) {
  write_file(folder_ / "s.tsv", format("cell\tsequence\tname\tb\nK562\t{}\tx\t1\nHepG2\t{}\ty\t0\n", random_letters(37, 5),
                                       random_letters(37, 6)));
  PredictOptions options;
  options.run = folder_ / "per_sequence";
  options.examples.table = folder_ / "s.tsv";
  options.names = {"a", "b", "c"};
  options.out = folder_ / "kept";
  io::TsvReader table(predict_run(options).files.at(0));
  EXPECT_THAT(table.columns(), testing::ElementsAre("name", "cell", "observed.b", "a", "b", "c"));
  ASSERT_TRUE(table.next());
  EXPECT_EQ(table.text("cell"), "K562");
  EXPECT_EQ(table.text("observed.b"), "1");
  options.formats = {PredictFormat::npz};
  const auto arrays = predict_run(options);
  ASSERT_EQ(arrays.files.size(), 2u);
  EXPECT_EQ(arrays.files[1], folder_ / "kept.rows.tsv");
  io::TsvReader rows(arrays.files[1]);
  EXPECT_THAT(rows.columns(), testing::ElementsAre("name", "cell", "b"));
}

TEST_F(Predict, AWindowMakesArraysOfAnOutputPerPosition) {
  auto options = genome_options();
  options.examples.bed = folder_ / "sites.bed";
  options.examples.window = 51;
  const auto result = predict_run(options);
  ASSERT_EQ(result.files.size(), 2u);
  const auto array = io::NpzFile(result.files[0]).read("logits");
  EXPECT_EQ(array.shape, (std::vector<std::int64_t>{3, 2, 39}));
  const at::Tensor values = to_tensor(array.as<float>(), array.shape);
  const at::Tensor whole = expected(random_letters(803, 1));  // from base 6 on
  // The first window is [76, 127), so that its values are those of [82, 121).
  EXPECT_LE((values[0] - whole.slice(1, 76, 115)).abs().max().item<float>(), 1e-5);
  EXPECT_TRUE(values[2].isnan().all().item<bool>());  // [770, 821) leaves chrA
}

TEST_F(Predict, RegionsAndBedGiveTheSameNumbersAsTheWhole) {
  auto options = genome_options();
  const auto whole = predict_run(options);
  const auto forward = io::BigWigReader(whole.files[0]).values("chrA", 0, 803);
  options.out = folder_ / "out" / "part";
  options.examples.regions = {"chrA:101-300", "chrA:251-400", "ring"};
  const auto part = predict_run(options);
  EXPECT_EQ(part.sequences, 2);  // the two stretches of chrA overlap
  const auto values = io::BigWigReader(part.files[0]).values("chrA", 0, 803);
  for (std::size_t i = 0; i < 803; ++i) {
    if (i >= 100 && i < 400)
      ASSERT_NEAR(values[i], forward[i], 1e-5);
    else
      ASSERT_TRUE(std::isnan(values[i]));
  }
  options.examples.regions.clear();
  options.examples.bed = folder_ / "sites.bed";
  options.out = folder_ / "out" / "bed";
  EXPECT_EQ(predict_run(options).values, 2 * (3 + 1 + 10));
}

TEST_F(Predict, WindowsOfIntervalsAsTable) {
  auto options = genome_options();
  options.run = folder_ / "per_sequence";
  options.examples.bed = folder_ / "sites.bed";
  options.names = {"a", "b", "c"};
  options.activation = infer::OutputActivation::sigmoid;
  options.batch_size = 2;
  options.examples.edges = infer::EdgeValues::pad;  // the third window leaves chrA
  const auto result = predict_run(options);
  ASSERT_EQ(result.files.size(), 1u);
  io::TsvReader table(result.files[0]);
  std::vector<std::string> names;
  while (table.next()) {
    names.emplace_back(table.text("name"));
    EXPECT_GT(table.number("b"), 0);
    EXPECT_LT(table.number("b"), 1);
  }
  EXPECT_THAT(names, testing::ElementsAre("first", "second", "third"));
}

TEST_F(Predict, SequencesOfFastaAndTableAgree) {
  io::write_fasta(folder_ / "s.fa", {{"x", "", random_letters(37, 5)}, {"y", "", random_letters(37, 6)}});
  write_file(folder_ / "s.tsv", format("name\tletters\nx\t{}\ny\t{}\n", random_letters(37, 5), random_letters(37, 6)));
  PredictOptions options;
  options.run = folder_ / "per_sequence";
  options.out = folder_ / "from_fasta";
  options.examples.fasta = folder_ / "s.fa";
  const auto fasta = predict_run(options);
  options.examples.fasta.clear();
  options.examples.table = folder_ / "s.tsv";
  options.examples.sequence_column = "letters";
  options.out = folder_ / "from_table";
  const auto table = predict_run(options);
  EXPECT_EQ(read_file(fasta.files.at(0)), read_file(table.files.at(0)));
  EXPECT_EQ(fasta.sequences, 2);
}

TEST_F(Predict, RefusesOptionsThatDoNotFit) {
  PredictOptions none;
  EXPECT_EQ(message(none), "predict needs exactly one of genome, fasta, table and split; none are given");
  auto both = genome_options();
  both.examples.fasta = "x.fa";
  EXPECT_EQ(message(both), "predict needs exactly one of genome, fasta, table and split; several are given");
  auto output = genome_options();
  output.output = "profile";
  EXPECT_EQ(message(output), "the model has no output 'profile'; its outputs are logits");
  auto windows = genome_options();
  windows.run = folder_ / "per_sequence";
  EXPECT_THAT(message(windows),
              testing::HasSubstr("one value per sequence: along a genome give the intervals to predict (bed)"));
  auto names = genome_options();
  names.names = {"only"};
  EXPECT_EQ(message(names), "1 names were given, but output 'logits' has 2 channels");
  auto chrom = genome_options();
  chrom.examples.regions = {"chrQ:1-10"};
  EXPECT_THAT(message(chrom), testing::HasSubstr("chrQ"));
  auto tsv = genome_options();
  tsv.formats = {PredictFormat::tsv};
  EXPECT_THAT(message(tsv), testing::HasSubstr("write bigwig or npz, not tsv"));
  EXPECT_FALSE(fs::exists(folder_ / "out" / "tss.only.bw"));
}

// Whatever an output is called, it replaces neither what is read nor what the run keeps.
TEST_F(Predict, OutputsReplaceNoInputAndNoFileOfTheRun) {
  PredictOptions o;
  o.run = folder_ / "per_sequence";
  o.examples.table = folder_ / "some.tsv";
  write_file(o.examples.table, "name\tsequence\nfirst\t" + random_letters(37, 5) + "\n");
  const std::string before = read_file(o.examples.table);
  o.out = folder_ / "some";
  EXPECT_THAT(message(o), testing::HasSubstr("some.tsv would replace the input that table names"));
  EXPECT_EQ(read_file(o.examples.table), before);
  o.formats = {PredictFormat::npz};
  EXPECT_EQ(predict_run(o).files.size(), 2);
  write_file(o.run / "log.tsv", "epoch\n");
  o.formats = {};
  o.out = o.run / "log";
  EXPECT_THAT(message(o), testing::HasSubstr("would replace the input that run names"));
  EXPECT_EQ(read_file(o.run / "log.tsv"), "epoch\n");
  o.out = o.run / "predictions";
  EXPECT_EQ(predict_run(o).files.size(), 1);
}

TEST_F(Predict, AWindowNeedsAGenome) {
  PredictOptions o{.run = folder_ / "per_sequence", .out = folder_ / "out", .examples = {.fasta = folder_ / "genome.fa", .window = 37}};
  EXPECT_THAT(message(o), testing::HasSubstr("window is what is read around an interval of a genome, and there is none"));
  o.examples.window = 0;
  o.examples.bed = folder_ / "sites.bed";
  EXPECT_THAT(message(o), testing::HasSubstr("need a genome: give the FASTA file of the genome"));
}

}  // namespace
}  // namespace basewise::run
