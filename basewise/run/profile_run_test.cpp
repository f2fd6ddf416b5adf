// A run on profiles with a head of counts: what is measured without being asked for, and what it is
// called.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/io/bigwig.h"
#include "basewise/io/bigwig_writer.h"
#include "basewise/run/detail/evaluation.h"
#include "basewise/run/evaluate_run.h"
#include "basewise/run/train_run.h"
#include "tests/support/test_task.h"

namespace basewise::run {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using train::testing::fresh_folder;

constexpr std::int64_t kBases = 1500;
const std::vector<std::string> kChromosomes = {"a", "b", "c"};

/// Three chromosomes of letters; reads follow them: those of the plus strand lie on A,
/// of the minus strand on T.
void write_data(const fs::path& folder) {
  std::string fasta;
  std::vector<std::string> letters;
  for (std::size_t c = 0; c < kChromosomes.size(); ++c) {
    Stream draw(31, c);
    std::string text;
    for (std::int64_t i = 0; i < kBases; ++i) text += "ACGT"[draw.below(4)];
    fasta += ">" + kChromosomes[c] + "\n" + text + "\n";
    letters.push_back(text);
  }
  write_file(folder / "genome.fa", fasta);
  for (const std::string replicate : {"1", "2"})
    for (const char strand : {'A', 'T'}) {
      io::BigWigWriter writer(folder / (replicate + strand + ".bw"), {{"a", kBases}, {"b", kBases}, {"c", kBases}});
      for (std::size_t c = 0; c < kChromosomes.size(); ++c) {
        Stream draw(replicate == "1" ? 41 : 42, c, static_cast<std::uint64_t>(strand));
        std::vector<float> counts;
        for (const char letter : letters[c]) counts.push_back(static_cast<float>(draw.below(letter == strand ? 7 : 2)));
        writer.add_run(kChromosomes[c], 0, counts);
      }
      writer.close();
    }
}

constexpr const char* kRecipe = R"(name = "toy"
[data]
kind = "profile"
[data.genome]
fasta = "genome.fa"
[data.profile]
centres = "signal"
input = 61
output = 41
[data.profile.target]
plus = "1A.bw"
minus = "1T.bw"
[data.profile.replicate]
plus = "2A.bw"
minus = "2T.bw"
[data.profile.clusters]
min_count = 6
distance = 1
spacing = 35
[data.split]
by = "chromosome"
validation_chromosomes = ["b"]
test_chromosomes = ["c"]
[[loss]]
type = "multinomial"
output = "profile"
target = "profile"
reduction = "sum"
[[loss]]
type = "mse"
output = "counts"
target = "counts"
weight = 0.5
[train]
epochs = 3
[train.loader]
batch_size = 7
[train.optimizer]
learning_rate = 0.05
[train.select]
metric = "loss"
also = ["jsd", "counts.mse"]
[evaluate.bootstrap]
replicates = 20
[model]
format = 1
[model.inputs.sequence]
channels = 4
length = 61
[[model.layers]]
name = "body"
type = "conv"
filters = 6
width = 5
padding = "same"
[[model.layers]]
name = "pooled"
type = "pool"
kind = "mean"
global = true
[[model.heads]]
name = "profile"
from = "body"
[[model.heads.layers]]
type = "conv"
filters = 2
width = 21
padding = "valid"
[[model.heads]]
name = "counts"
from = "pooled"
[[model.heads.layers]]
type = "dense"
units = 2
)";

class ProfileRun : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const fs::path folder = fresh_folder("profile_run");
    write_data(folder);
    write_file(folder / "toy.toml", kRecipe);
    TrainRequest request;
    request.recipe = (folder / "toy.toml").string();
    request.out = folder / "run";
    request.threads = 1;
    trained_ = std::make_unique<TrainResult>(train_run(request));
  }
  static void TearDownTestSuite() { trained_.reset(); }
  static nlohmann::json read(const char* file) { return nlohmann::json::parse(read_file(trained_->folder / file)); }

  static std::unique_ptr<TrainResult> trained_;
};
std::unique_ptr<TrainResult> ProfileRun::trained_;

TEST_F(ProfileRun, ValidationHasTheDivergenceAndWhatIsWatched) {
  std::vector<std::string> names;
  for (const auto& [name, value] : trained_->training.log.back().validation) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("loss", "jsd", "counts.pearson", "counts.spearman", "counts.r2", "counts.mse"));
  ASSERT_EQ(trained_->training.also.size(), 2u);
  for (const char* file : {"weights.jsd.safetensors", "weights.counts.mse.safetensors"})
    EXPECT_TRUE(fs::exists(trained_->folder / file)) << file;
  const auto& log = trained_->training.log;
  double least = 1;
  for (const train::EpochLog& row : log) least = std::min(least, train::value_of(row.validation, "jsd"));
  EXPECT_EQ(trained_->training.also[0].value, least);
}

