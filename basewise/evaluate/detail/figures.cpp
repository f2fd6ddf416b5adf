#include "basewise/evaluate/detail/figures.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "basewise/core/error.h"
#include "basewise/metrics/simplify.h"

namespace basewise::evaluate::detail {
namespace {

using results::CurveFigure;
using results::kCurveBound;
using results::kFigureOutputs;
using results::OutputFigures;

constexpr std::int64_t kCalibrationBins = 20;

CurveFigure simplified(const metrics::Curve& whole, std::vector<std::pair<std::string, std::size_t>> points) {
  CurveFigure figure;
  figure.whole_points = static_cast<std::int64_t>(whole.x.size());
  std::vector<std::size_t> keep;
  for (const auto& [name, i] : points) {
    figure.points.push_back({name, whole.x[i], whole.y[i], whole.threshold[i]});
    keep.push_back(i);
  }
  figure.curve = metrics::simplify(whole, kCurveBound, keep);
  return figure;
}

/// The last point at which nothing below a probability of one half is called.
std::size_t half_point(const metrics::Curve& curve, metrics::ScoreScale scale) {
  const float half = scale == metrics::ScoreScale::logit ? 0.0F : 0.5F;
  const auto below = std::find_if(curve.threshold.begin(), curve.threshold.end(), [half](float t) { return t < half; });
  return below == curve.threshold.begin() ? 0 : static_cast<std::size_t>(below - curve.threshold.begin()) - 1;
}

void add_ranking(OutputFigures& figures, const PairStore::View& pairs, const std::vector<std::uint8_t>& labels, metrics::ScoreScale scale) {
  const metrics::Ranking ranking(pairs.scores, labels, pairs.counts);
  if (ranking.positives() > 0 && ranking.negatives() > 0) {
    const auto whole = metrics::roc_curve(ranking);
    figures.roc = simplified(whole, {{"youden", metrics::youden_point(whole)}, {"half", half_point(whole, scale)}});
  }
  if (ranking.positives() > 0) {
    const auto whole = metrics::precision_recall_curve(ranking);
    figures.precision_recall = simplified(whole, {{"best_f1", metrics::best_f1_point(whole)}, {"half", half_point(whole, scale)}});
  }
}

}  // namespace

results::OutputFigures figures_of(const std::string& name, std::int64_t values, const PairStore::View& pairs, bool binary,
                                  metrics::ScoreScale scale) {
  OutputFigures figures;
  figures.name = name;
  figures.values = values;
  if (pairs.scores.empty()) return figures;
  if (!binary) {
    if (pairs.counts.empty()) figures.density = metrics::density(pairs.scores, pairs.targets);
    return figures;
  }
  const std::vector<std::uint8_t> labels(pairs.targets.begin(), pairs.targets.end());
  add_ranking(figures, pairs, labels, scale);
  figures.calibration =
      metrics::calibration(pairs.scores, labels, scale, kCalibrationBins, metrics::Binning::equal_width, pairs.counts).bins;
  return figures;
}

std::vector<std::size_t> outputs_to_show(const std::vector<results::OutputEvaluation>& outputs) {
  std::vector<std::size_t> order(outputs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (outputs.size() <= static_cast<std::size_t>(kFigureOutputs) || outputs[0].metrics.empty()) {
    order.resize(std::min(order.size(), static_cast<std::size_t>(kFigureOutputs)));
    return order;
  }
  std::erase_if(order, [&](std::size_t i) { return !outputs[i].metrics[0].value.defined(); });
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const double x = outputs[a].metrics[0].value.value, y = outputs[b].metrics[0].value.value;
    return outputs[a].metrics[0].higher_is_better ? x > y : x < y;
  });
  if (order.size() <= static_cast<std::size_t>(kFigureOutputs)) return order;
  std::vector<std::size_t> shown;
  for (std::size_t k = 0; k < static_cast<std::size_t>(kFigureOutputs); ++k)
    shown.push_back(order[k * (order.size() - 1) / (static_cast<std::size_t>(kFigureOutputs) - 1)]);
  return shown;
}

}  // namespace basewise::evaluate::detail
