// The measures of coverage on a small run along a genome: numbers, tables, what is refused.
#include "basewise/run/coverage_measures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <span>

#include "basewise/core/random.h"
#include "basewise/io/tsv.h"
#include "basewise/metrics/peaks.h"
#include "basewise/metrics/ranking.h"
#include "basewise/metrics/regression.h"
#include "basewise/run/detail/test_runs.h"
#include "basewise/run/measure_tables.h"

namespace basewise::run {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::fresh_folder;

constexpr std::int64_t kLengths[] = {6000, 3000, 4000};

/// Three chromosomes of random bases; four tracks whose level follows the genes that begin every
/// 250 bases; gene 3 of each chromosome has two starts.
void write_inputs(const fs::path& folder) {
  Stream draw(17);
  std::string fasta, genes = "", tracks[4];
  for (int c = 0; c < 3; ++c) {
    fasta += format(">chr{}\n", c + 1);
    for (std::int64_t i = 0; i < kLengths[c]; ++i) fasta += "ACGT"[draw.below(4)];
    fasta += "\n";
    for (std::int64_t i = 0; i < kLengths[c]; i += 25) {
      const double level = i % 250 < 50 ? 8 : 1;
      for (int t = 0; t < 4; ++t) {
        const double value = t == 3 ? 2 : std::floor(level * std::exp(draw.normal() * 0.5 + 0.2 * t));
        tracks[t] += format("chr{}\t{}\t{}\t{}\n", c + 1, i, i + 25, value);
      }
    }
    for (std::int64_t i = 5; i + 10 < kLengths[c]; i += 250)
      genes += format("chr{0}\t{1}\t{2}\tg{0}.{3}\t0\t{4}\n", c + 1, i, i + 1, i == 1755 ? 3 : i / 250, i % 500 == 5 ? '+' : '-');
  }
  write_file(folder / "g.fa", fasta);
  write_file(folder / "genes.bed", genes);
  for (int t = 0; t < 4; ++t) write_file(folder / format("t{}.bedGraph", t), tracks[t]);
  write_file(folder / "tracks.tsv",
             "index\tidentifier\tdescription\tclass\tstrand_pair\n0\tt0.bedGraph\tliver\tCAGE\t1\n1\tt1.bedGraph\tliver\tCAGE\t0\n"
             "2\tt2.bedGraph\tDNASE:heart\t\t2\n3\tt3.bedGraph\tDNASE:lung\t\t3\n");
  write_file(folder / "pairs.tsv", "a\tb\nt0.bedGraph\tt1.bedGraph\nt1.bedGraph\tt2.bedGraph\n");
}

constexpr const char* kRecipe = R"(seed = 3
[data]
kind = "genome"
[data.genome]
fasta = "g.fa"
per_base = true
window = 500
tracks = {files = ["t0.bedGraph", "t1.bedGraph", "t2.bedGraph", "t3.bedGraph"], bin = 25, name = "coverage"}
[data.split]
by = "chromosome"
validation_chromosomes = ["chr2"]
test_chromosomes = ["chr3"]
[[loss]]
type = "poisson"
output = "rate"
target = "coverage"
[model]
format = 1
inputs.sequence = {channels = 4}
[[model.layers]]
type = "conv"
filters = 3
width = 5
padding = "same"
[[model.layers]]
type = "pool"
width = 25
[[model.heads]]
name = "rate"
[[model.heads.layers]]
type = "conv"
filters = 4
width = 1
[train]
epochs = 1
loader = {batch_size = 4, workers = 0}
[evaluate]
bootstrap = {replicates = 10}
)";

