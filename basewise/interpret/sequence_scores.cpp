#include "basewise/interpret/sequence_scores.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/metrics/ranking.h"

namespace basewise::interpret {
namespace {

/// Mean and population standard deviation of what is a number; NaN without any.
std::pair<double, double> mean_and_sd(const std::vector<double>& values) {
  double n = 0, sum = 0, squares = 0;
  for (const double x : values)
    if (!std::isnan(x)) ++n, sum += x;
  const double mean = sum / n;
  for (const double x : values)
    if (!std::isnan(x)) squares += (x - mean) * (x - mean);
  return {mean, std::sqrt(squares / n)};
}

/// Numbers of single precision in the order of `scores`, equal where these are.
std::vector<float> ranks(std::span<const double> scores) {
  std::vector<double> sorted(scores.begin(), scores.end());
  for (std::size_t i = 0; i < sorted.size(); ++i)
    if (std::isnan(sorted[i])) throw ArgumentError(format("score {} of a sequence is no number", i));
  std::sort(sorted.begin(), sorted.end());
  std::vector<float> all;
  for (const double x : scores) all.push_back(static_cast<float>(std::lower_bound(sorted.begin(), sorted.end(), x) - sorted.begin()));
  return all;
}

}  // namespace

void SequenceScores::add(std::span<const double> scores, std::span<const std::uint8_t> labels) {
  const metrics::Ranking ranking(ranks(scores), labels);
  auroc_.push_back(ranking.auroc().value);
  // Over the same sequences: of positives alone the area would be 1 whatever the scores.
  aupr_.push_back(std::isnan(auroc_.back()) ? auroc_.back() : ranking.auprc_trapezoid().value);
}

run::MeasureNumbers SequenceScores::numbers(const std::string& prefix) const {
  const auto [auroc, auroc_sd] = mean_and_sd(auroc_);
  const auto [aupr, aupr_sd] = mean_and_sd(aupr_);
  const auto undefined = std::count_if(auroc_.begin(), auroc_.end(), [](double x) { return std::isnan(x); });
  return {{prefix + "auroc", auroc},
          {prefix + "auroc_sd", auroc_sd},
          {prefix + "aupr", aupr},
          {prefix + "aupr_sd", aupr_sd},
          {prefix + "undefined", static_cast<double>(undefined)}};
}

std::vector<run::MeasureValue> sequence_score_values() {
  return {{"auroc_sd", false}, {"aupr", true}, {"aupr_sd", false}, {"undefined", false}};
}

}  // namespace basewise::interpret
