#include "basewise/interpret/measures.h"

#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/sequences.h"
#include "basewise/interpret/detail/test_probe.h"
#include "basewise/io/meme.h"

namespace basewise::interpret {
namespace {

using ::testing::HasSubstr;
using Numbers = std::map<std::string, double>;

/// A run whose filters see TGACTCA, CCGG and nothing; sequences that hold one of the two, or both.
class Measures : public testing::Probe {
 protected:
  static constexpr int kPlace = 11;

  void SetUp() override {
    Probe::SetUp();
    write_run({"TGACTCA", "NCCGGNN", ""});
    std::string truth = "sequence\tplanted\n";
    auto examples = std::make_shared<data::SequenceData>();
    examples->length = testing::kLength;
    examples->label_names = {"site", "other"};
    for (std::uint64_t i = 0; i < 30; ++i) {
      const bool first = i % 2 == 0;
      const int place = kPlace + static_cast<int>(i % 7);
      const std::string letters = testing::plain(testing::kLength, i, first ? "TGACTCA" : "CCGG", place);
      for (const char c : letters) examples->tokens.push_back(static_cast<seq::Token>(std::string("ACGT").find(c)));
      examples->names.push_back(format("s{}", i));
      examples->labels.insert(examples->labels.end(), {first ? 1.0F : 0.0F, 0.0F});
      truth += format("{}\t{}-{}:{}+\n", letters, place, place + (first ? 7 : 4), first ? "Jun" : "Hpa");
    }
    set_ = data::sequence_dataset(examples);
    write_file(folder_ / "truth.tsv", truth);
    std::vector<motifs::MotifMatrix> known = {matrix("M1", "Jun", "TGACTCA"), matrix("M2", "Hpa", "CCGG")};
    for (const char* letters : {"GATTACA", "CACGTGG", "AATGCCC", "GGGCGGC", "TTATGAA", "ACTAGTC"})
      known.push_back(matrix(format("N{}", known.size()), "", letters));
    io::write_meme(folder_ / "known.meme", known);
    write_file(folder_ / "expected.tsv", "name\tidentifiers\nJun\tM1\nHpa\tM2\nAbsent\tM9\n");
  }

  static motifs::MotifMatrix matrix(const std::string& name, const std::string& description, const std::string& letters) {
    motifs::MotifMatrix m;
    m.name = name;
    m.description = description;
    for (const char c : letters) m.rows.push_back(testing::certain(c));
    return m;
  }

  Numbers measured(const std::string& name, const std::vector<std::string>& options) const {
    const run::MeasureScope scope(measures());
    Numbers numbers;
    for (const auto& [value, number] : run::make_measure(name, options, folder_)->measure(run::open_run(folder_ / "run"), set_))
      numbers.emplace(value, number);
    return numbers;
  }
  std::string error(const std::string& name, const std::vector<std::string>& options) const {
    return error_text([&] { return measured(name, options); });
  }

