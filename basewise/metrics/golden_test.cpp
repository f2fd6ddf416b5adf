// Against scikit-learn and scipy: tests/golden/metrics.json, made by tests/golden/metrics_golden.py
// (versions and seed inside).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "basewise/metrics/curves.h"
#include "basewise/metrics/probability.h"
#include "basewise/metrics/ranking.h"
#include "basewise/metrics/regression.h"

namespace basewise::metrics {
namespace {

nlohmann::json golden() {
  std::ifstream file("tests/golden/metrics.json");
  if (!file) throw std::runtime_error("tests/golden/metrics.json is missing: run the tests from the root of the sources");
  return nlohmann::json::parse(file);
}

TEST(Golden, BinaryMetricsEqualScikitLearn) {
  const auto cases = golden()["binary"];
  ASSERT_EQ(cases.size(), 4u);
  for (const auto& g : cases) {
    const auto logits = g["logits"].get<std::vector<float>>();
    const auto labels = g["labels"].get<std::vector<std::uint8_t>>();
    const auto weights = g["weights"].is_null() ? std::vector<float>() : g["weights"].get<std::vector<float>>();
    const Ranking r(logits, labels, weights);
    EXPECT_NEAR(r.auroc().value, g["auroc"].get<double>(), 1e-12);
    EXPECT_NEAR(r.average_precision().value, g["average_precision"].get<double>(), 1e-12);
    if (weights.empty()) {
      EXPECT_NEAR(r.auprc_trapezoid().value, g["auprc_trapezoid"].get<double>(), 1e-12);
      EXPECT_NEAR(precision_recall_curve(r).area(), g["auprc_trapezoid"].get<double>(), 1e-12);
    }
    EXPECT_NEAR(r.recall_at_fdr(0.3 + 1e-12).value, g["recall_at_fdr_0.3"].get<double>(), 1e-12);
    const auto c = confusion(logits, labels, 0.25f, weights);
    EXPECT_NEAR(c.accuracy().value, g["accuracy_at_0.25"].get<double>(), 1e-12);
    EXPECT_NEAR(c.f1().value, g["f1_at_0.25"].get<double>(), 1e-12);
    EXPECT_NEAR(c.matthews().value, g["matthews_at_0.25"].get<double>(), 1e-12);
    EXPECT_NEAR(log_loss(logits, labels, ScoreScale::logit, weights).value, g["log_loss"].get<double>(), 1e-12);
    EXPECT_NEAR(brier(logits, labels, ScoreScale::logit, weights).value, g["brier"].get<double>(), 1e-12);
  }
}

TEST(Golden, NumericMetricsEqualScipyAndScikitLearn) {
  const auto cases = golden()["numeric"];
  ASSERT_EQ(cases.size(), 2u);
  for (const auto& g : cases) {
    const auto x = g["predictions"].get<std::vector<float>>();
    const auto y = g["targets"].get<std::vector<float>>();
    EXPECT_NEAR(pearson(x, y).value, g["pearson"].get<double>(), 1e-11);
    EXPECT_NEAR(spearman(x, y).value, g["spearman"].get<double>(), 1e-12);
    EXPECT_NEAR(mse(x, y).value / g["mse"].get<double>(), 1, 1e-12);
    EXPECT_NEAR(mae(x, y).value / g["mae"].get<double>(), 1, 1e-12);
    EXPECT_NEAR(r2(x, y).value / g["r2"].get<double>(), 1, 1e-11);
    EXPECT_EQ(average_ranks(x), g["ranks"].get<std::vector<double>>());
  }
}

}  // namespace
}  // namespace basewise::metrics