class CoverageMeasures : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = fresh_folder("basewise_coverage_measures");
    write_inputs(folder_);
    write_file(folder_ / "r.toml", kRecipe);
    train_run({.recipe = (folder_ / "r.toml").string(), .out = folder_ / "run", .threads = 1});
  }

  std::map<std::string, double> measure(const std::string& name, std::vector<std::string> options = {}, const fs::path& tables = {}) {
    std::map<std::string, double> numbers;
    const MeasureRequest request{.run = folder_ / "run", .measure = name, .options = std::move(options)};
    for (const auto& [value, number] : measure_run(request, data_, tables).numbers)
      EXPECT_TRUE(numbers.emplace(value, number).second) << value;
    return numbers;
  }
  std::string error(const std::string& name, const std::vector<std::string>& options = {}) {
    return error_text([&] { return measure(name, options); });
  }
  static std::string file(const char* name) { return (folder_ / name).string(); }
  static std::vector<std::vector<std::string>> rows(const fs::path& table) {
    io::TsvReader reader(table, io::plain_table());
    std::vector<std::vector<std::string>> all;
    while (reader.next()) {
      all.emplace_back();
      for (std::size_t c = 0; c < reader.columns().size(); ++c) all.back().emplace_back(reader.text(c));
    }
    return all;
  }

  inline static fs::path folder_ = {};
  KeptData data_ = {};
  MeasureScope scope_{coverage_measures()};
};

/// Bins of the test set as the run has them, rate and measurement, bin by bin and track by track.
struct Bins {
  std::vector<float> rate[4] = {}, coverage[4] = {};
  std::vector<std::int64_t> start = {};
};

Bins bins_of(const fs::path& folder, KeptData& data) {
  const OpenRun run = open_run(folder / "run");
  const data::DatasetPtr& set = data.of(run.recipe).test;
  Bins bins;
  for (std::int64_t i = 0; i < set->size(); ++i) {
    const Bundle example = set->get(i, Stream(0));
    const at::Tensor rate = run.score()(stack({example})).at("rate")[0].exp();
    for (std::int64_t b = 0; b < rate.size(1); ++b) {
      bins.start.push_back(example.at("position").item<std::int64_t>() + b * 25);
      for (std::int64_t t = 0; t < 4; ++t) {
        bins.rate[t].push_back(rate[t][b].item<float>());
        bins.coverage[t].push_back(example.at("coverage")[t][b].item<float>());
      }
    }
  }
  return bins;
}

TEST_F(CoverageMeasures, CoverageIsOfRatesNotOfLogarithms) {
  const auto numbers = measure("coverage", {}, folder_ / "tables");
  const Bins bins = bins_of(folder_, data_);
  ASSERT_EQ(bins.start.size(), 160u);
  double sum = 0;
  for (int t = 0; t < 3; ++t) {
    const double expected = metrics::pearson(bins.rate[t], bins.coverage[t]).value;
    EXPECT_NEAR(numbers.at(format("t{}.bedGraph.pearson", t)), expected, 1e-6);
    sum += expected;
  }
  EXPECT_TRUE(std::isnan(numbers.at("t3.bedGraph.pearson"))) << "a track that does not vary";
  EXPECT_NEAR(numbers.at("pearson"), sum / 3, 1e-6) << "is not in the mean";
  EXPECT_NEAR(numbers.at("t1.bedGraph.r2"), metrics::r2(bins.rate[1], bins.coverage[1]).value, 1e-5);
  const auto table = rows(folder_ / "tables/acc.txt");
  ASSERT_EQ(table.size(), 4u);
  EXPECT_EQ(table[3][1], "NA");
  EXPECT_EQ(table[2][table[2].size() - 2], "t2.bedGraph");
  EXPECT_EQ(table[2].back(), "") << "no description is known";
  EXPECT_NEAR(std::stod(table[0][1]), numbers.at("t0.bedGraph.pearson"), 1e-7);
}

