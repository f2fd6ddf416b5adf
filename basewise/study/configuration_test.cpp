#include "basewise/study/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/study/detail/test_study.h"

namespace basewise::study {
namespace {

using testing::fresh_folder;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kModel = R"(format = 1
[inputs.sequence]
channels = 4
length = 60
[[layers]]
type = "conv"
filters = 3
width = 5
[[layers]]
type = "pool"
kind = "max"
global = true
[[heads]]
name = "logits"
  [[heads.layers]]
  type = "dense"
  units = 1
)";

/// A recipe with a table and a model of its own.
class ConfigurationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fresh_folder();
    write("table.tsv", "sequence\tlabel\nACGT\t1\n");
    write("model.toml", kModel);
    write("recipe.toml", recipe_);
    write("study.toml", study_);
  }
  void write(const char* name, const std::string& text) const { write_file(folder_ / name, text); }

  /// Hashes of the first run's training and first row.
  std::pair<std::string, std::string> hashes(const fs::path& folder = {}) const {
    const Study study = load_study((folder.empty() ? folder_ : folder).string());
    const std::vector<study::Run> runs = expand(study);
    Configurations configurations(study);
    return {configurations.training(runs[0]), configurations.row(runs[0], runs[0].measurements[0])};
  }

  /// Whether a change of a file changes the hash of training, and of the row.
  void expect_change(const char* file, std::string from, const std::string& to, bool training, bool row) {
    const std::string before = read_file(folder_ / file);
    const auto old = hashes();
    std::string after = before;
    const auto at = after.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write(file, after.replace(at, from.size(), to));
    const auto now = hashes();
    EXPECT_EQ(now.first != old.first, training) << from << " -> " << to;
    EXPECT_EQ(now.second != old.second, row) << from << " -> " << to;
    write(file, before);
    EXPECT_EQ(hashes(), old);
  }

  fs::path folder_;
  std::string recipe_ =
      "name = \"a\"\nmodel_file = \"model.toml\"\n[data]\nkind = \"table\"\n[data.table]\nfile = "
      "\"table.tsv\"\n[train]\nepochs = 3\n"
      "[train.loader]\nworkers = 1\n[train.optimizer]\nlearning_rate = 0.01\n[[loss]]\ntype = "
      "\"binary_cross_entropy\"\n";
  std::string study_ =
      "recipe = \"recipe.toml\"\n[[axes]]\nname = \"seed\"\nkey = \"seed\"\nnumbers = [3, 5]\n[[evaluations]]\nname = "
      "\"single\"\nset = "
      "[\"strand.predict=single\"]\n";
};

TEST_F(ConfigurationTest, HashesChangeExactlyWithWhatMatters) {
  expect_change("recipe.toml", "epochs = 3", "epochs = 4", true, true);
  expect_change("recipe.toml", "learning_rate = 0.01", "learning_rate = 0.02", true, true);
  expect_change("recipe.toml", "[train]\n", "[train]\naccumulate = 2\n", true, true);
  expect_change("model.toml", "filters = 3", "filters = 4", true, true);
  expect_change("table.tsv", "ACGT", "ACGA", true, true);
  expect_change("study.toml", "numbers = [3, 5]", "numbers = [4, 5]", true, true);
  expect_change("study.toml", "strand.predict=single", "strand.predict=conjoined", false, true);
  expect_change("study.toml", "name = \"single\"\n", "name = \"single\"\nsplits = [\"train\"]\n", false, true);
  expect_change("study.toml", "name = \"single\"\n", "name = \"single\"\nweights = [\"loss\"]\n", false, true);
  expect_change("study.toml", "name = \"single\"\n", "name = \"single\"\noutputs = true\n", false, true);
}

TEST_F(ConfigurationTest, NamesPlacesAndMachineThingsDoNotMatter) {
  expect_change("recipe.toml", "name = \"a\"", "name = \"b\"", false, false);
  expect_change("recipe.toml", "workers = 1", "workers = 7", false, false);
  expect_change("recipe.toml", "[train]\n", "# a comment\n[train]\nlog_every = 3\n", false, false);
  expect_change("recipe.toml", "[train]\n", "[train]\naccumulate = 1\n", false, false);  // the default, said aloud
  expect_change("model.toml", "filters = 3", "filters    = 3  # three", false, false);
  expect_change("study.toml", "name = \"single\"", "name = \"other\"", false, false);
  expect_change("study.toml", "name = \"seed\"", "name = \"run_number\"", false, false);
  expect_change("study.toml", "recipe =", "title = \"x\"\nkeep = \"all\"\nrecipe =", false, false);
}

TEST_F(ConfigurationTest, HashesAreTheSameInAnotherFolder) {
  const fs::path elsewhere = folder_.parent_path() / "basewise_study_elsewhere";
  fs::remove_all(elsewhere);
  fs::copy(folder_, elsewhere, fs::copy_options::recursive);
  fs::rename(elsewhere / "table.tsv", elsewhere / "other_name.tsv");
  std::string recipe = recipe_;
  write_file(elsewhere / "recipe.toml", recipe.replace(recipe.find("table.tsv"), 9, "other_name.tsv"));
  EXPECT_EQ(hashes(), hashes(elsewhere));
}

TEST_F(ConfigurationTest, OptionsWithTheirDefaultAreNoPartOfIt) {
  const Study study = load_study(folder_.string());
  Configurations configurations(study);
  const std::string text = configurations.describe_training(expand(study)[0]);
  EXPECT_THAT(text, HasSubstr("\"epochs\":3"));
  EXPECT_THAT(text, HasSubstr("\"seed\":3"));
  EXPECT_THAT(text, Not(HasSubstr("accumulate")));
  EXPECT_THAT(text, Not(HasSubstr("simulation")));
  EXPECT_THAT(text, Not(HasSubstr(folder_.string())));
}

TEST_F(ConfigurationTest, OptionsOfABinnedSetWithTheirDefaultAreNoPartOfIt) {
  write("recipe.toml",
        "seed = 1\nmodel_file = \"model.toml\"\n[data]\nkind = \"binned\"\n[data.binned]\ntrain_file = \"table.tsv\"\n"
        "length = 60\nbin = 20\n");
  const Study study = load_study(folder_.string());
  Configurations configurations(study);
  const std::string text = configurations.describe_training(expand(study)[0]);
  EXPECT_THAT(text, HasSubstr("\"bin\":20"));
  for (const char* key : {"memory", "strand_pairs", "unmappable", "cropped", "train_sets"}) EXPECT_THAT(text, Not(HasSubstr(key)));
}

TEST_F(ConfigurationTest, AMissingFileHasAHashOfItsOwn) {
  const auto before = hashes();
  fs::remove(folder_ / "table.tsv");
  EXPECT_NE(hashes(), before);
}

}  // namespace
}  // namespace basewise::study
