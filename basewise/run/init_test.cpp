#include "basewise/run/init.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/nn/weights.h"
#include "basewise/run/detail/test_runs.h"
#include "basewise/run/evaluate_run.h"

namespace basewise::run {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace testing;

nn::ModelPtr built(const std::string& text, std::uint64_t seed = 9) { return nn::build_model(text, "m.toml", seed); }

/// A file of weights of a model.
fs::path saved(const std::string& name, const std::string& text, std::uint64_t seed) {
  const fs::path file = fresh_folder("init_" + name) / "w.safetensors";
  fs::create_directories(file.parent_path());
  nn::save_weights(*built(text, seed), file);
  return file;
}

TEST(Init, TakesEverythingByNameFromAFileOrARunFolder) {
  const fs::path file = saved("plain", model_text(), 4);
  fs::copy_file(file, file.parent_path() / "weights.safetensors");
  for (const fs::path& from : {file, file.parent_path()}) {
    const nn::ModelPtr model = built(model_text());
    const auto reports = initialise(*model, {{.from = from}});
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_TRUE(reports[0].kept.empty() && reports[0].unused.empty());
    for (const auto& [name, tensor] : train::weights_of(*model))
      EXPECT_TRUE(at::equal(tensor, train::load_bundle(file).at(name))) << name;
  }
}

TEST(Init, WeightsThatAreNotFiniteAreRefusedByName) {
  const nn::ModelPtr source = built(model_text(), 4);
  {
    const at::NoGradGuard no_grad;
    source->named_parameters()["dna.weight"].view({-1})[2].fill_(std::nan(""));
  }
  const fs::path file = fresh_folder("init_nan") / "w.safetensors";
  nn::save_weights(*source, file);
  const nn::ModelPtr model = built(model_text());
  EXPECT_THAT(error_text<StateError>([&] { initialise(*model, {{.from = file}}); }), HasSubstr("dna.weight is not finite: 1 of its"));
  // What is not taken does not matter.
  EXPECT_NO_THROW(initialise(*model, {{.from = file, .skip = {"dna.weight"}}}));
}

TEST(Init, ANewHeadKeepsItsValuesWhereItIsNamedAndBothSidesAreTold) {
  const fs::path file = saved("head", model_text(), 4);
  std::string wider = model_text();
  wider.replace(wider.find("units = 3"), 9, "units = 5");
  const nn::ModelPtr model = built(wider), fresh = built(wider);
  const std::string refused = error_text<StateError>([&] { initialise(*model, {{.from = file}}); });
  EXPECT_THAT(refused, HasSubstr("does not fit the model: "));
  EXPECT_THAT(refused, HasSubstr("(3, 6) float32, the model needs (5, 6) float32"));
  EXPECT_THAT(refused, HasSubstr("name what is to keep its initial values in init.skip"));
  EXPECT_TRUE(at::equal(train::weights_of(*model).at("dna.weight"), train::weights_of(*fresh).at("dna.weight")))
      << "nothing was changed";

  const InitReport report = initialise(*model, {{.from = file, .skip = {"logits"}}}).at(0);
  EXPECT_EQ(report.kept.size(), 2u);
  EXPECT_EQ(report.unused.size(), 2u);
  EXPECT_THAT(report.to_string(), HasSubstr("2 keep their values (logits"));
  EXPECT_TRUE(at::equal(train::weights_of(*model).at("dna.weight"), train::load_bundle(file).at("dna.weight")));
  for (const std::string& name : report.kept)
    EXPECT_TRUE(at::equal(train::weights_of(*model).at(name), train::weights_of(*fresh).at(name))) << name;
}

// Basset starts a network for new cell types from one for others ("-seed"): all but the head.
TEST(Init, HeadsOfOtherSizesAndWholeHeadsCanKeepTheirValues) {
  const fs::path file = saved("seed", model_text(), 4);
  std::string wider = model_text();
  wider.replace(wider.find("units = 3"), 9, "units = 5");
  const auto kept = [&](const std::string& text, const InitOptions& o) {
    const nn::ModelPtr model = built(text), fresh = built(text);
    const InitReport report = initialise(*model, {o}).at(0);
    const Bundle source = train::load_bundle(file);
    for (const auto& [name, tensor] : train::weights_of(*model)) {
      const bool stays = std::find(report.kept.begin(), report.kept.end(), name) != report.kept.end();
      EXPECT_TRUE(at::equal(tensor, stays ? train::weights_of(*fresh).at(name) : source.at(name))) << name;
    }
    return report;
  };
  const InitReport resized = kept(wider, {.from = file, .resized = true});
  EXPECT_THAT(resized.kept, ElementsAre("logits.dense.weight", "logits.dense.bias"));
  EXPECT_EQ(resized.resized, resized.kept);
  EXPECT_THAT(resized.to_string(), HasSubstr("of these 2 have another shape in the source (logits.dense.weight"));
  EXPECT_EQ(to_json(resized)["resized"].size(), 2u);
  EXPECT_TRUE(kept(model_text(), {.from = file, .resized = true}).kept.empty()) << "what fits is taken";
  EXPECT_THAT(kept(model_text(), {.from = file, .trunk = true}).kept, ElementsAre("logits.dense.weight", "logits.dense.bias"))
      << "heads that would fit too";
  const nn::ModelPtr model = built(wider);
  EXPECT_THAT(error_text<StateError>([&] { initialise(*model, {{.from = file}}); }), HasSubstr("resized = true: what has another shape"));
}

TEST(Init, PrefixesMapNames) {
  const fs::path file = saved("prefix", model_text("dna"), 4);
  const nn::ModelPtr model = built(model_text("left"));
  const InitReport report = initialise(*model, {{.from = file, .match = {"left=dna"}}}).at(0);
  EXPECT_TRUE(at::equal(train::weights_of(*model).at("left.weight"), train::load_bundle(file).at("dna.weight")));
  EXPECT_TRUE(at::equal(train::weights_of(*model).at("left_norm.bias"), train::load_bundle(file).at("dna_norm.bias")));
  EXPECT_EQ(report.kept.size(), 2u) << "the head is not spoken of";
  EXPECT_THAT(error_text<ArgumentError>([&] { initialise(*model, {{.from = file, .match = {"right=dna"}}}); }),
              HasSubstr("init.match 'right=dna': no tensor of the model begins so"));
  EXPECT_THAT(error_text<ArgumentError>([&] { initialise(*model, {{.from = file, .match = {"left"}}}); }),
              HasSubstr("expected NEW=OLD"));
  EXPECT_THAT(error_text<StateError>([&] { initialise(*model, {{.from = file, .match = {"left=cpg"}}}); }),
              HasSubstr("cpg.weight (for left.weight) is missing"));
  EXPECT_THAT(error_text<StateError>([&] {
                initialise(*model, {{.from = file, .match = {"left=dna"}}, {.from = file, .match = {"left.=dna."}}});
              }),
              HasSubstr("init: left.weight is given by two sources"));
  EXPECT_THAT(error_text<StateError>([&] { initialise(*model, {{.from = "nowhere"}}); }),
              HasSubstr("init.from: nowhere is not there"));
}

TEST(Init, ARunStartsWithTheWeightsOfAnotherAndSaysSo) {
  const fs::path first = fresh_folder("init_first"), second = fresh_folder("init_second");
  train_run(small_run(first, model_text()));
  const std::vector<std::string> set = {"init.0.from=" + first.string(), "init.0.freeze=[\"dna\", \"dna_norm\"]",
                                        "seed=2"};
  train_run(small_run(second, model_text(), set));
  for (const auto& [name, tensor] : weights(first))
    EXPECT_EQ(at::equal(tensor, weights(second).at(name)), name.starts_with("dna")) << name;

  const auto manifest = read_manifest(second);
  EXPECT_EQ(manifest["init"][0]["file"], (first / "weights.safetensors").string());
  EXPECT_EQ(manifest["init"][0]["freeze"], nlohmann::json({"dna", "dna_norm"}));
  EXPECT_EQ(manifest["init"][0]["kept"].size(), 0u);
  const auto& input = manifest["inputs"].back();
  EXPECT_EQ(input["reference"], "init.0");
  EXPECT_EQ(input["sha256"].get<std::string>().size(), 64u);
  EXPECT_FALSE(read_manifest(first).contains("init"));

  // The folder stands on its own: it is measured without the first.
  fs::remove_all(first);
  EXPECT_TRUE(evaluate_run({.run = second, .threads = 1}).evaluation.value("auroc").defined());
}

TEST(Init, TheConfigurationOfARunKnowsTheWeightsAndNothingElseChanges) {
  const LoadedRecipe plain = load_recipe("demo");
  EXPECT_EQ(result_configuration(plain, {}).find("\"init\":"), std::string::npos) << "no key for what is not used";
  EXPECT_EQ(result_configuration(plain, {}).find("\"parts\""), std::string::npos);
  const LoadedRecipe with = load_recipe("demo", {"init.0.from=/runs/a"});
  EXPECT_NE(result_configuration(with, {{"init.0", "aa"}}), result_configuration(with, {{"init.0", "bb"}}));
}

/// Two trunks side by side under one head.
std::string joint_text() {
  std::string second = trunk_text("cpg", 4);
  second.insert(second.find("filters"), "from = \"sequence\"\n");
  std::string head = kHead;
  head.insert(head.find("[[heads.layers]]"), "from = [\"dna_pool\", \"cpg_pool\"]\ncombine = \"concat\"\n");
  return kInput + trunk_text("dna", 6) + second + head;
}

TEST(Init, AJointModelOfTwoTrainedRunsOneOfThemFrozen) {
  const fs::path dna = fresh_folder("joint_dna"), cpg = fresh_folder("joint_cpg"), both = fresh_folder("joint");
  train_run(small_run(dna, model_text("dna", 6)));
  train_run(small_run(cpg, model_text("cpg", 4), {"seed=3"}));
  train_run(
      small_run(both, joint_text(),
                {"init.0.from=" + dna.string(), "init.0.match=[\"dna=dna\"]", "init.0.freeze=[\"dna\", \"dna_norm\"]",
                 "init.1.from=" + cpg.string(), "init.1.match=[\"cpg=cpg\"]", "train.optimizer.parts.0.match=cpg*",
                 "train.optimizer.parts.0.factor=0.1"}));
  const Bundle joint = weights(both);
  for (const auto& [name, tensor] : weights(dna)) {
    if (!name.starts_with("dna")) continue;
    EXPECT_TRUE(at::equal(tensor, joint.at(name))) << name << " is frozen";
  }
  bool moved = false;
  for (const auto& [name, tensor] : weights(cpg))
    if (name.starts_with("cpg")) moved = moved || !at::equal(tensor, joint.at(name));
  EXPECT_TRUE(moved) << "the other part learns on";
  EXPECT_TRUE(evaluate_run({.run = both, .threads = 1}).evaluation.value("auroc").defined());
}

}  // namespace
}  // namespace basewise::run
