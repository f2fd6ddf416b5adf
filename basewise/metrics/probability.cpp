#include "basewise/metrics/probability.h"

#include <algorithm>
#include <cmath>

#include "basewise/metrics/detail/checks.h"
#include "basewise/metrics/detail/radix_sort.h"

namespace basewise::metrics {
namespace {

/// Weighted mean of term(score, label).
template <class Term>
MetricResult mean_of(std::span<const float> scores, std::span<const std::uint8_t> labels, std::span<const float> weights, Term term) {
  double sum = 0;
  double total = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double w = detail::weight_at(weights, i);
    total += w;
    if (w > 0) sum += w * term(static_cast<double>(scores[i]), labels[i]);
  }
  return total > 0 ? MetricResult::of(sum / total) : MetricResult::undefined("no examples");
}

double probability_of(double score, ScoreScale scale) { return scale == ScoreScale::logit ? sigmoid(score) : score; }

/// Sums while it fills, means after `close`.
void add(CalibrationBin& bin, double probability, std::uint8_t label, double weight) {
  if (bin.weight == 0) bin.low = probability;
  bin.high = probability;
  bin.weight += weight;
  bin.mean_probability += weight * probability;
  bin.fraction_positive += weight * label;
}

/// Example indices by rising score.
std::vector<std::uint64_t> order_of(std::span<const float> scores) {
  std::vector<std::uint64_t> order(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) order[i] = (static_cast<std::uint64_t>(~detail::descending_key(scores[i])) << 32) | i;
  detail::radix_sort(order, [](std::uint64_t r) { return static_cast<std::uint32_t>(r >> 32); });
  return order;
}

std::vector<CalibrationBin> equal_mass_bins(std::span<const float> scores, std::span<const std::uint8_t> labels, ScoreScale scale,
                                            std::int64_t bins, std::span<const float> weights, double total) {
  std::vector<CalibrationBin> filled(1);
  double before = 0;
  float last = 0;
  for (const std::uint64_t record : order_of(scores)) {
    const auto i = static_cast<std::size_t>(record & 0xffffffffu);
    const double w = detail::weight_at(weights, i);
    if (w == 0) continue;
    const bool full = before >= total * static_cast<double>(filled.size()) / static_cast<double>(bins);
    if (full && scores[i] != last && filled.back().weight > 0) filled.emplace_back();
    add(filled.back(), probability_of(scores[i], scale), labels[i], w);
    before += w;
    last = scores[i];
  }
  return filled;
}

std::vector<CalibrationBin> equal_width_bins(std::span<const float> scores, std::span<const std::uint8_t> labels, ScoreScale scale,
                                             std::int64_t bins, std::span<const float> weights) {
  std::vector<CalibrationBin> filled(static_cast<std::size_t>(bins));
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double p = probability_of(scores[i], scale);
    const auto b = std::min(static_cast<std::size_t>(p * static_cast<double>(bins)), filled.size() - 1);
    add(filled[b], p, labels[i], detail::weight_at(weights, i));
  }
  for (std::size_t b = 0; b < filled.size(); ++b) {
    filled[b].low = static_cast<double>(b) / static_cast<double>(bins);
    filled[b].high = static_cast<double>(b + 1) / static_cast<double>(bins);
  }
  return filled;
}

}  // namespace

double sigmoid(double logit) {
  if (logit >= 0) return 1 / (1 + std::exp(-logit));
  const double e = std::exp(logit);
  return e / (1 + e);
}

MetricResult log_loss(std::span<const float> scores, std::span<const std::uint8_t> labels, ScoreScale scale,
                      std::span<const float> weights) {
  detail::check_binary(scores, labels, scale, weights);
  if (scale == ScoreScale::logit)
    return mean_of(scores, labels, weights, [](double x, std::uint8_t y) {
      // A logit sure of the label costs nothing, also at infinity where the formula would be
      // inf - inf.
      const double margin = y ? x : -x;
      return margin > 0 ? std::log1p(std::exp(-margin)) : -margin + std::log1p(std::exp(margin));
    });
  return mean_of(scores, labels, weights, [](double p, std::uint8_t y) {
    const double q = std::clamp(p, 1e-7, 1 - 1e-7);
    return y ? -std::log(q) : -std::log1p(-q);
  });
}

MetricResult brier(std::span<const float> scores, std::span<const std::uint8_t> labels, ScoreScale scale, std::span<const float> weights) {
  detail::check_binary(scores, labels, scale, weights);
  return mean_of(scores, labels, weights, [scale](double x, std::uint8_t y) {
    const double gap = probability_of(x, scale) - y;
    return gap * gap;
  });
}

ShareInterval wilson_interval(double hits, double n, double z) {
  if (!(hits >= 0 && hits <= n)) throw ArgumentError(format("{} hits of {} draws: expected 0 to as many as there are draws", hits, n));
  if (n == 0) return {};
  const double share = hits / n, z2 = z * z / n;
  const double centre = (share + z2 / 2) / (1 + z2);
  const double half = z / (1 + z2) * std::sqrt(share * (1 - share) / n + z2 / (4 * n));
  return {std::clamp(centre - half, 0.0, share), std::clamp(centre + half, share, 1.0)};
}

CalibrationResult calibration(std::span<const float> scores, std::span<const std::uint8_t> labels, ScoreScale scale, std::int64_t bins,
                              Binning binning, std::span<const float> weights) {
  if (bins < 1) throw ArgumentError(format("calibration asked for {} bins: expected at least 1", bins));
  detail::check_binary(scores, labels, scale, weights);
  double total = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) total += detail::weight_at(weights, i);
  CalibrationResult result;
  result.expected = result.maximum = MetricResult::undefined("no examples");
  if (total == 0) return result;
  result.bins = binning == Binning::equal_width ? equal_width_bins(scores, labels, scale, bins, weights)
                                                : equal_mass_bins(scores, labels, scale, bins, weights, total);
  std::erase_if(result.bins, [](const CalibrationBin& b) { return b.weight == 0; });
  double expected = 0;
  double maximum = 0;
  for (auto& bin : result.bins) {
    bin.mean_probability /= bin.weight;
    bin.fraction_positive /= bin.weight;
    const double gap = std::abs(bin.mean_probability - bin.fraction_positive);
    expected += bin.weight / total * gap;
    maximum = std::max(maximum, gap);
  }
  result.expected = MetricResult::of(expected);
  result.maximum = MetricResult::of(maximum);
  return result;
}

}  // namespace basewise::metrics
