#include "basewise/run/fit_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/parallel.h"
#include "basewise/run/detail/test_runs.h"
#include "basewise/run/evaluate_run.h"
#include "basewise/run/predict.h"
#include "basewise/tensor/scopes.h"

namespace basewise::run {
namespace {

using ::testing::HasSubstr;
using train::testing::LetterModel;
using train::testing::LetterTask;
using namespace testing;

/// Letters whose labels have names.
class NamedLetters final : public data::Dataset {
 public:
  NamedLetters(std::int64_t size, std::uint64_t seed) : inner_(size, seed) {}
  std::int64_t size() const override { return inner_.size(); }
  std::string summary() const override { return inner_.summary(); }
  Bundle get(std::int64_t i, Stream draw) const override { return inner_.get(i, draw); }

 protected:
  Schema make_schema() const override {
    Schema named;
    for (Field field : inner_.schema()) {
      if (field.name == "labels") field.channels = {"a", "c", "g", "t", "a again"};
      named.add(std::move(field));
    }
    return named;
  }

 private:
  LetterTask inner_;
};

data::DataSplits letters() {
  data::DataSplits data;
  data.train = std::make_shared<NamedLetters>(64, 1);
  data.validation = std::make_shared<NamedLetters>(24, 2);
  data.test = std::make_shared<NamedLetters>(24, 3);
  data.summary = "letters";
  return data;
}

FitOptions options() {
  FitOptions o;
  o.name = "mine";
  o.seed = 5;
  o.train.options.epochs = 2;
  o.train.options.loader.batch_size = 16;
  o.train.options.loader.workers = 0;
  o.evaluate.options.bootstrap.replicates = 10;
  o.command_line = {"my_program"};
  return o;
}

TEST(FitRun, AModelAndDataOfAProgramGetTheSameFolder) {
  const fs::path out = fresh_folder("fit");
  const auto model = std::make_shared<LetterModel>();
  const TrainResult r = fit_run(model, nn::TotalLoss(std::vector<nn::LossOptions>(1)), letters(), options(), out);
  EXPECT_TRUE(r.finished());
  for (const char* file : {"config.toml", "model.toml", "weights.safetensors", "log.tsv", "manifest.json", "model.json",
                           "data.json", "events"})
    EXPECT_TRUE(fs::exists(out / file)) << file;
  const auto manifest = read_manifest(out);
  EXPECT_EQ(manifest["status"], "finished");
  EXPECT_EQ(manifest["name"], "mine");
  EXPECT_EQ(manifest["command_line"], nlohmann::json({"my_program"}));
  EXPECT_EQ(manifest["given"], true);
  EXPECT_THAT(read_file(out / "config.toml"), HasSubstr("[train.optimizer]"));
  EXPECT_EQ(read_file(out / "config.toml").find("[data"), std::string::npos);

  const OpenRun run = open_run(out, std::make_shared<LetterModel>(77));
  const Bundle batch = stack({letters().test->get(0, Stream(0)), letters().test->get(1, Stream(0))});
  EXPECT_TRUE(at::equal(run.score()(batch).at("logits"), infer::score_fn(*model)(batch).at("logits")));
  EXPECT_EQ(run.names.at("logits").back(), "a again");
  const EvaluateResult measured = evaluate_run(run, letters(), {.run = {}, .split = results::Set::test});
  EXPECT_EQ(measured.file, out / "metrics.json");
  EXPECT_TRUE(fs::exists(out / "metrics.json") && fs::exists(out / "curves.json"));
  EXPECT_TRUE(measured.evaluation.value("a again.auroc").defined());
}

TEST(FitRun, IsTheLoopOfTrainModel) {
  // torch adds up the gradients of a convolution by thread: both must have as many.
  const TensorThreadScope same_threads(threads());
  const auto model = std::make_shared<LetterModel>(), plain = std::make_shared<LetterModel>();
  FitOptions o = options();
  o.train.options.select.keep_best = false;
  fit_run(model, nn::TotalLoss(std::vector<nn::LossOptions>(1)), letters(), o, fresh_folder("fit_loop"));
  train::TrainerContext context;
  context.seed = o.seed;
  train::train_model(*plain, nn::TotalLoss(std::vector<nn::LossOptions>(1)), letters().train, o.train.options, context);
  for (const auto& [name, tensor] : train::weights_of(*plain))
    EXPECT_TRUE(at::equal(tensor, train::weights_of(*model).at(name))) << name;
}

TEST(FitRun, VerbsSayWhatAProgramMustDo) {
  const fs::path out = fresh_folder("fit_verbs");
  fit_run(std::make_shared<LetterModel>(), nn::TotalLoss(std::vector<nn::LossOptions>(1)), letters(), options(), out);
  EXPECT_THAT(error_text<StateError>([&] { evaluate_run({.run = out}); }),
              HasSubstr("the data of " + out.string() + " were given by a program"));
  EXPECT_THAT(error_text<StateError>([&] {
                fit_run(std::make_shared<LetterModel>(), nn::TotalLoss(std::vector<nn::LossOptions>(1)), letters(),
                        options(), out);
              }),
              HasSubstr("holds a finished run"));
  FitOptions layers = options();
  layers.strand.layers = infer::StrandLayers::shared;
  layers.overwrite = true;
  EXPECT_THAT(error_text<ArgumentError>([&] {
                fit_run(std::make_shared<LetterModel>(), nn::TotalLoss(std::vector<nn::LossOptions>(1)), letters(),
                        layers, out);
              }),
              HasSubstr("a model that is given stays as it is"));
  EXPECT_THAT(error_text<ArgumentError>(
                  [&] { fit_run(nullptr, nn::TotalLoss(std::vector<nn::LossOptions>(1)), letters(), options(), out); }),
              HasSubstr("fit_run needs a model"));
}

}  // namespace
}  // namespace basewise::run
