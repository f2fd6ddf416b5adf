#include "basewise/prepare/bin_transform.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/json.h"
#include "tests/support/error_text.h"

namespace basewise::prepare {
namespace {

using testing::FloatNear;
using testing::HasSubstr;
using testing::Pointwise;

std::optional<double> number(const nlohmann::ordered_json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

std::vector<float> bins_of(const std::vector<float>& bases, std::int64_t width, const BinTransform& t) {
  std::vector<float> bins(bases.size() / static_cast<std::size_t>(width));
  bin_values(bases, width, t, bins);
  return bins;
}

TEST(BinValues, AreThoseOfTheGolden) {
  const auto golden = read_json("tests/golden/bins.json");  // by tests/golden/bins_golden.py
  const auto bases = golden["bases"].get<std::vector<float>>();
  std::size_t cases = 0;
  for (const auto& one : golden["transforms"]) {
    const BinTransform t{.statistic = parse_choice<BinStatistic>(one["sum_stat"].get<std::string>(), "sum_stat"),
                         .form = parse_choice<TransformForm>(one["form"].get<std::string>(), "form"),
                         .scale = one["scale"],
                         .clip_soft = number(one["clip_soft"]),
                         .clip = number(one["clip"])};
    EXPECT_THAT(bins_of(bases, one["width"], t), Pointwise(FloatNear(2e-5f), one["bins"].get<std::vector<float>>())) << one.dump();
    ++cases;
  }
  EXPECT_EQ(cases, 45u);
}

TEST(BinValues, SumsBeyondHalfAndSinglePrecision) {
  // 2^24 + 1 is no float; half precision would lose units above 2,048 already.
  std::vector<float> bases(16, 0.0625f);
  bases[3] = 16777216;
  EXPECT_FLOAT_EQ(bins_of(bases, 16, {})[0], 16777216 + 0.9375f);
  std::vector<float> many(4096, 1.001f);
  many[0] = 4096;
  EXPECT_FLOAT_EQ(bins_of(many, 4096, {})[0], static_cast<float>(4096 + 4095 * static_cast<double>(1.001f)));
}

TEST(BinValues, AreUndone) {
  const std::vector<float> bases = {0, 1, 0.5f, 2, 40, 30, 80, 7, 0.25f, 0.25f, 0, 0};
  for (const TransformForm form : {TransformForm::current, TransformForm::old})
    for (const Word<BinStatistic>& word : words_of(BinStatistic{})) {
      BinTransform t{.statistic = word.value, .form = form, .scale = 0.25, .clip_soft = 5.0};
      if (form == TransformForm::old && word.value == BinStatistic::sum_exp75) continue;
      // Means above a quarter are all 1 as peaks; what is undone is the statistic without a curve.
      BinTransform plain{.statistic = word.value, .scale = 1};
      if (word.value == BinStatistic::sum_sqrt || word.value == BinStatistic::sum_exp75) plain.statistic = BinStatistic::sum;
      if (word.value == BinStatistic::mean_sqrt) plain.statistic = BinStatistic::mean;
      std::vector<float> expected = bins_of(bases, 4, plain), raw = bins_of(bases, 4, t), kept = raw;
      undo(raw, t, UndoScale::remove);
      undo(kept, t);
      for (std::size_t i = 0; i < raw.size(); ++i) {
        if (word.value == BinStatistic::peak) {
          const double mean = static_cast<double>(bins_of(bases, 4, {.statistic = BinStatistic::mean})[i]);
          const double most = form == TransformForm::old ? 0.25 : 1;  // scale comes before the root now
          EXPECT_NEAR(raw[i], std::min(mean, most), 1e-5) << word.word;
          continue;
        }
        EXPECT_NEAR(raw[i], expected[i], 2e-4 * (1 + expected[i])) << word.word << " " << to_word(form);
        EXPECT_NEAR(kept[i], 0.25f * expected[i], 1e-4 * (1 + expected[i])) << word.word << " " << to_word(form);
      }
    }
}

TEST(BinValues, UndoOfWhatNoTransformGives) {
  EXPECT_EQ(undone(-3, {.statistic = BinStatistic::sum_sqrt}), -1);
  EXPECT_EQ(undone(-3, {.statistic = BinStatistic::sum_sqrt, .form = TransformForm::old}), 0);
  EXPECT_EQ(undone(7, {.statistic = BinStatistic::peak}), 0.25);
  EXPECT_EQ(undone(-3, {}), -3);
  // clip_soft by hand: v = 9 above 5 was 5 - 1 + sqrt(x - 5 + 1): sqrt = 5, x = 29.
  EXPECT_DOUBLE_EQ(undone(9, {.clip_soft = 5.0}), 29);
  EXPECT_DOUBLE_EQ(undone(9, {.form = TransformForm::old, .clip_soft = 5.0}), 21);
}

TEST(BinValues, RefuseRootsOfNegativeSums) {
  EXPECT_THAT(error_text<DataError>([] { return bins_of({0, 0, -3, 1}, 2, {.statistic = BinStatistic::sum_sqrt}); }),
              HasSubstr("the sum of bin 1 is -2, of which sum_sqrt takes a root; take sum, mean or max"));
  EXPECT_THAT(error_text<DataError>([] { return bins_of({-1, 0}, 2, {.statistic = BinStatistic::peak}); }),
              HasSubstr("the mean of bin 0 is -0.5"));
  EXPECT_EQ(bins_of({-3, 1}, 2, {})[0], -2);
  EXPECT_EQ(bins_of({-3, 1}, 2, {.clip = 1.5})[0], -1.5f);
  EXPECT_THAT(error_text<ArgumentError>([] { return bins_of({1, 2, 3}, 2, {}); }), HasSubstr("3 bases are not 1 bins of 2"));
}

TEST(BinTransform, Checks) {
  const auto text = [](const BinTransform& t) { return error_text<ArgumentError>([&] { check(t, "x"); }); };
  EXPECT_THAT(text({.scale = 0}), HasSubstr("x: scale is 0; it must be a number above 0"));
  EXPECT_THAT(text({.scale = std::nan("")}), HasSubstr("scale"));
  EXPECT_THAT(text({.clip = -1.0}), HasSubstr("clip is -1; it must be above 0"));
  EXPECT_THAT(text({.clip_soft = -1.0}), HasSubstr("clip_soft is -1"));
  EXPECT_THAT(text({.statistic = BinStatistic::sum_exp75, .form = TransformForm::old}), HasSubstr("belongs to the current transforms"));
}

}  // namespace
}  // namespace basewise::prepare