TEST_F(ProfileRun, EvaluationMeasuresBothHeadsCeilingAndFloor) {
  const EvaluateResult result = evaluate_run({.run = trained_->folder, .threads = 1});
  const evaluate::EvaluationResult& e = result.evaluation;
  ASSERT_EQ(e.heads.size(), 2u);
  EXPECT_TRUE(e.heads[0].profile);
  EXPECT_EQ(e.heads[0].output, "profile");
  EXPECT_EQ(e.heads[0].length, 41);
  EXPECT_EQ(e.value("jsd").value, e.heads[0].pooled.metrics[0].value.value);
  EXPECT_TRUE(e.value("counts.pearson").defined());
  EXPECT_LT(e.value("jsd").value, e.value("floor.jsd").value) << "letters say where reads lie";
  EXPECT_TRUE(e.value("ceiling.profile_pearson").defined());
  EXPECT_TRUE(e.value("counts.ceiling.mse").defined());
  EXPECT_NEAR(e.value("floor.cross_entropy_per_read").value, std::log(41.0), 0.05)
      << "no place in the window is special";
  const auto json = read("metrics.json");
  EXPECT_EQ(json["kind"], "profile");
  EXPECT_EQ(json["heads"][0]["output"], "counts");
  EXPECT_EQ(json["heads"][0]["outputs"][1]["name"], "reverse");
  EXPECT_EQ(read("curves.json")["examples"].size(), 7u);
  const auto tracks = read("tracks.json");
  EXPECT_EQ(tracks["loci"].size(), 4u);
  EXPECT_EQ(tracks["loci"][0]["chromosome"], "c");
  EXPECT_EQ(tracks["loci"][0]["predicted"][1].size(), 41u);
  EXPECT_THAT(to_text(result), HasSubstr("head counts:"));
}

TEST_F(ProfileRun, ValidationMeasuredAgainGivesWhatTheLogSays) {
  const EvaluateResult result =
      evaluate_run({.run = trained_->folder, .split = results::Set::validation, .weights = "jsd", .threads = 1});
  const auto& row = trained_->training.log.at(static_cast<std::size_t>(trained_->training.also[0].epoch - 1));
  EXPECT_DOUBLE_EQ(result.evaluation.value("jsd").value, train::value_of(row.validation, "jsd"));
  EXPECT_DOUBLE_EQ(result.evaluation.value("counts.mse").value, train::value_of(row.validation, "counts.mse"));
  EXPECT_EQ(result.file, trained_->folder / "metrics.jsd.validation.json");
}

TEST_F(ProfileRun, OptionsMayNameTheMetricsAndLeaveOutTheRest) {
  const fs::path out = trained_->folder / "other.json";
  const EvaluateResult result =
      evaluate_run({.run = trained_->folder,
                    .split = results::Set::train,
                    .set = {"evaluate.metrics=[\"profile_pearson_as_published\", \"profile_pearson:5\"]",
                            "evaluate.mean_profile=false", "evaluate.ceiling=none", "evaluate.intervals=false"},
                    .out = out,
                    .threads = 1});
  std::vector<std::string> names;
  for (const auto& [name, value] : result.evaluation.values())
    if (name.find('.') == std::string::npos) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("profile_pearson_as_published", "profile_pearson:5"));
  EXPECT_FALSE(result.evaluation.heads[0].ceiling || result.evaluation.heads[0].floor);
}

/// No examples, but fields.
class OnlyFields final : public data::Dataset {
 public:
  explicit OnlyFields(Schema fields) : fields_(std::move(fields)) {}
  std::int64_t size() const override { return 0; }
  std::string summary() const override { return "nothing"; }
  Bundle get(std::int64_t, Stream) const override { return {}; }

 protected:
  Schema make_schema() const override { return fields_; }

 private:
  Schema fields_;
};

TEST(CompleteEvaluation, LeavesWhatIsSaidAndAddsWhatLossesSay) {
  Recipe recipe;
  data::DataSplits data;
  const Field profile{.name = "profile", .shape = {2, 9}, .role = Role::target, .bin = 1, .channels = {"forward", "reverse"}};
  const Field counts{.name = "counts", .shape = {2}, .role = Role::target, .of = "profile", .channels = {"plus", "minus"}};
  data.train = std::make_shared<OnlyFields>(Schema{profile, counts});
  const auto loss = [](const char* type, const char* output, const char* target, double weight) {
    nn::LossOptions l;
    l.type = parse_choice<nn::LossType>(type, "type");
    l.output = output;
    l.target = target;
    l.weight = weight;
    return l;
  };
  recipe.loss = {loss("mse", "amount", "counts", 1), loss("multinomial", "shape", "profile", 2),
                 loss("mse", "unused", "counts", 0)};
  const evaluate::EvaluateOptions o = detail::complete_evaluation(recipe, data);
  EXPECT_EQ(o.output, "shape");
  EXPECT_EQ(o.target, "profile");
  EXPECT_EQ(o.kind, evaluate::MeasureKind::profile);
  ASSERT_EQ(o.heads.size(), 1u);
  EXPECT_EQ(o.heads[0].output, "amount");
  EXPECT_THAT(o.names, ElementsAre("forward", "reverse"));
  EXPECT_THAT(o.heads[0].names, ElementsAre("plus", "minus")) << "those of its own target";
  recipe.evaluate.options = o;
  recipe.evaluate.options.kind = evaluate::MeasureKind::values;
  recipe.evaluate.options.names = {"x"};
  EXPECT_EQ(detail::complete_evaluation(recipe, data).kind, evaluate::MeasureKind::values);
  EXPECT_THAT(detail::complete_evaluation(recipe, data).names, ElementsAre("x"));
  recipe.loss = {};
  data.train = std::make_shared<OnlyFields>(Schema{});
  recipe.evaluate = {};
  EXPECT_EQ(detail::complete_evaluation(recipe, data).target, "labels");
  EXPECT_TRUE(detail::complete_evaluation(recipe, data).heads.empty());
  EXPECT_TRUE(higher_is_better("counts.pearson"));
  EXPECT_FALSE(higher_is_better("jsd"));
  EXPECT_EQ(detail::metric_of("counts.profile_pearson:0.5"), "profile_pearson:0.5");
}

}  // namespace
}  // namespace basewise::run