  data::DatasetPtr set_;
};

TEST_F(Measures, FiltersAreComparedWithWhatTheyShouldBe) {
  const Numbers numbers = measured("filters", {"motifs=known.meme", "expected=expected.tsv"});
  EXPECT_DOUBLE_EQ(numbers.at("match_fraction"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(numbers.at("coverage"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(numbers.at("match_any"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(numbers.at("dead_fraction"), 1.0 / 3);
  EXPECT_EQ(measured("filters", {"motifs=known.meme"}).count("match_fraction"), 0u);
  write_file(folder_ / "foreign.tsv", "name\tidentifiers\nJun\tX1,X2\nHpa\tX3\n");
  EXPECT_THAT(error("filters", {"motifs=known.meme", "expected=foreign.tsv"}), HasSubstr("has none of the expected motifs (Jun, Hpa)"));
}

TEST_F(Measures, ScansSayWherePlantedMotifsAre) {
  const std::vector<std::string> truth = {"truth=truth.tsv", "matrices=known.meme", "buffers=[1, 4]"};
  auto options = truth;
  options.emplace_back("track=pwm");
  const Numbers numbers = measured("localisation", options);
  EXPECT_EQ(numbers.size(), 20u);
  EXPECT_EQ(numbers.at("buffer4.corrected.auroc"), 1) << "a mismatch costs 33 bits";
  EXPECT_EQ(numbers.at("buffer4.corrected.undefined"), 0);
  EXPECT_EQ(numbers.at("buffer1.auroc_sd"), 0);
  EXPECT_THAT(error("localisation", truth), HasSubstr("'activation' has 31 places and sequences have 37 bases"));
  options[2] = "buffers=[0]";
  EXPECT_THAT(error("localisation", options), HasSubstr("buffers: 0 is no number of bases"));
  options[2] = "buffers=[]";
  EXPECT_THAT(error("localisation", options), HasSubstr("buffers: name at least one"));
  options = {"track=pwm", "layer=conv"};
  EXPECT_THAT(error("localisation", options), HasSubstr("layer means nothing with track = \"pwm\""));
}

TEST_F(Measures, AttributionsLieWhereMotifsWerePlanted) {
  // The output counts what filter 0 sees, so that the letters of its site have all of the gradient.
  const std::vector<std::string> truth = {"truth=truth.tsv", "matrices=known.meme", "examples=9"};
  const Numbers numbers = measured("attribution", truth);
  EXPECT_EQ(numbers.size(), 20u);
  for (const char* method : {"saliency", "mutagenesis", "deepshap"}) {
    EXPECT_EQ(numbers.at(format("{}.auroc", method)), 1) << method;
    EXPECT_EQ(numbers.at(format("{}.undefined", method)), 0) << method;
  }
  EXPECT_GT(numbers.at("integrated_gradients.auroc"), 0.8);
  auto other = truth;
  other.emplace_back("logits=[\"saliency\"]");
  const Numbers turned = measured("attribution", other);
  EXPECT_EQ(turned.at("saliency.auroc"), numbers.at("saliency.auroc")) << "one factor for all letters of a sequence";
  // Letters of the site have all of the path too, whether the logit or the probability is
  // explained; which of them it is, a target that stands for no probability tells.
  EXPECT_EQ(turned.at("integrated_gradients.auroc"), 1);
  const std::string mean = "target=\"mean(counts)\"";
  EXPECT_EQ(measured("attribution", {truth[0], truth[1], truth[2], mean, "methods=[\"integrated_gradients\"]"}).size(), 5u);
  other.push_back(mean);
  EXPECT_THAT(error("attribution", other), HasSubstr("stands for no probability: add mutagenesis to logits"));
  other.emplace_back("methods=[\"integrated_gradients\"]");
  EXPECT_THAT(error("attribution", other), HasSubstr("stands for no probability: add integrated_gradients to logits"));
  auto wrong = truth;
  wrong.emplace_back("label=1");
  EXPECT_THAT(error("attribution", wrong), HasSubstr("no example of the set has the value 1 in 'labels', channel 1"));
  wrong.back() = "label=2";
  EXPECT_THAT(error("attribution", wrong), HasSubstr("label 2 is not there: 'labels' has 2"));
}

TEST_F(Measures, WithoutTruthThereIsAnError) {
  EXPECT_THAT(error("attribution", {}), HasSubstr("the data of the run are no single table; name one (truth)"));
  write_file(folder_ / "other.tsv", "sequence\tplanted\nACGT\t\n");
  EXPECT_THAT(error("attribution", {"truth=other.tsv", "matrices=known.meme"}), HasSubstr("other.tsv does not have the sequence"));
}

TEST_F(Measures, ActivationsHaveTheirMoments) {
  const Numbers numbers = measured("activations", {"layers=1"});
  // One place of 31 of every second sequence for two filters of three; the third is 1 everywhere.
  const double mean = 15.0 / 31 / 30 * 2 / 3 + 1.0 / 3;
  EXPECT_NEAR(numbers.at("layer1.mean"), mean, 1e-9);
  EXPECT_NEAR(numbers.at("layer1.sd"), std::sqrt(mean * (1 - mean)), 1e-9);
  EXPECT_EQ(numbers.at("layer1.max"), 1);
  EXPECT_EQ(measured("activations", {}), numbers) << "four, or as many as there are";
  EXPECT_THAT(error("activations", {"layers=2"}), HasSubstr("the model has 1 convolution: it has no layer 2 (layers)"));
}

TEST_F(Measures, AreKnownByName) {
  const run::MeasureScope scope(measures());
  EXPECT_TRUE(run::measured_higher_is_better("match_fraction"));
  EXPECT_FALSE(run::measured_higher_is_better("buffer10.corrected.auroc_sd"));
  EXPECT_THAT(error_text<ArgumentError>([&] { return run::make_measure("filter"); }), HasSubstr("did you mean 'filters'?"));
  EXPECT_THAT(error_text<ArgumentError>([&] { return run::make_measure("filters", {"share=2"}); }), HasSubstr("share"));
}

}  // namespace
}  // namespace basewise::interpret
