#include "basewise/run/estimator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/io/safetensors.h"
#include "basewise/io/tsv.h"
#include "basewise/nn/weights.h"
#include "basewise/run/detail/test_runs.h"
#include "basewise/run/evaluate_run.h"
#include "basewise/run/predict.h"
#include "basewise/tensor/tokens.h"
#include "basewise/tensor/tensors.h"

namespace basewise::run {
namespace {

using ::testing::HasSubstr;
using namespace testing;

/// What a sequence is like: the labels of the training sequence that differs from it in the fewest
/// letters.
class Neighbours final : public nn::Model {
 public:
  Neighbours(std::int64_t examples, std::int64_t length, std::int64_t labels) {
    sequences_ = register_buffer("sequences", at::zeros({examples, 4 * length}));
    labels_ = register_buffer("labels", at::zeros({examples, labels}));
    certainty_ = register_buffer("certainty", at::zeros({}));
  }
  Neighbours(const data::Dataset& set, double certainty)
      : Neighbours(set.size(), set.get(0, Stream(0)).at("sequence").size(-1),
                   set.get(0, Stream(0)).at("labels").size(0)) {
    certainty_.fill_(certainty);
    for (std::int64_t i = 0; i < set.size(); ++i) {
      const Bundle example = set.get(i, Stream(0));
      sequences_[i].copy_(one_hot(example.at("sequence").unsqueeze(0))[0]);
      labels_[i].copy_(example.at("labels"));
    }
  }

  Bundle forward(const Bundle& inputs) override {
    const at::Tensor shared = one_hot(inputs.at("sequence")).matmul(sequences_.t());  // letters in common
    return {{"logits", (labels_.index_select(0, shared.argmax(1)) * 2 - 1) * certainty_}};
  }
  std::vector<std::string> input_names() const override { return {"sequence"}; }
  std::vector<std::string> output_names() const override { return {"logits"}; }
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> input_shapes() const override {
    return {{"sequence", {4, sequences_.size(1) / 4}}};
  }
  Context context(const std::string&) const override { return {}; }
  std::string specification() const override { return {}; }