TEST_F(CoverageMeasures, PeaksOfEverySoManyBins) {
  const auto numbers = measure("peaks", {"step=2", "fdr=0.05"}, folder_ / "tables");
  const Bins bins = bins_of(folder_, data_);
  std::vector<float> coverage, rate;
  for (std::size_t i = 0; i < bins.start.size(); i += 2) {
    coverage.push_back(bins.coverage[0][i]);
    rate.push_back(bins.rate[0][i]);
  }
  const metrics::Peaks peaks = metrics::call_peaks(coverage, {.fdr = 0.05});
  ASSERT_GT(peaks.count, 3);
  EXPECT_NEAR(numbers.at("t0.bedGraph.auroc"), metrics::auroc(rate, peaks.labels).value, 1e-9);
  EXPECT_NEAR(numbers.at("t0.bedGraph.share"), static_cast<double>(peaks.count) / 80, 1e-12);
  EXPECT_TRUE(std::isnan(numbers.at("t3.bedGraph.auroc"))) << "a class that is not there is not defined, not 1";
  EXPECT_EQ(rows(folder_ / "tables/peaks.txt")[3][2], "NA");
  EXPECT_GE(measure("peaks", {"step=2", "fdr=0.05", "rule=floor_division"}).at("share"), numbers.at("share"));
}

TEST_F(CoverageMeasures, GenesAtTheirStarts) {
  const auto numbers = measure("genes", {"genes=" + file("genes.bed"), "tracks=" + file("tracks.tsv"), "variance=0"}, folder_ / "tables");
  EXPECT_EQ(numbers.at("genes"), 15) << "gene 3 has two starts, of 16 on the test chromosome";
  const auto predicted = rows(folder_ / "tables/gene_predictions.tsv"), measured = rows(folder_ / "tables/gene_measurements.tsv");
  const auto table = rows(folder_ / "tables/genes.tsv");
  const Bins bins = bins_of(folder_, data_);
  ASSERT_EQ(predicted.size(), 15u);
  ASSERT_EQ(predicted[0].size(), 4u) << "t0 and t1 are two strands of one track";
  std::vector<float> x, y;
  for (std::size_t g = 0; g < table.size(); ++g) {
    const std::int64_t start = std::stoll(table[g][2]);
    double rate = 0, coverage = 0;
    const bool twice = table[g][0] == "g3.3";
    for (const std::int64_t at : twice ? std::vector<std::int64_t>{start, 1755} : std::vector<std::int64_t>{start}) {
      const int track = table[g][4] == "-" ? 1 : 0;
      rate += bins.rate[track][static_cast<std::size_t>(at / 25)];
      coverage += bins.coverage[track][static_cast<std::size_t>(at / 25)];
    }
    EXPECT_NEAR(std::stod(predicted[g][1]), rate, 1e-3) << table[g][0];
    EXPECT_NEAR(std::stod(measured[g][1]), coverage, 1e-3);
    x.push_back(static_cast<float>(std::log2(rate + 1)));
    y.push_back(static_cast<float>(std::log2(coverage + 1)));
  }
  EXPECT_NEAR(numbers.at("t0.bedGraph/t1.bedGraph.pearson"), metrics::pearson(x, y).value, 1e-5);
  EXPECT_NEAR(numbers.at("t0.bedGraph/t1.bedGraph.spearman"), metrics::spearman(x, y).value, 1e-9);
  EXPECT_EQ(numbers.at("alternative.genes"), 1);
  EXPECT_EQ(rows(folder_ / "tables/alternative_starts.tsv").size(), 1u);
  EXPECT_EQ(rows(folder_ / "tables/variance_quarters.tsv").size(), 4u);
}

TEST_F(CoverageMeasures, GenesThatAreRefused) {
  EXPECT_THAT(error("genes"), HasSubstr("name a file with genes"));
  write_file(folder_ / "other.bed", "chr1\t5\t6\tx\t0\t+\n");
  EXPECT_THAT(error("genes", {"genes=" + file("other.bed")}), HasSubstr("no gene lies in the set with all of its bins"));
  write_file(folder_ / "few.tsv", "identifier\nt0.bedGraph\n");
  EXPECT_THAT(error("genes", {"genes=" + file("genes.bed"), "tracks=" + file("few.tsv")}),
              HasSubstr("has no row for 't1.bedGraph', 't2.bedGraph'"));
  EXPECT_THAT(error("genes", {"genes=" + file("genes.bed"), "target=nosuch"}), HasSubstr("the set has no 'nosuch'; it has sequence"));
}

