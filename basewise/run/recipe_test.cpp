#include "basewise/run/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/train/checkpoint.h"
#include "tests/support/error_text.h"
#include "tests/support/test_task.h"

namespace basewise::run {
namespace {

using ::testing::HasSubstr;
using train::testing::fresh_folder;

const std::string kModel = "# the model\nformat = 1\n[inputs.sequence]\nchannels = 4\n[[heads]]\nname = \"logits\"\n";

fs::path recipe_file(const std::string& name, const std::string& text) {
  const fs::path file = fresh_folder("recipe_" + name) / "r.toml";
  write_file(file, text);
  write_file(file.parent_path() / "m.toml", kModel);
  return file;
}

TEST(Recipe, BuiltInDemoIsComplete) {
  EXPECT_THAT(error_text<ArgumentError>([] { load_recipe("nothing_of_this_name"); }), HasSubstr("built in: demo"));
  const LoadedRecipe demo = load_recipe("demo", {"train.epochs=3", "seed=5"});
  EXPECT_EQ(demo.recipe.name, "demo");
  EXPECT_EQ(demo.recipe.train.options.epochs, 3);
  EXPECT_EQ(demo.recipe.seed, 5u);
  EXPECT_EQ(demo.recipe.data.kind, "simulation");
  EXPECT_THAT(demo.model_text, HasSubstr("[inputs.sequence]"));
}

TEST(Recipe, EveryRecipeOfTheTreeCanBeRead) {
  int found = 0;
  for (const auto& entry : fs::recursive_directory_iterator("recipes")) {
    const std::string name = entry.path().filename().string();
    const auto is = [&](const char* kind) { return name.ends_with(kind); };
    if (entry.path().extension() != ".toml" || is("model.toml") || is("study.toml") || is("annotation.toml")) continue;
    const LoadedRecipe loaded = load_recipe(entry.path().string());
    EXPECT_NO_THROW(nn::build_model(loaded.model_text, loaded.model_origin, 1)) << entry.path();
    for (const std::string& value : train::watched_values(loaded.recipe.train.options.select))
      EXPECT_NO_THROW(higher_is_better(value)) << entry.path();
    ++found;
  }
  EXPECT_GE(found, 3);
}

TEST(Recipe, WhatAnotherChoiceUsesIsRefusedOfPeopleAndOnlyWarnedOfInRunFolders) {
  const std::string idle = "model_file = \"m.toml\"\n[train.log_odds]\nleft = 3\n[strand]\nfilters = 0.5\n";
  const fs::path file = recipe_file("idle", idle);
  EXPECT_THAT(error_text<ArgumentError>([&] { load_recipe(file.string()); }), HasSubstr("means nothing with"));
  EXPECT_THAT(error_text<ArgumentError>([&] { load_recipe("demo", {"train.log_odds.left=3"}); }),
              HasSubstr("train.log_odds.left means nothing with train.method = \"gradient\"; train.method = \"log_odds\" uses it"));
  EXPECT_THAT(error_text<ArgumentError>([&] {
                load_recipe("demo", {"train.method=log_odds", "train.log_odds.background=uniform",
                                     "train.log_odds.both_strands=false"});
              }),
              HasSubstr("both_strands means nothing with background = \"uniform\""));
  EXPECT_EQ(load_recipe("demo", {"train.method=log_odds", "train.log_odds.left=3"}).recipe.train.log_odds.left, 3);
  fs::rename(file, file.parent_path() / "config.toml");
  EXPECT_EQ(load_recipe(file.parent_path().string()).recipe.train.log_odds.left, 3);
  EXPECT_EQ(recipe_of_run(file.parent_path()).strand.filters, 0.5);
}

TEST(Recipe, ModelIsTakenRelativeToTheRecipeOrInline) {
  EXPECT_EQ(load_recipe(recipe_file("file", "model_file = \"m.toml\"\n").string()).model_text, kModel);
  const LoadedRecipe inline_model = load_recipe(
      recipe_file("inline",
                  "[model]\nformat = 1\n[model.inputs.sequence]\nchannels = 4\n[[model.heads]]\nname = \"logits\"\n")
          .string());
  EXPECT_THAT(inline_model.model_text, HasSubstr("[inputs.sequence]"));
  EXPECT_THAT(inline_model.model_origin, HasSubstr("r.toml:1"));
}

TEST(Recipe, PartsOfAModelAreFilesBesideTheRecipe) {
  const LoadedRecipe loaded = load_recipe(
      recipe_file("parts",
                  "[model]\nformat = 1\n[model.parts.dna]\nmodel = \"m.toml\"\n[[model.heads]]\nname = \"logits\"\n")
          .string());
  EXPECT_EQ(loaded.model.inputs.at(0).name, "sequence");
  EXPECT_THAT(loaded.model_text, HasSubstr("# Joined from dna (m.toml)."));
  EXPECT_EQ(build_model(loaded)->specification(), loaded.model_text);
}

TEST(Recipe, AModelFileThatIsSetTakesThePlaceOfTheRecipesModel) {
  const fs::path recipe = recipe_file("own", "model = \"cnn\"\n");
  const fs::path own = recipe.parent_path() / "m.toml";
  const LoadedRecipe loaded = load_recipe(recipe.string(), {"model_file=" + own.string()});
  EXPECT_FALSE(loaded.named.has_value());
  EXPECT_EQ(loaded.model_text, kModel);
}

TEST(Recipe, ErrorsNameFileAndRemedy) {
  EXPECT_THAT(error_text<ArgumentError>([] { load_recipe("dmo"); }), HasSubstr("nor a built-in recipe (did you mean 'demo'?)"));
  EXPECT_THAT(error_text<ArgumentError>([] { load_recipe(recipe_file("none", "seed = 3\n").string()); }),
              HasSubstr("r.toml: no model; give either"));
  EXPECT_THAT(
      error_text<ArgumentError>([] { load_recipe(recipe_file("both", "model_file = \"m.toml\"\n[model]\nformat = 1\n").string()); }),
      HasSubstr("both model_file and a model in the recipe itself are given"));
  EXPECT_THAT(
      error_text<ArgumentError>([] {
        load_recipe(recipe_file("typo", "model_file = \"m.toml\"\n[train.optimizer]\nlearning_rat = 1\n").string());
      }),
      HasSubstr("did you mean train.optimizer.learning_rate?"));
  EXPECT_THAT(error_text<ArgumentError>([] { load_recipe("demo", {"train.optimizer.learning_rate=-1"}); }), HasSubstr("learning_rate"));
  const std::string most = "model_file = \"m.toml\"\n[strand]\nlayers = \"shared\"\npool = \"most\"\n";
  EXPECT_THAT(error_text<ArgumentError>([&] { load_recipe(recipe_file("most", most).string()); }),
              HasSubstr("r.toml:4:8: strand.pool is \"most\"; it must be one of sum, mean, weighted"));
}

TEST(Recipe, WrittenAndReadAgainIsEqual) {
  Recipe first = load_recipe("demo").recipe;
  first.model_file.clear();
  const std::string text = to_toml(described(first));
  Recipe second;
  read_toml(described(second), text, "config.toml");
  EXPECT_EQ(to_toml(described(second)), text);
}

TEST(ResultConfiguration, LeavesOutWhatChangesNoResult) {
  const std::string base = result_configuration(load_recipe("demo"), {{"data:x", "abc"}});
  const auto difference = [&](const std::vector<std::string>& set) {
    return train::config_difference(base, result_configuration(load_recipe("demo", set), {{"data:x", "abc"}}));
  };
  EXPECT_EQ(difference({"name=other", "train.loader.workers=7", "train.checkpoint.every_steps=3", "train.max_seconds=9",
                        "evaluate.bootstrap.replicates=3"}),
            "");
  EXPECT_THAT(difference({"train.optimizer.learning_rate=0.5"}),
              HasSubstr("'train.optimizer.learning_rate' is 0.5 now"));
  EXPECT_THAT(difference({"data.simulation.length=300"}), HasSubstr("'data.simulation.length' is 300 now"));
  EXPECT_THAT(train::config_difference(base, result_configuration(load_recipe("demo"), {{"data:x", "abd"}})),
              HasSubstr("abd"));
}

TEST(Recipe, DirectionsOfMetrics) {
  EXPECT_FALSE(higher_is_better("loss"));
  EXPECT_TRUE(higher_is_better("auroc"));
  EXPECT_TRUE(higher_is_better("mean.auroc"));
  EXPECT_FALSE(higher_is_better("log_loss"));
  EXPECT_TRUE(higher_is_better("recall_at_fdr:0.1"));
  EXPECT_THAT(error_text<ArgumentError>([] { higher_is_better("auorc"); }), HasSubstr("auroc"));
}

}  // namespace
}  // namespace basewise::run