 private:
  static at::Tensor one_hot(const at::Tensor& x) {
    return (is_tokens(x) ? one_hot_of(x) : x).reshape({x.size(0), -1});
  }
  at::Tensor sequences_, labels_, certainty_;
};

struct NeighbourOptions {
  double certainty = 4;  ///< distance of a logit from 0
};
void describe(Visitor& v, NeighbourOptions& o) { v("certainty", o.certainty, "distance of a logit from 0", positive()); }

class NearestNeighbour final : public Estimator {
 public:
  std::string name() const override { return "nearest_neighbour"; }
  void describe_options(Visitor& v, RecipeTraining& o) const override {
    v.group("nearest_neighbour", o.others.of<NeighbourOptions>(name()), "the method nearest_neighbour");
  }
  std::string help() const override { return "labels of the most similar training sequence"; }
  bool needs_model() const override { return false; }
  bool random_views() const override { return false; }
  void begin(RunSetup& setup) const override { refuse_init(setup.recipe()); }
  void prepare(RunSetup& setup) const override {
    const NeighbourOptions options = setup.recipe().train.others.of<NeighbourOptions>(name());
    setup.model = std::make_shared<Neighbours>(*setup.data.train, options.certainty);
    try_out(setup);
  }
  train::TrainerResult fit(RunSetup& setup, const RunFolder& folder) const override {
    return fit_at_once(setup, folder, [] {});
  }
  nn::ModelPtr open(const fs::path&, const fs::path& weights) const override {
    const io::SafetensorsFile file(weights);
    const auto sequences = file.at("sequences").shape, labels = file.at("labels").shape;
    const auto model = std::make_shared<Neighbours>(sequences[0], sequences[1] / 4, labels[1]);
    nn::load_weights(*model, weights);
    return model;
  }
};

/// A recipe without a model.
TrainRequest neighbours(const fs::path& out, const std::string& more = {}) {
  TrainRequest request = small_run(out, "");
  std::string text = read_file(request.recipe);
  text.erase(0, text.find('\n'));
  write_file(request.recipe, more + text);
  request.set = {"train.method=nearest_neighbour"};
  return request;
}

TEST(Estimator, AGuestTrainsIsMeasuredAndPredictsThroughARunFolder) {
  const EstimatorScope guest(std::make_unique<NearestNeighbour>());
  const fs::path out = fresh_folder("neighbours");
  const TrainResult trained = train_run(neighbours(out));
  EXPECT_TRUE(trained.finished());
  EXPECT_EQ(trained.training.log.size(), 1u);
  EXPECT_EQ(read_manifest(out)["status"], "finished");

  // On its training set it knows every answer but those that it was told wrong; on the test set it
  // does as evaluation of its own copy.
  EXPECT_EQ(evaluate_run({.run = out, .split = results::Set::train, .threads = 1}).evaluation.value("auroc").value, 1);
  const EvaluateResult measured = evaluate_run({.run = out, .set = {"strand.predict=conjoined"}, .threads = 1});
  EXPECT_EQ(measured.strands, results::Strands::mean);
  EXPECT_TRUE(measured.evaluation.value("auroc").defined());
  for (const char* file : {"metrics.json", "curves.json", "model.json", "data.json", "log.tsv"})
    EXPECT_TRUE(fs::exists(out / file)) << file;

  const OpenRun run = open_run(out);
  const data::DataSplits data = plain_data(run.recipe);
  const Bundle example = data.train->get(3, Stream(0));
  const at::Tensor logits = run.score()({{"sequence", example.at("sequence").unsqueeze(0)}}).at("logits")[0];
  EXPECT_TRUE(at::equal((logits > 0).to(at::kFloat), example.at("labels")));

  write_file(out / "s.fa", ">a\n" + std::string(40, 'A') + "\n>b\n" + std::string(40, 'C') + "\n");
  PredictOptions options;
  options.run = out;
  options.out = out / "p";
  options.examples.fasta = out / "s.fa";
  EXPECT_EQ(predict_run(options).values, 6);
}

TEST(Estimator, IsInTheTableOnlyAsLongAsItLives) {
  const auto words = [] {
    std::vector<std::string> all;
    for (const Estimator* estimator : estimators()) all.push_back(estimator->name());
    return all;
  };
  const std::vector<std::string> house = words();
  EXPECT_EQ(house.front(), "gradient") << "the default comes first";
  {
    const EstimatorScope guest(std::make_unique<NearestNeighbour>());
    std::vector<std::string> all = house;
    all.emplace_back("nearest_neighbour");
    EXPECT_EQ(words(), all);
    EXPECT_THAT(error_text<ArgumentError>([] { EstimatorScope(std::make_unique<NearestNeighbour>()); }),
                HasSubstr("there is an estimator 'nearest_neighbour' already"));
  }
  EXPECT_THAT(error_text<ArgumentError>([] { find_estimator("gradent"); }),
              HasSubstr("train.method is 'gradent' (did you mean 'gradient'?); there are " + format("{}", fmt::join(house, ", "))));
  EXPECT_THAT(error_text<ArgumentError>([] { load_recipe("demo", {"train.method=nearest_neighbour"}); }),
              HasSubstr(format("one of {}", fmt::join(house, ", "))));
}

TEST(Estimator, AGuestBringsItsOwnOptions) {
  const EstimatorScope guest(std::make_unique<NearestNeighbour>());
  const fs::path out = fresh_folder("neighbours_options");
  TrainRequest request = neighbours(out);
  request.set.emplace_back("train.nearest_neighbour.certainty=2.5");
  train_run(request);
  const OpenRun run = open_run(out);
  const Bundle example = plain_data(run.recipe).train->get(1, Stream(0));
  const at::Tensor logits = run.score()({{"sequence", example.at("sequence").unsqueeze(0)}}).at("logits");
  EXPECT_TRUE(at::equal(logits.abs(), at::full_like(logits, 2.5)));
  EXPECT_THAT(error_text<ArgumentError>([] { load_recipe("demo", {"train.nearest_neighbour.certainty=2.5"}); }),
              HasSubstr("train.nearest_neighbour.certainty means nothing with train.method = \"gradient\"; train.method = "
                        "\"nearest_neighbour\" uses it"));
}

TEST(Estimator, RefusesWhatItCannotUse) {
  const EstimatorScope guest(std::make_unique<NearestNeighbour>());
  const fs::path out = fresh_folder("neighbours_refused");
  EXPECT_THAT(error_text<ArgumentError>([&] { train_run(neighbours(out, "model_file = \"m.toml\"\n")); }),
              HasSubstr("train.method = \"nearest_neighbour\" takes no model; leave out model_file and [model]"));
  TrainRequest init = neighbours(out);
  init.set.emplace_back("init.0.from=x");
  EXPECT_THAT(error_text<ArgumentError>([&] { train_run(init); }),
              HasSubstr("[[init]] has no meaning for train.method = \"nearest_neighbour\""));
  TrainRequest layers = neighbours(out);
  layers.set.emplace_back("strand.layers=shared");
  EXPECT_THAT(error_text<ArgumentError>([&] { train_run(layers); }),
              HasSubstr("strand.layers = \"shared\" rewrites a model file"));
  EXPECT_THAT(error_text<ArgumentError>([&] {
                train_run(small_run(out, model_text(), {"train.method=log_odds", "strand.train=augmented"}));
              }),
              HasSubstr("strand.train = \"augmented\" has no meaning for train.method = \"log_odds\""));
  EXPECT_FALSE(fs::exists(out));
}

}  // namespace
}  // namespace basewise::run