TEST_F(CoverageMeasures, Groups) {
  write_file(folder_ / "left.bed", "chr3\t0\t1000\n");
  const auto numbers = measure("groups", {"files=[\"" + file("left.bed") + "\"]"}, folder_ / "tables");
  const Bins bins = bins_of(folder_, data_);
  EXPECT_NEAR(numbers.at("t1.bedGraph.left.pearson"),
              metrics::pearson(std::span(bins.rate[1]).first(40), std::span(bins.coverage[1]).first(40)).value, 1e-6);
  EXPECT_EQ(rows(folder_ / "tables/groups.tsv")[1][3], "40");
}

TEST_F(CoverageMeasures, SpecificityOfClasses) {
  const auto numbers = measure("specificity", {"tracks=" + file("tracks.tsv"), "step=1", "least=2", "stranded=false"}, folder_ / "tables");
  EXPECT_FALSE(std::isnan(numbers.at("CAGE.pearson")));
  EXPECT_NEAR(numbers.at("CAGE.pearson"), (numbers.at("t0.bedGraph.pearson") + numbers.at("t1.bedGraph.pearson")) / 2, 1e-9);
  EXPECT_EQ(rows(folder_ / "tables/acc_specificity.txt")[2][2], "DNASE");
  for (const auto& [name, number] : measure("specificity", {"step=1"})) EXPECT_TRUE(std::isnan(number)) << name << ": 4 tracks are few";
}

TEST_F(CoverageMeasures, ReplicatesArePaired) {
  const auto numbers = measure("replicates", {"pairs=" + file("pairs.tsv"), "log=false"}, folder_ / "tables");
  const Bins bins = bins_of(folder_, data_);
  const auto r = [](const std::vector<float>& a, const std::vector<float>& b) { return metrics::pearson(a, b).value; };
  EXPECT_EQ(numbers.at("pairs"), 2);
  EXPECT_NEAR(numbers.at("replicate.pearson"), (r(bins.coverage[0], bins.coverage[1]) + r(bins.coverage[1], bins.coverage[2])) / 2, 1e-6);
  EXPECT_NEAR(numbers.at("cross.pearson"),
              (r(bins.rate[0], bins.coverage[1]) + r(bins.rate[1], bins.coverage[0]) + r(bins.rate[1], bins.coverage[2]) +
               r(bins.rate[2], bins.coverage[1])) / 4,
              1e-6);
  EXPECT_NEAR(numbers.at("prediction.difference"), numbers.at("prediction.pearson") - numbers.at("replicate.pearson"), 1e-9);
  EXPECT_NEAR(numbers.at("prediction.p"), 0.5, 1e-12) << "two differences of one sign";
  EXPECT_EQ(measure("replicates", {"tracks=" + file("tracks.tsv")}).at("pairs"), 1) << "two tracks are called liver";
  EXPECT_THAT(error("replicates"), HasSubstr("name a table of replicates"));
  write_file(folder_ / "wrong.tsv", "a\tb\nt0.bedGraph\tt9\n");
  EXPECT_THAT(error("replicates", {"pairs=" + file("wrong.tsv")}), HasSubstr("wrong.tsv:2: there is no track 't9'"));
}

TEST_F(CoverageMeasures, ATransformOfTracksIsTold) {
  for (const char* measure : {"coverage", "genes", "peaks", "groups"}) {
    MeasureRequest request{.run = folder_ / "run", .measure = measure, .set = {"data.genome.tracks.transform=log1p"}};
    if (request.measure == "genes") request.options = {"genes=" + file("genes.bed")};
    if (request.measure == "groups") {
      write_file(folder_ / "left.bed", "chr3\t0\t1000\n");
      request.options = {"files=[\"" + file("left.bed") + "\"]"};
    }
    for (const bool transformed : {true, false}) {
      if (!transformed) request.set = {};
      ::testing::internal::CaptureStderr();
      measure_run(request, data_, {});
      const std::string said = ::testing::internal::GetCapturedStderr();
      EXPECT_EQ(said.find("genome.tracks.transform = \"log1p\"") != std::string::npos, transformed) << measure << ": " << said;
    }
  }
}

}  // namespace
}  // namespace basewise::run
