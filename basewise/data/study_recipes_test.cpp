// The [data] of the recipes of two studies: sizes, labels and chromosomes of their sets.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "basewise/corpus/registry.h"
#include "basewise/data/build.h"
#include "basewise/data/detail/test_support.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

struct RecipeData {
  DataOptions data = {};
};
void describe(Visitor& v, RecipeData& o) { v.group("data", o.data, "as in a recipe"); }

// The table [data] of a recipe, which stands before its losses.
DataOptions data_of(const std::string& recipe, const std::vector<std::string>& assignments = {},
                    const std::string& study = "rc_equivariance") {
  const std::filesystem::path file = "recipes/" + study + "/" + recipe;
  const std::string text = read_file(file);
  const std::size_t begin = text.find("[data]");
  RecipeData data;
  read_toml(described(data), text.substr(begin, text.find("[[loss]]") - begin), file.string(), assignments);
  return data.data;
}

// What these files need to be there for; empty where all of them are.
std::string missing(const std::vector<std::string>& references) {
  for (const std::string& reference : references) {
    const std::string message = maybe_error_text([&] { corpus::resolve_path(reference); });
    if (message.find("lacks its file") != std::string::npos) return message;
  }
  return {};
}

TEST(StudyRecipes, SimulatedSequencesHoldOneMotifEach) {
  for (const auto& [recipe, length] : {std::pair("simulated_200.toml", 200), {"simulated_1000.toml", 1000}}) {
    const DataSplits splits = build_data(data_of(recipe), 1535);
    EXPECT_EQ(splits.train->size(), 12'000);
    EXPECT_EQ(splits.validation->size(), 9000);
    EXPECT_EQ(splits.test->size(), 9000);
    EXPECT_EQ(splits.target()->channels, (std::vector<std::string>{"ELF1_known2", "GATA_known6", "RXRA_known1"}));
    EXPECT_EQ(splits.test->schema().at("sequence").shape.back(), length);
    at::Tensor sum = at::zeros({3});
    for (std::int64_t i = 0; i < 900; ++i) {
      const at::Tensor labels = splits.test->get(i, Stream(0)).at("labels");
      EXPECT_EQ(labels.sum().item<float>(), 1);
      sum += labels;
    }
    EXPECT_GT(sum.min().item<float>(), 240);
    EXPECT_THAT(splits.summary, testing::HasSubstr("labels of the training set were turned round as noise"));
  }
}

TEST(StudyRecipes, ProfilesOfYeastAndChromosome21) {
  const std::string lacks = missing({"data:sacCer3_genome/Saccharomyces_cerevisiae.R64-1-1.dna.toplevel.fa.gz",
                                     "data:yeast_stripeseq/S288C_WT_1.plus.bw", "data:yeast_stripeseq/S288C_WT_1.minus.bw",
                                     "data:yeast_stripeseq/S288C_WT_2.plus.bw", "data:yeast_stripeseq/S288C_WT_2.minus.bw",
                                     "data:hg19_chr21/chr21.fa.gz", "data:hg19_chr21/proseq_k562/K562.chr21.plus.bw",
                                     "data:hg19_chr21/proseq_k562/K562.chr21.minus.bw"});
  if (!lacks.empty()) GTEST_SKIP() << lacks;
  const DataSplits yeast = build_data(data_of("profile_stripeseq.toml"), 1);
  const std::set<std::string> held_out = {"III", "X", "IV", "XVI"};
  const auto chromosomes = [](const DataSplits& splits, const char* set) {
    std::set<std::string> names;
    for (std::int64_t i = 0; i < splits[set]->size(); ++i) {
      const auto chrom = splits[set]->get(i, Stream(0)).at("chromosome").item<std::int64_t>();
      names.insert(splits.genome->sizes()[static_cast<std::size_t>(chrom)].name);
    }
    return names;
  };
  EXPECT_EQ(yeast.train->size(), 1845);
  EXPECT_EQ(yeast.validation->size(), 197);
  EXPECT_EQ(yeast.test->size(), 566);
  EXPECT_THAT(chromosomes(yeast, "validation"), testing::UnorderedElementsAre("III", "X"));
  EXPECT_THAT(chromosomes(yeast, "test"), testing::UnorderedElementsAre("IV", "XVI"));
  for (const std::string& name : chromosomes(yeast, "train")) EXPECT_FALSE(held_out.contains(name));
  const Bundle example = yeast.test->get(3, Stream(0));
  EXPECT_EQ(example.at("sequence").sizes(), (std::vector<std::int64_t>{1346})) << "letters";
  EXPECT_EQ(example.at("profile").sizes(), (std::vector<std::int64_t>{2, 1000}));
  EXPECT_EQ(example.at("replicate").sizes(), (std::vector<std::int64_t>{2, 1000}));
  EXPECT_GT(example.at("profile").sum().item<float>(), 0);
  EXPECT_FALSE(at::equal(example.at("profile"), example.at("replicate")));
  const DataSplits human = build_data(data_of("profile_proseq_chr21.toml"), 1);
  EXPECT_EQ(human.train->size(), 2040);
  EXPECT_EQ(human.validation->size(), 642);
  EXPECT_EQ(human.test->size(), 1171);
  EXPECT_GE(human.test->get(3, Stream(0)).at("profile").min().item<float>(), 0);
}

std::int64_t positives(const Dataset& set) {
  std::int64_t n = 0;
  for (std::int64_t i = 0; i < set.size(); ++i) n += set.positive(i);
  return n;
}

// Examples and positives of training, validation and test.
std::vector<std::int64_t> sizes(const DataSplits& splits) {
  std::vector<std::int64_t> numbers;
  for (const char* set : {"train", "validation", "test"}) {
    numbers.push_back(splits[set]->size());
    numbers.push_back(positives(*splits[set]));
  }
  return numbers;
}

TEST(StudyRecipes, BindingSitesAndTheirNegatives) {
  const std::string lacks = missing({"data:deepbind_encode_chipseq/GABPA_GM12878_GABP_HudsonAlpha_AC.seq.gz",
                                     "data:deepbind_encode_chipseq/GABPA_GM12878_GABP_HudsonAlpha_B.seq.gz",
                                     "data:pu1_peaks/pu1.fa.gz", "data:hg19_chr21/chr21.fa.gz",
                                     "data:hg19_chr21/ctcf_gm12878/ctcf_gm12878.chr21.macs2_peaks.narrowPeak"});
  if (!lacks.empty()) GTEST_SKIP() << lacks;
  const DataSplits gabpa = build_data(data_of("binary.toml"), 1);
  EXPECT_EQ(sizes(gabpa), (std::vector<std::int64_t>{29'118, 4853, 7278, 1213, 1000, 500}));
  EXPECT_EQ(gabpa.test->schema().at("sequence").shape, (std::vector<std::int64_t>{100})) << "letters";
  EXPECT_TRUE(
      testing_support::equal(gabpa.train->get(20'000, Stream(1)), build_data(data_of("binary.toml"), 2).train->get(20'000, Stream(2))))
      << "negatives do not change with the run";
  const DataSplits pu1 = build_data(data_of("binary_pu1.toml"), 1);
  EXPECT_EQ(sizes(pu1), (std::vector<std::int64_t>{138'516, 23'086, 20'922, 3487, 12'624, 2104}));
  const DataSplits ctcf = build_data(data_of("binary_ctcf_chr21.toml"), 1);
  const std::vector<std::int64_t> numbers = sizes(ctcf);
  EXPECT_EQ(numbers[0], 6 * numbers[1]);
  EXPECT_EQ(numbers[4], 6 * numbers[5]);
}

// Sizes of sections 5.1 to 5.4 of the specification of exponential activations.
TEST(StudyRecipes, PlantedMotifsAndTwoFactors) {
  const std::string lacks =
      missing({"data:jaspar2016_vertebrates/pfm_vertebrates.txt", "data:koo_chipseq_irf1_zbed2/ZBED2_400.tsv.gz"});
  if (!lacks.empty()) GTEST_SKIP() << lacks;
  const auto splits = [](const char* task) { return build_data(data_of(task, {}, "exponential_activations"), 1); };
  const DataSplits task1 = splits("task1.toml");
  EXPECT_EQ(sizes(task1), (std::vector<std::int64_t>{21'000, 21'000, 3000, 3000, 6000, 6000})) << "every sequence holds a motif";
  EXPECT_EQ(task1.target()->channels.size(), 12u);
  EXPECT_EQ(sizes(splits("task3.toml")), (std::vector<std::int64_t>{14'000, 7012, 2000, 1015, 4000, 1973}));
  EXPECT_EQ(sizes(splits("task5.toml")), (std::vector<std::int64_t>{3431, 1729, 490, 255, 981, 467}));
  EXPECT_EQ(sizes(splits("task6.toml")), (std::vector<std::int64_t>{2724, 1372, 389, 200, 779, 374}));
}

TEST(StudyRecipes, PublishedSetsSayWhatIsMissing) {
  bool tested = false;
  for (const auto& [recipe, file] : {std::pair("binary_encode.toml", "hg19_genome/hg19.fa.gz"),
                                     {"profile_chipnexus.toml", "mm10_genome/mm10_no_alt_analysis_set_ENCODE.fasta.gz"}}) {
    const std::string message = maybe_error_text([&, r = recipe] { build_data(data_of(r), 1); });
    if (message.empty()) continue;  // the file is here
    tested = true;
    EXPECT_THAT(message, testing::HasSubstr("put it into the mirror folder yourself, or set BASEWISE_DATA to a folder that holds '" +
                                            std::string(file) + "'"));
  }
  if (!tested) GTEST_SKIP() << "all of these files are here";
}

}  // namespace
}  // namespace basewise::data
