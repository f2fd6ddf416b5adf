// The [data] of the recipes of the reverse-complement study: sizes, labels and chromosomes of their sets.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "basewise/data/build.h"
#include "basewise/data/detail/test_support.h"

namespace basewise::data {
namespace {

struct RecipeData {
  DataOptions data = {};
};
void describe(Visitor& v, RecipeData& o) { v.group("data", o.data, "as in a recipe"); }

// The table [data] of a recipe, which stands before its losses.
DataOptions data_of(const std::string& recipe, const std::vector<std::string>& assignments = {}) {
  const std::filesystem::path file = "recipes/rc_equivariance/" + recipe;
  const std::string text = read_file(file);
  const std::size_t begin = text.find("[data]");
  RecipeData data;
  read_toml(described(data), text.substr(begin, text.find("[[loss]]") - begin), file.string(), assignments);
  return data.data;
}

TEST(StudyRecipes, SimulatedSequencesHoldOneMotifEach) {
  for (const auto& [recipe, length] : {std::pair("simulated_200.toml", 200), {"simulated_1000.toml", 1000}}) {
    const DataSplits splits = build_data(data_of(recipe), 1535);
    EXPECT_EQ(splits.train->size(), 12'000);
    EXPECT_EQ(splits.validation->size(), 9000);
    EXPECT_EQ(splits.test->size(), 9000);
    EXPECT_EQ(splits.label_names, (std::vector<std::string>{"ELF1_known2", "GATA_known6", "RXRA_known1"}));
    const Bundle shapes = splits.test->example_shapes();
    EXPECT_EQ(shapes.at("sequence").sizes(), (std::vector<std::int64_t>{4, length}));
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

}  // namespace
}  // namespace basewise::data
