// Measures of coverage on a binned set: pairs of strands and descriptions are those of its own
// table, and what a transform does to measures is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "basewise/core/log.h"
#include "basewise/io/tsv.h"
#include "basewise/run/coverage_measures.h"
#include "basewise/run/detail/test_runs.h"
#include "basewise/run/measure_tables.h"

namespace basewise::run {
namespace {

using ::testing::ElementsAre;
using testing::fresh_folder;

// Tracks CAGE+, DNASE and CAGE-, of which the first and the last are two strands.
constexpr const char* kRecipe = R"(seed = 3
[data]
kind = "binned"
binned.folder = "{}"
binned.only = {}
[[loss]]
type = "mse"
output = "rate"
target = "signal"
[model]
format = 1
inputs.sequence = {{channels = 4}}
[[model.layers]]
type = "crop"
left = 10
right = 10
[[model.layers]]
type = "pool"
width = 4
[[model.heads]]
name = "rate"
[[model.heads.layers]]
type = "conv"
filters = {}
width = 1
[train]
epochs = 1
loader = {{batch_size = 4, workers = 0}}
[evaluate]
bootstrap = {{replicates = 10}}
)";

class BinnedMeasures : public ::testing::Test {
 protected:
  /// A run on the golden set, of all tracks or some.
  void train(const std::string& only = "[]", int tracks = 3) {
    folder_ = fresh_folder("basewise_binned_measures");
    const std::string golden = fs::absolute("tests/golden/io/binned").string();  // its numbers: tests/golden/io/binned_golden.py
    write_file(folder_ / "r.toml", format(kRecipe, golden, only, tracks));
    write_file(folder_ / "genes.bed", "chr1\t1\t2\tforward\t0\t+\nchr2\t109\t110\treverse\t0\t-\nchr1\t5\t6\tmore\t0\t+\n");
    train_run({.recipe = (folder_ / "r.toml").string(), .out = folder_ / "run", .threads = 1});
  }

  std::map<std::string, double> measure(const std::string& name, std::vector<std::string> options = {}) {
    const MeasureRequest request{
        .run = folder_ / "run", .measure = name, .options = std::move(options), .split = results::Set::train};
    std::map<std::string, double> numbers;
    for (const auto& [value, number] : measure_run(request, data_, folder_ / "tables").numbers) numbers.emplace(value, number);
    return numbers;
  }
  std::vector<std::string> column(const std::string& table, const std::string& name) const {
    io::TsvReader reader(folder_ / "tables" / table, io::plain_table());
    const std::size_t c = reader.column(name);
    std::vector<std::string> texts;
    while (reader.next()) texts.emplace_back(reader.text(c));
    return texts;
  }
  std::string genes() const { return "genes=" + (folder_ / "genes.bed").string(); }

  fs::path folder_ = {};
  KeptData data_ = {};
  MeasureScope scope_{coverage_measures()};
};

TEST_F(BinnedMeasures, StrandsOfTheSetArePairs) {
  train();
  measure("genes", {genes()});
  EXPECT_THAT(column("gene_cors.txt", "identifier"), ElementsAre("CAGE+/CAGE-", "DNASE"));
  EXPECT_THAT(column("gene_cors.txt", "description"), ElementsAre("made: of # arithmetic", "made: of # arithmetic"));
  measure("genes", {genes(), "stranded=false"});
  EXPECT_THAT(column("gene_cors.txt", "identifier"), ElementsAre("CAGE+", "DNASE", "CAGE-"));
}

TEST_F(BinnedMeasures, ATableSaysOtherwise) {
  train();
  write_file(folder_ / "plain.tsv", "identifier\tdescription\nCAGE+\t\nDNASE\tlung\nCAGE-\t\n");
  measure("genes", {genes(), "tracks=" + (folder_ / "plain.tsv").string()});
  EXPECT_THAT(column("gene_cors.txt", "identifier"), ElementsAre("CAGE+/CAGE-", "DNASE")) << "it says nothing of strands";
  EXPECT_THAT(column("gene_cors.txt", "description"), ElementsAre("", "lung"));
  EXPECT_THAT(error_text([&] { measure("replicates", {"tracks=" + (folder_ / "plain.tsv").string()}); }),
              ::testing::HasSubstr("no two tracks have the same description"))
      << "two tracks without one do not repeat each other";
  write_file(folder_ / "none.tsv", "index\tidentifier\tstrand_pair\n0\tCAGE+\t0\n1\tDNASE\t1\n2\tCAGE-\t2\n");
  measure("genes", {genes(), "tracks=" + (folder_ / "none.tsv").string()});
  EXPECT_THAT(column("gene_cors.txt", "identifier"), ElementsAre("CAGE+", "DNASE", "CAGE-")) << "it says that there are none";
  write_file(folder_ / "names.tsv", "identifier\nCAGE+\nDNASE\nCAGE-\n");
  measure("coverage", {"tracks=" + (folder_ / "names.tsv").string()});
  EXPECT_THAT(column("acc.txt", "description"), ElementsAre("", "", "")) << "no identifier stands for a description";
}

TEST_F(BinnedMeasures, ClassesAreThoseOfTheSet) {
  train();
  const auto numbers = measure("specificity", {"step=1", "least=2"});
  EXPECT_THAT(column("acc_specificity.txt", "class"), ElementsAre("made", "made", "made"));
  EXPECT_EQ(numbers.count("made.stranded.pearson"), 1u);
}

TEST_F(BinnedMeasures, SomeTracksHaveTheirOwnDescriptions) {
  train("[\"DNASE\"]", 1);
  measure("coverage");
  EXPECT_THAT(column("acc.txt", "identifier"), ElementsAre("DNASE"));
  EXPECT_THAT(column("acc.txt", "description"), ElementsAre("made: of # arithmetic"));
}

}  // namespace
}  // namespace basewise::run
