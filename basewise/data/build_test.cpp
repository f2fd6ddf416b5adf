#include "basewise/data/build.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/detail/test_support.h"
#include "basewise/data/loader.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using testing::HasSubstr;
using testing_support::equal;
using testing_support::letters_of;
using testing_support::random_letters;

std::filesystem::path file(const std::string& name, const std::string& text) {
  return testing_support::make_file("build", name, text, testing::TempDir());
}

DataOptions from_toml(const std::string& toml) {
  DataOptions options;
  read_toml(described(options), toml, "recipe.toml");
  return options;
}

TEST(Build, SimulationIsAFunctionOfTheSeed) {
  DataOptions o;
  o.simulation.sequences = 100;
  o.simulation.length = 50;
  const DataSplits a = build_data(o, 3);
  EXPECT_EQ(a.train->size(), 80);
  EXPECT_EQ(a.validation->size(), 10);
  EXPECT_EQ(a["test"]->size(), 10);
  EXPECT_EQ(a.target()->channels, (std::vector<std::string>{"CTCF", "SPI1", "CEBPB"}));
  EXPECT_TRUE(a.inputs.empty());
  EXPECT_THAT(a.summary, testing::StartsWith("train: 80 sequences of 50 bases from a simulation"));
  EXPECT_TRUE(equal(a.test->get(3, Stream(0)), build_data(o, 3).test->get(3, Stream(0))));
  EXPECT_FALSE(equal(a.test->get(3, Stream(0)), build_data(o, 4).test->get(3, Stream(0))));
  EXPECT_THAT(error_text([&] { a["dev"]; }), HasSubstr("set is \"dev\"; it must be one of train, validation, test"));
}

// Names and values of a whole set.
std::vector<Bundle> examples_of(const DatasetPtr& set) {
  std::vector<Bundle> all;
  for (std::int64_t i = 0; i < set->size(); ++i) all.push_back(set->get(i, Stream(0)));
  return all;
}

TEST(Build, ASeedOfTheDataStandsAboveTheSeedOfTheRun) {
  DataOptions o;
  o.simulation.sequences = 30;
  o.simulation.length = 50;
  o.seed = 17;
  const DataSplits a = build_data(o, 3);
  const DataSplits b = build_data(o, 4);
  for (const char* set : {"train", "validation", "test"})
    for (std::int64_t i = 0; i < a[set]->size(); ++i) EXPECT_TRUE(equal(a[set]->get(i, Stream(0)), b[set]->get(i, Stream(0))));
  o.seed = 18;
  EXPECT_FALSE(equal(a.test->get(1, Stream(0)), build_data(o, 3).test->get(1, Stream(0))));
}

TEST(Build, NoiseTurnsLabelsOfTheTrainingSetAlone) {
  DataOptions o;
  o.simulation.sequences = 2000;
  o.simulation.length = 50;
  o.simulation.label_noise = 0;
  o.check_duplicates = false;
  const DataSplits clean = build_data(o, 3);
  o.train_label_noise = 0.2;
  const DataSplits noisy = build_data(o, 3);
  for (const char* set : {"validation", "test"}) {
    const auto a = examples_of(clean[set]);
    const auto b = examples_of(noisy[set]);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(equal(a[i], b[i]));
  }
  const auto a = examples_of(clean.train);
  const auto b = examples_of(noisy.train);
  ASSERT_EQ(a.size(), 1600U);
  std::vector<std::int64_t> turned(3);
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_TRUE(at::equal(a[i].at("sequence"), b[i].at("sequence")));
    for (std::int64_t t = 0; t < 3; ++t)
      turned[static_cast<std::size_t>(t)] += a[i].at("labels")[t].item<float>() != b[i].at("labels")[t].item<float>();
  }
  for (const std::int64_t n : turned) EXPECT_NEAR(static_cast<double>(n), 320, 65);
  EXPECT_THAT(noisy.summary, HasSubstr(format("note: {} of 4800 labels of the training set were turned round as noise",
                                              turned[0] + turned[1] + turned[2])));
}

