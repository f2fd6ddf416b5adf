#include "basewise/run/measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/run/detail/test_runs.h"

namespace basewise::run {
namespace {

using ::testing::HasSubstr;
using namespace testing;

/// Counts the examples of a set.
class Size final : public Measure {
 public:
  void describe_options(Visitor& v) override {
    v("factor", factor_, "of the number", positive());
    v("file", file_, "some file");
  }
  MeasureNumbers measure(const OpenRun& run, const data::DatasetPtr& set) const override {
    if (run.recipe.seed == 13) throw ArgumentError("13 brings no luck");
    return {{"examples", factor_ * static_cast<double>(set->size())}, {"file.length", static_cast<double>(file_.string().size())}};
  }

 private:
  double factor_ = 1;
  std::filesystem::path file_ = {};
};

std::vector<MeasureType> size_measure() {
  return {{.name = "size", .help = "examples of a set", .values = {{"length", false}}, .make = [] { return std::make_unique<Size>(); }}};
}

TEST(MeasureTable, HoldsWhatScopesAdd) {
  EXPECT_THAT(error_text<ArgumentError>([] { return make_measure("size"); }), HasSubstr("there is no measure 'size'"));
  const MeasureScope scope(size_measure());
  EXPECT_EQ(measure_types().size(), 1u);
  EXPECT_THAT(error_text<ArgumentError>([] { return MeasureScope(size_measure()); }), HasSubstr("there is a measure 'size' already"));
  EXPECT_EQ(measure_types().size(), 1u) << "the first one stays";
  EXPECT_THAT(error_text<ArgumentError>([] { return make_measure("sizes"); }), HasSubstr("did you mean 'size'?"));
  EXPECT_THAT(error_text<ArgumentError>([] { return make_measure("size", {"factor=-1"}); }), HasSubstr("factor"));
  EXPECT_THAT(error_text<ArgumentError>([] { return make_measure("size", {"factr=2"}); }), HasSubstr("did you mean"));
  EXPECT_FALSE(measured_higher_is_better("file.length"));
  EXPECT_TRUE(measured_higher_is_better("auroc"));
}

TEST(MeasureTable, MeasuresARunOnItsSets) {
  const MeasureScope scope(size_measure());
  const fs::path folder = fresh_folder("basewise_measure_table");
  train_run(small_run(folder / "run", model_text()));
  KeptData data;
  MeasureRequest request{.run = folder / "run", .measure = "size", .options = {"factor=2", "file=/abc"}};
  const MeasureResult result = measure_run(request, data);
  EXPECT_EQ(result.numbers, (MeasureNumbers{{"examples", 80}, {"file.length", 4}}));
  request.split = results::Set::train;
  EXPECT_EQ(measure_run(request, data).numbers[0].second, 240);
  request.set = {"seed=13", "data.seed=1"};
  EXPECT_THAT(error_text<ArgumentError>([&] { return measure_run(request, data); }), HasSubstr("measure 'size': 13 brings no luck"));
  request.set = {"data.split.test_fraction=0"};
  request.split = results::Set::test;
  EXPECT_THAT(error_text<ArgumentError>([&] { return measure_run(request, data); }), HasSubstr("the test set of"));
}

}  // namespace
}  // namespace basewise::run
