#include "basewise/evaluate/figures.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/evaluate/detail/figures.h"

namespace basewise::evaluate {
namespace {

using Json = nlohmann::ordered_json;

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

void add_ranking(OutputFigures& figures, const detail::Column& column, const std::vector<std::uint8_t>& labels, metrics::ScoreScale scale) {
  const metrics::Ranking ranking(column.scores, labels);
  if (ranking.positives() > 0 && ranking.negatives() > 0) {
    const auto whole = metrics::roc_curve(ranking);
    figures.roc = simplified(whole, {{"youden", metrics::youden_point(whole)}, {"half", half_point(whole, scale)}});
  }
  if (ranking.positives() > 0) {
    const auto whole = metrics::precision_recall_curve(ranking);
    figures.precision_recall = simplified(whole, {{"best_f1", metrics::best_f1_point(whole)}, {"half", half_point(whole, scale)}});
  }
}

/// The shortest text that reads back to the same float, as a number: half as long as that of the double.
Json number(float x) { return std::isfinite(x) ? Json(std::stod(format("{}", x))) : Json(nullptr); }

/// Nine decimals: far below the bound of the curves, and half as long.
Json rounded(const std::vector<double>& values) {
  Json j = Json::array();
  for (const double v : values) j.push_back(std::round(v * 1e9) / 1e9);
  return j;
}

Json to_json(const CurveFigure& figure) {
  Json j = {{"whole_points", figure.whole_points}, {"points", Json::array()}};
  for (const auto& p : figure.points) j["points"].push_back({{"name", p.name}, {"x", p.x}, {"y", p.y}, {"threshold", number(p.threshold)}});
  j["x"] = rounded(figure.curve.x);
  j["y"] = rounded(figure.curve.y);
  j["threshold"] = Json::array();
  for (const float t : figure.curve.threshold) j["threshold"].push_back(number(t));
  return j;
}

Json to_json(const metrics::CalibrationBin& bin) {
  const double hits = std::min(bin.weight, bin.fraction_positive * bin.weight);
  const auto interval = metrics::wilson_interval(hits, bin.weight);
  return {{"low", bin.low},
          {"high", bin.high},
          {"count", bin.weight},
          {"predicted", bin.mean_probability},
          {"observed", bin.fraction_positive},
          {"observed_low", interval.low},
          {"observed_high", interval.high}};
}

Json to_json(const metrics::Density& d) {
  Json j = {{"low", d.low},
            {"high", d.high},
            {"bins", d.bins},
            {"outside", d.outside},
            {"observed", Json::array()},
            {"predicted", Json::array()},
            {"count", Json::array()}};
  for (std::int64_t o = 0; o < d.bins; ++o)
    for (std::int64_t p = 0; p < d.bins; ++p) {
      if (d.count(o, p) == 0) continue;
      j["observed"].push_back(o);
      j["predicted"].push_back(p);
      j["count"].push_back(d.count(o, p));
    }
  return j;
}

}  // namespace

namespace detail {

OutputFigures figures_of(const std::string& name, const Column& column, bool binary, metrics::ScoreScale scale) {
  OutputFigures figures;
  figures.name = name;
  figures.values = static_cast<std::int64_t>(column.scores.size());
  if (column.scores.empty()) return figures;
  if (!binary) {
    figures.density = metrics::density(column.scores, column.targets);
    return figures;
  }
  const std::vector<std::uint8_t> labels(column.targets.begin(), column.targets.end());
  add_ranking(figures, column, labels, scale);
  figures.calibration = metrics::calibration(column.scores, labels, scale, kCalibrationBins).bins;
  return figures;
}

std::vector<std::size_t> outputs_to_show(const std::vector<OutputEvaluation>& outputs) {
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

}  // namespace detail

nlohmann::ordered_json curves_to_json(const EvaluationFigures& figures) {
  Json j = {{"schema", kCurvesSchema},
            {"bound", kCurveBound},
            {"binary", figures.binary},
            {"left_out", figures.left_out},
            {"outputs", Json::array()}};
  for (const OutputFigures& f : figures.outputs) {
    Json one = {{"name", f.name}, {"values", f.values}};
    if (f.roc) one["roc"] = to_json(*f.roc);
    if (f.precision_recall) one["precision_recall"] = to_json(*f.precision_recall);
    if (!f.calibration.empty()) one["calibration"] = Json::array();
    for (const auto& bin : f.calibration) one["calibration"].push_back(to_json(bin));
    if (f.density) one["density"] = to_json(*f.density);
    j["outputs"].push_back(std::move(one));
  }
  for (const ExampleHistogram& h : figures.examples) {
    Json one = {{"metric", h.metric}, {"low", h.low}, {"high", h.high}, {"outside", h.outside}, {"counts", h.counts}};
    if (!h.ceiling.empty()) one["ceiling"] = h.ceiling;
    if (!h.floor.empty()) one["floor"] = h.floor;
    j["examples"].push_back(std::move(one));
  }
  return j;
}

}  // namespace basewise::evaluate