TEST(Build, NoiseLeavesMissingLabelsAndRefusesNumbers) {
  const auto table = [](const std::string& label) {
    std::string text = "name\tsequence\ty\tz\n";
    for (std::uint64_t i = 0; i < 10; ++i) text += format("s{}\t{}\tNA\t{}\n", i, random_letters(12, i), label);
    return from_toml(format("kind = \"table\"\ntable.file = \"{}\"\ntable.labels = [\"y\", \"z\"]\ntrain_label_noise = 1\n",
                            file("noise_" + label + ".tsv", text).string()));
  };
  const DataSplits splits = build_data(table("1"), 1);
  const Bundle example = splits.train->get(2, Stream(0));
  EXPECT_EQ(example.at("labels")[1].item<float>(), 0) << "with a share of 1 every label is turned round";
  EXPECT_FALSE(example.at("labels.mask")[0].item<bool>());
  EXPECT_EQ(splits.test->get(0, Stream(0)).at("labels")[1].item<float>(), 1);
  EXPECT_THAT(error_text([&] { build_data(table("0.5"), 1); }),
              HasSubstr("noise_0.5.tsv: label 'z' of 's2' is 0.5; only labels 0 and 1 can be turned round by noise"));
}

TEST(Build, TableByColumnReportsDuplicates) {
  const std::string copy = random_letters(60, 1);
  std::string text = "name\tsequence\ty\tsplit\n";
  for (std::uint64_t i = 0; i < 6; ++i) text += format("s{}\t{}\t{}\ttrain\n", i, random_letters(60, i), i % 2);
  text += format("v\t{}\t1\tvalid\nt\t{}\t0\ttest\n", random_letters(60, 50), copy);
  const auto path = file("t.tsv", text);
  const DataSplits splits = build_data(
      from_toml(format("kind = \"table\"\ntable.file = \"{}\"\nsplit.by = \"column\"\naugment.reverse_complement = 0.5", path.string())),
      1);
  EXPECT_EQ(splits.train->size(), 6);
  EXPECT_EQ(splits.target()->channels, (std::vector<std::string>{"y"}));
  EXPECT_THAT(splits.notes, testing::ElementsAre("labels are the columns y (data.table.labels chooses)",
                                                 HasSubstr("1 of the 1 test sequences also occur in train: 1 exactly (either strand)")));
  ASSERT_EQ(splits.inputs.size(), 1U);
  EXPECT_EQ(splits.inputs[0].path, path);
  EXPECT_THAT(splits.summary, HasSubstr("seen from the other strand with probability 0.5\nvalidation: 1 sequences"));
}

TEST(Build, ShuffledNegativesDoubleASet) {
  DataOptions o;
  o.simulation.sequences = 50;
  o.simulation.length = 40;
  o.negatives.kind = NegativeKind::shuffled;
  const DataSplits splits = build_data(o, 3);
  EXPECT_EQ(splits.train->size(), 80);
  EXPECT_TRUE(equal(splits.test->get(7, Stream(1)), splits.test->get(7, Stream(2)))) << "negatives of the test set stay";
  EXPECT_FALSE(equal(splits.train->get(77, Stream(1)), splits.train->get(77, Stream(2))));
}

class GenomeBuild : public testing::Test {
 protected:
  GenomeBuild() {
    fasta = file("g.fa", ">ring\n" + random_letters(5000, 1) + "\n>lin\n" + random_letters(4000, 2) + "\n");
    std::string bed;
    for (int k = 0; k < 10; ++k) bed += format("lin\t{}\t{}\tp{}\n", 50 + 390 * k, 150 + 390 * k, k % 2);
    sites = file("sites.bed", bed);
  }
  std::string base() const {
    return format(
        "kind = \"genome\"\ngenome.fasta = \"{}\"\ngenome.circular_chromosomes = [\"ring\"]\ngenome.sites.file = \"{}\"\ngenome.window = "
        "100\n",
        fasta.string(), sites.string());
  }
  std::filesystem::path fasta, sites;
};

TEST_F(GenomeBuild, WindowsWithBackground) {
  const DataSplits splits = build_data(from_toml(base() + R"(
genome.sites.task = "name"
split.by = "ranges"
split.validation_ranges = [{chromosome = "lin", start = 0, end = 1000}]
split.test_ranges = [{chromosome = "lin", start = 3000}]
negatives.kind = "random"
negatives.ratio = 2
)"),
                                       1);
  EXPECT_EQ(splits.target()->channels, (std::vector<std::string>{"p0", "p1"}));
  EXPECT_EQ(splits.target()->bin, 0);
  // Sites 0 to 2 lie in validation, 8 and 9 in test, the others in train;
  // two background windows for each.
  EXPECT_EQ(splits.validation->size(), 9);
  EXPECT_EQ(splits.test->size(), 6);
  EXPECT_EQ(splits.train->size(), 15);
  const Bundle site = splits.validation->get(1, Stream(0));
  EXPECT_TRUE(at::equal(site.at("labels"), at::tensor({0.0F, 1.0F})));
  EXPECT_EQ(letters_of(site.at("sequence")), random_letters(4000, 2).substr(440, 100));
  const Bundle background = splits.validation->get(8, Stream(0));
  EXPECT_EQ(background.at("labels").sum().item<float>(), 0);
  EXPECT_LE(background.at("position").item<std::int64_t>(), 900) << "background of a set comes from its own stretch";
}

