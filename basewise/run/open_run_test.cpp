#include "basewise/run/open_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/tsv.h"
#include "basewise/nn/weights.h"
#include "basewise/run/detail/test_runs.h"
#include "basewise/run/predict.h"
#include "basewise/run/run_setup.h"

namespace basewise::run {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using namespace testing;

TEST(OpenRun, KnowsStrandsFormsAndNamesAsTheRecipeSays) {
  const fs::path out = fresh_folder("open");
  train_run(small_run(
      out, model_text(),
      {"strand.train=conjoined", "strand.merge=probability", "evaluate.names=[\"CTCF\", \"SOX2\", \"GATA1\"]"}));
  const OpenRun run = open_run(out);
  EXPECT_EQ(run.strands.word(), "probability");
  EXPECT_EQ(run.forms.at("logits"), infer::OutputForm::sigmoid);
  EXPECT_FALSE(run.model->is_training());
  EXPECT_EQ(run.schema, plain_data(run.recipe).train->schema()) << "as the data set says";
  EXPECT_EQ(open_run(out, {.set = {"strand.predict=single"}}).strands.word(), "single");
  EXPECT_THAT(error_text<StateError>([&] { open_run(out, {.weights = "loss"}); }),
              HasSubstr("name it in train.select.also before training"));

  write_file(out / "s.fa", ">a\n" + std::string(40, 'A') + "\n");
  const auto columns = [&](const std::vector<std::string>& names) {
    PredictOptions o;
    o.run = out;
    o.out = out / "p";
    o.examples.fasta = out / "s.fa";
    o.names = names;
    return io::TsvReader(predict_run(o).files.at(0)).columns();
  };
  EXPECT_EQ(columns({}), (std::vector<std::string>{"name", "CTCF", "SOX2", "GATA1"}));
  EXPECT_EQ(columns({"x", "y", "z"}), (std::vector<std::string>{"name", "x", "y", "z"}));
}

TEST(OpenRun, OptionsThatWereLostAreNotReplacedByDefaults) {
  for (const bool empty : {false, true}) {
    const fs::path out = fresh_folder("open_lost");
    write_file(out / "model.toml", model_text());
    write_file(out / "manifest.json", R"({"format": ")" + std::string(results::kManifestFormat) + R"(", "status": "finished"})");
    nn::save_weights(*nn::build_model(model_text(), "m.toml", 3), out / "weights.safetensors");
    if (empty) write_file(out / "config.toml", "");
    EXPECT_THAT(error_text<StateError>([&] { open_run(out); }), HasSubstr(empty ? "config.toml is empty" : "config.toml is missing"));
  }
}

TEST(OpenRun, AModelAndWeightsAloneAreASingleStrandWithoutNames) {
  const fs::path out = fresh_folder("open_bare");
  const nn::ModelPtr model = nn::build_model(model_text(), "m.toml", 3);
  write_file(out / "model.toml", model_text());
  EXPECT_THAT(error_text<StateError>([&] { open_run(out); }),
              HasSubstr("is no run folder with a model: weights.safetensors is missing"));
  nn::save_weights(*model, out / "weights.safetensors");
  const OpenRun run = open_run(out);
  EXPECT_EQ(run.strands.word(), "single");
  EXPECT_TRUE(run.names.empty() && run.schema.empty());
  EXPECT_EQ(run.model->specification(), model_text());
  for (const auto& [name, tensor] : train::weights_of(*model))
    EXPECT_TRUE(at::equal(tensor, train::weights_of(*run.model).at(name))) << name;
  EXPECT_THAT(error_text<StateError>([&] { open_run(out, {.set = {"seed=2"}}); }),
              HasSubstr("has no config.toml whose options could be set"));
}

TEST(OpenRun, AnUnfinishedRunSaysHowToGoOn) {
  const fs::path out = fresh_folder("open_unfinished");
  train_run(small_run(out, model_text()));
  fs::remove(out / "weights.safetensors");
  EXPECT_THAT(error_text<StateError>([&] { open_run(out); }),
              HasSubstr("the run is not finished; continue it with `basewise train --out"));
}

}  // namespace
}  // namespace basewise::run
