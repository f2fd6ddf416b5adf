// Training under each strategy for the strands.
#include "basewise/data/strands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "basewise/core/error.h"
#include "basewise/infer/score.h"
#include "basewise/run/evaluate_run.h"
#include "basewise/run/predict.h"
#include "basewise/run/train_run.h"
#include "basewise/train/checkpoint.h"
#include "basewise/train/strand_step.h"
#include "basewise/train/trainer.h"
#include "tests/support/error_text.h"
#include "tests/support/test_task.h"

namespace basewise::run {
namespace {

using infer::StrandMerge;
using infer::StrandTraining;
using ::testing::HasSubstr;
using train::StrandStep;
using train::testing::fresh_folder;
using train::testing::LetterModel;
using train::testing::LetterTask;

double difference(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

/// Sequences as letters with a stranded profile, counts of its strands, masks and a control track.
class StrandedTask final : public data::Dataset {
 public:
  std::int64_t size() const override { return 11; }
  std::string summary() const override { return "stranded"; }
  Bundle get(std::int64_t i, Stream) const override {
    const Stream draw(21, static_cast<std::uint64_t>(i));
    const at::Tensor letters = (random_uniform({37}, draw.fork(1)) * 5).to(at::kByte);
    const at::Tensor profile = (random_uniform({2, 29}, draw.fork(2)) * 7).floor();
    return {{"sequence", letters},
            {"profile", profile},
            {"profile.mask", random_uniform({2, 29}, draw.fork(3)) > 0.2},
            {"counts", profile.sum(1).log1p()},
            {"control", random_uniform({3, 29}, draw.fork(4))},
            {"site", at::full({1}, static_cast<float>(i))}};
  }
  Schema make_schema() const override {
    Schema schema = Dataset::make_schema();
    for (const char* name : {"profile", "counts"}) schema.set_strand_rule(name, StrandRule::paired);
    schema.set_strand_rule("control", StrandRule::mirrored);
    return schema;
  }
};

Bundle batch_of(const data::Dataset& set, std::int64_t n) {
  std::vector<Bundle> examples;
  for (std::int64_t i = 0; i < n; ++i) examples.push_back(set.get(i, Stream(0)));
  return stack(examples);
}

nn::TotalLoss binary() { return nn::TotalLoss({nn::LossOptions{}}); }

TEST(StrandStep, AugmentedIsTheBatchFollowedByItsReverseComplement) {
  const auto set = std::make_shared<StrandedTask>();
  const Bundle batch = batch_of(*set, 5);
  const Bundle seen = StrandStep(LetterModel(), binary(), set, {.train = StrandTraining::augmented}).batch(batch);
  ASSERT_EQ(seen.names(), batch.names());
  for (const auto& [name, x] : batch) EXPECT_TRUE(at::equal(seen.at(name).slice(0, 0, 5), x)) << name;
  const auto other = [&](const char* name) { return seen.at(name).slice(0, 5); };
  const at::Tensor letters = batch.at("sequence");
  EXPECT_TRUE(at::equal(other("sequence"), at::where(letters < 4, 3 - letters, letters).flip({1})));
  for (const char* name : {"profile", "profile.mask"})
    EXPECT_TRUE(at::equal(other(name), batch.at(name).flip({1, 2}))) << name;
  EXPECT_TRUE(at::equal(other("counts"), batch.at("counts").flip({1})));
  EXPECT_TRUE(at::equal(other("control"), batch.at("control").flip({2})));
  EXPECT_TRUE(at::equal(other("site"), batch.at("site")));
}

TEST(StrandStep, SingleAndConjoinedShareTheLoadedTensors) {
  const auto set = std::make_shared<LetterTask>(11, 5);
  const Bundle batch = batch_of(*set, 5);
  for (const StrandTraining train : {StrandTraining::single, StrandTraining::conjoined}) {
    const Bundle seen = StrandStep(LetterModel(), binary(), set, {.train = train}).batch(batch);
    for (const auto& [name, x] : batch) EXPECT_TRUE(seen.at(name).is_same(x)) << to_word(train);
  }
}

TEST(StrandStep, ConjoinedOutputsAreInvariantAndThoseOfBothStrandsMerged) {
  const auto set = std::make_shared<LetterTask>(11, 5);
  LetterModel model;
  model.eval();
  const Bundle batch = batch_of(*set, 5), other = data::other_strand(batch, *set);
  const at::Tensor a = model.forward(batch).at("logits"), b = model.forward(other).at("logits");
  EXPECT_GT(difference(a, b), 1e-3);
  for (const StrandMerge merge : {StrandMerge::mean, StrandMerge::max, StrandMerge::probability}) {
    const StrandStep step(model, binary(), set, {.train = StrandTraining::conjoined, .merge = merge});
    const at::Tensor found = step.outputs(model, batch, std::nullopt).at("logits");
    EXPECT_LT(difference(found, step.outputs(model, other, std::nullopt).at("logits")), 1e-6) << to_word(merge);
    const at::Tensor p = (a.sigmoid() + b.sigmoid()) / 2;
    const at::Tensor expected = merge == StrandMerge::mean  ? (a + b) / 2
                                : merge == StrandMerge::max ? at::maximum(a, b)
                                                            : p.log() - (1 - p).log();
    EXPECT_LT(difference(found, expected), 1e-5) << to_word(merge);
  }
}

TEST(StrandStep, AugmentedLossIsTheMeanOfBothStrandsAndConjoinedIsBelowIt) {
  // ( l(z, y) + l(z', y) ) / 2 against l( (z + z') / 2, y ): the loss of a logit is convex.
  const auto set = std::make_shared<LetterTask>(11, 5);
  LetterModel model;
  model.eval();
  const nn::TotalLoss loss = binary();
  const Bundle batch = batch_of(*set, 5), other = data::other_strand(batch, *set);
  const auto with = [&](StrandTraining train) {
    const StrandStep step(model, loss, set, {.train = train});
    const Bundle seen = step.batch(batch);
    return loss(step.outputs(model, seen, std::nullopt), seen).item<double>();
  };
  const double forward = loss(model.forward(batch), batch).item<double>(),
               backward = loss(model.forward(other), other).item<double>();
  EXPECT_NEAR(with(StrandTraining::single), forward, 1e-7);
  EXPECT_NEAR(with(StrandTraining::augmented), (forward + backward) / 2, 1e-6);
  EXPECT_LT(with(StrandTraining::conjoined), with(StrandTraining::augmented));
}

TEST(StrandStep, RefusesWhatDoesNotFit) {
  const auto set = std::make_shared<StrandedTask>();
  nn::LossOptions counts;
  counts.type = nn::LossType::mse;
  counts.target = "counts";
  EXPECT_THAT(error_text([&] { StrandStep(LetterModel(), nn::TotalLoss({counts}), set, {.train = StrandTraining::conjoined}); }),
              HasSubstr("output 'logits' is unchanged on the other strand for the model, but its target 'counts' is "
                        "paired for the data"));
  counts.target = "site";
  EXPECT_THAT(error_text([&] {
                StrandStep(LetterModel(), nn::TotalLoss({counts}), set,
                           {.train = StrandTraining::conjoined, .merge = StrandMerge::probability});
              }),
              HasSubstr("strands cannot be merged by probability"));
}

train::TrainOptions options() {
  train::TrainOptions o;
  o.epochs = 3;
  o.loader.batch_size = 8;
  o.loader.workers = 1;
  o.optimizer.learning_rate = 0.02;
  o.average.decay = 0.9;
  return o;
}

TEST(TrainingByStrategy, ResumedEqualsUninterruptedUnderEachStrategy) {
  const auto set = std::make_shared<LetterTask>(67, 5);
  std::vector<at::Tensor> results;
  for (const StrandTraining train : {StrandTraining::single, StrandTraining::augmented, StrandTraining::conjoined}) {
    const auto context = [&](const fs::path& folder) {
      train::TrainerContext c;
      c.seed = 7;
      c.folder = folder;
      c.strand = {.train = train, .merge = StrandMerge::probability};
      c.validate = [](nn::Model&) { return train::NamedValues{{"loss", 1.0}}; };
      return c;
    };
    LetterModel whole, part, again(55);
    train::train_model(whole, binary(), set, options(), context(fresh_folder("strand_whole")));
    const fs::path folder = fresh_folder("strand_part");
    train::TrainerContext c = context(folder);
    int validations = 0;
    c.validate = [&](nn::Model&) {
      if (++validations == 2) raise(SIGTERM);
      return train::NamedValues{{"loss", 1.0}};
    };
    EXPECT_EQ(train::train_model(part, binary(), set, options(), c).reason, train::StopReason::interrupted) << to_word(train);
    c.resume = true;
    EXPECT_EQ(train::train_model(again, binary(), set, options(), c).reason, train::StopReason::completed) << to_word(train);
    for (const auto& [name, tensor] : train::weights_of(whole))
      EXPECT_TRUE(at::equal(tensor, train::weights_of(again).at(name))) << to_word(train) << " " << name;
    results.push_back(whole.filters_.detach().clone());
  }
  EXPECT_FALSE(at::equal(results[0], results[1]));
  EXPECT_FALSE(at::equal(results[1], results[2]));
}

std::vector<std::string> tiny(std::vector<std::string> more = {}) {
  std::vector<std::string> set{"train.epochs=1", "data.simulation.sequences=300", "train.loader.workers=0",
                               "evaluate.bootstrap.replicates=5"};
  set.insert(set.end(), more.begin(), more.end());
  return set;
}

double auroc(const fs::path& run, const std::vector<std::string>& set) {
  return evaluate_run({.run = run, .set = set, .out = run / "other.json", .threads = 1})
      .evaluation.value("auroc")
      .value;
}

TEST(StrandRuns, AnyStrategyWorksOnARunTrainedWithAnother) {
  const fs::path run = fresh_folder("strand_run");
  train_run(
      {.recipe = "demo", .out = run, .set = tiny({"strand.train=augmented", "strand.predict=single"}), .threads = 1});
  const auto result = evaluate_run(
      {.run = run, .set = {"strand.predict=conjoined", "strand.merge=max"}, .out = run / "max.json", .threads = 1});
  EXPECT_EQ(result.strands, results::Strands::max);
  const double single = auroc(run, {}), mean = auroc(run, {"strand.predict=conjoined"});
  EXPECT_NE(single, mean);
  EXPECT_EQ(auroc(run, {"strand.train=conjoined", "strand.predict=auto"}), mean);
}

TEST(StrandRuns, PredictFollowsTheRunUnlessToldOtherwise) {
  const fs::path run = fresh_folder("strand_predict");
  train_run({.recipe = "demo",
             .out = run,
             .set = tiny({"strand.train=conjoined", "strand.predict=auto", "strand.merge=probability"}),
             .threads = 1});
  std::string fasta;
  for (int i = 0; i < 5; ++i) {
    fasta += format(">s{}\n", i);
    const at::Tensor letters = (random_uniform({200}, Stream(3, static_cast<std::uint64_t>(i))) * 4).to(at::kLong);
    for (std::int64_t l = 0; l < 200; ++l) fasta += "ACGT"[letters[l].item<std::int64_t>()];
    fasta += "\n";
  }
  write_file(run / "s.fa", fasta);
  const auto predicted = [&](PredictStrands strategy) {
    const fs::path out = run / format("p_{}", strategy);
    PredictOptions o;
    o.run = run;
    o.out = out;
    o.examples.fasta = run / "s.fa";
    o.strand_strategy = strategy;
    predict_run(o);
    return read_file(fs::path(out.string() + ".tsv"));
  };
  EXPECT_EQ(predicted(PredictStrands::automatic), predicted(PredictStrands::probability));
  EXPECT_NE(predicted(PredictStrands::automatic), predicted(PredictStrands::mean));
  EXPECT_NE(predicted(PredictStrands::mean), predicted(PredictStrands::max));
  EXPECT_NE(predicted(PredictStrands::mean), predicted(PredictStrands::single));
  // Weights and model alone: one strand.
  // A model and weights alone: a run that lost its options is refused.
  for (const char* file : {"config.toml", "manifest.json"}) fs::remove(run / file);
  EXPECT_EQ(predicted(PredictStrands::automatic), predicted(PredictStrands::single));
}

TEST(StrandRuns, RewrittenModelsAreThoseOfTheRunFolder) {
  const fs::path run = fresh_folder("strand_shared");
  const auto set = tiny({"strand.layers=shared", "strand.filters=0.5", "strand.predict=single"});
  train_run({.recipe = "demo", .out = run, .set = set, .threads = 1});
  const std::string model = read_file(run / "model.toml");
  EXPECT_THAT(model, HasSubstr("type = \"rc_conv\"\nfilters = 12\n"));
  EXPECT_EQ(load_recipe(run.string()).recipe.strand.layers, infer::StrandLayers::as_given);
  EXPECT_EQ(train::config_difference(result_configuration(load_recipe("demo", set), {}),
                                     result_configuration(load_recipe(run.string()), {})),
            "");
  // What is equivariant by itself has nothing to gain from its other strand.
  EXPECT_NEAR(auroc(run, {}), auroc(run, {"strand.predict=conjoined"}), 1e-3);  // rounding may swap neighbours
  EXPECT_THAT(error_text([&] { load_recipe(run.string(), {"strand.layers=shared"}); }),
              HasSubstr("the model has layers of both strands already"));
}

TEST(StrandRuns, WrappedModelsTrain) {
  const fs::path run = fresh_folder("strand_wrapped");
  train_run({.recipe = "demo",
             .out = run,
             .set = tiny({"strand.layers=wrapped", "strand.wrap=motifs", "strand.predict=single"}),
             .threads = 1});
  EXPECT_THAT(read_file(run / "model.toml"), HasSubstr("type = \"rc_wrap\""));
  EXPECT_NEAR(auroc(run, {}), auroc(run, {"strand.predict=conjoined"}), 1e-3);  // rounding may swap neighbours
}

TEST(StrandRuns, ResultsDependOnTheStrategy) {
  const auto with = [](const std::vector<std::string>& set) {
    return result_configuration(load_recipe("demo", set), {});
  };
  const auto difference_to = [&](const std::string& set) { return train::config_difference(with({}), with({set})); };
  EXPECT_THAT(difference_to("strand.train=augmented"), HasSubstr("'strand.train' is \"augmented\" now"));
  EXPECT_THAT(difference_to("strand.merge=max"), HasSubstr("'strand.merge' is \"max\" now"));
  EXPECT_THAT(difference_to("strand.predict=single"), HasSubstr("'strand.predict' is \"single\" now"));
  EXPECT_THAT(difference_to("strand.layers=shared"), HasSubstr("'model' is "));
  EXPECT_THAT(
      error_text([] { load_recipe("demo", {"strand.filters=0.5"}); }),
      HasSubstr("strand.filters means nothing with layers = \"as_given\"; layers = \"shared\" or \"wrapped\" uses it"));
  EXPECT_THAT(error_text([] { load_recipe("demo", {"strand.train=both"}); }), HasSubstr("single, augmented, conjoined"));
  EXPECT_THAT(error_text([] { load_recipe("demo", {"evaluate.strands=average"}); }), HasSubstr("evaluate.strands"));
}

}  // namespace
}  // namespace basewise::run