TEST_F(GenomeBuild, PerBase) {
  const DataSplits splits = build_data(from_toml(base() + R"(
genome.per_base = true
genome.context = 9
split.by = "chromosome"
split.test_chromosomes = ["lin"]
)"),
                                       1);
  EXPECT_EQ(splits.target()->bin, 1);
  EXPECT_EQ(splits.test->size(), 40);
  EXPECT_EQ(splits.validation->size(), 0);
  EXPECT_EQ(splits.validation->schema(), splits.test->schema());
  EXPECT_EQ(splits.test->get(1, Stream(0)).at("labels").sum().item<float>(), 2) << "a site without strand counts on both";
}

TEST_F(GenomeBuild, ErrorsSayWhatToDo) {
  const auto build = [&](const std::string& more) { return error_text([&] { build_data(from_toml(base() + more), 1); }); };
  EXPECT_THAT(build(""), HasSubstr("a genome is split by chromosome, ranges or folds, not by fraction"));
  const std::string chromosome = "split.by = \"chromosome\"\nsplit.test_chromosomes = [\"lin\"]\n";
  EXPECT_THAT(build(chromosome + "split.validation_chromosomes = [\"lin\"]"), HasSubstr("the sets validation and test overlap"));
  EXPECT_THAT(build(chromosome + "genome.per_base = true\nnegatives.kind = \"random\""),
              HasSubstr("every base without a site is a negative"));
  EXPECT_THAT(error_text([] { build_data(from_toml("kind = \"genome\""), 1); }), HasSubstr("data: genome: the option 'fasta' is missing"));
  EXPECT_THAT(error_text([] { from_toml("kind = \"genme\""); }), HasSubstr("genome"));
}

std::optional<std::filesystem::path> ecoli() {
  const char* root = std::getenv("BASEWISE_DATA");
  const std::filesystem::path folder = std::filesystem::path(root ? root : "../shared/data") / "ecoli_tss";
  return std::filesystem::exists(folder / "open/NC_000913.3.fna.gz") ? std::optional(folder) : std::nullopt;
}

struct Counts {
  std::int64_t positions = 0;
  std::int64_t positives = 0;
};

Counts count(const DatasetPtr& set) {
  Loader loader(set, {.batch_size = 32, .shuffle = true, .workers = 2});
  Counts counts;
  loader.start(1);
  while (const auto batch = loader.next()) {
    counts.positions += batch->at("labels.mask").count_nonzero().item<std::int64_t>();
    counts.positives += (batch->at("labels") * batch->at("labels.mask")).count_nonzero().item<std::int64_t>();
  }
  return counts;
}

// Counts stated in section 3.5 of the specification of the published system (sites by position and
// strand, its split of the circle).
TEST(EcoliTss, HasTheKnownNumbersOfSites) {
  const auto folder = ecoli();
  if (!folder) GTEST_SKIP() << "ecoli_tss/open/NC_000913.3.fna.gz is not in BASEWISE_DATA or ../shared/data";
  const DataSplits splits = build_data(from_toml(format(R"(
kind = "genome"
[genome]
fasta = "{0}/open/NC_000913.3.fna.gz"
circular = true
per_base = true
window = 2048
context = 256
[genome.sites]
file = "{0}/derived_open/tss_open_NC_000913.3.tsv.gz"
position = "pos1"
position_base = 1
strand = "strand"
where = ["source=cappable_ettwiller2016"]
[split]
by = "ranges"
test_ranges = [{{chromosome = "NC_000913.3", start = 2738785, end = 3667115}}]
validation_ranges = [{{chromosome = "NC_000913.3", start = 3667115, end = 4131280}}]
[augment]
reverse_complement = 0.5
)",
                                                        std::filesystem::absolute(*folder).string())),
                                       1);
  const Counts train = count(splits.train), validation = count(splits.validation), test = count(splits.test);
  EXPECT_EQ(train.positives, 11'473);
  EXPECT_EQ(validation.positives, 1'504);
  EXPECT_EQ(test.positives, 3'382);
  EXPECT_EQ(test.positions, 1'856'660);
  EXPECT_EQ(train.positions + validation.positions + test.positions, 2 * 4'641'652);
  EXPECT_EQ(splits.inputs.size(), 2U);
  EXPECT_THAT(splits.summary, HasSubstr("test sequences also occur in train")) << "ribosomal operons and insertion sequences";
}

}  // namespace
}  // namespace basewise::data
