#include "basewise/results/figures.h"

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/results/detail/reader.h"

namespace basewise::results {
namespace {

using detail::items;
using detail::Json;
using detail::member;
using detail::read;

constexpr std::int64_t kMostDensityBins = 4096;  // of a damaged file: more would be memory for nothing

/// The shortest text that reads back to the same float, as a number:
/// half as long as that of the double.
Json number(float x) { return std::isfinite(x) ? Json(std::stod(format("{}", x))) : Json(nullptr); }

/// Nine decimals: far below the bound of the curves, and half as long.
Json rounded(const std::vector<double>& values) {
  Json j = Json::array();
  for (const double v : values) j.push_back(std::round(v * 1e9) / 1e9);
  return j;
}

Json to_json(const CurveFigure& figure) {
  Json j = {{"whole_points", figure.whole_points}, {"points", Json::array()}};
  for (const auto& p : figure.points)
    j["points"].push_back({{"name", p.name}, {"x", p.x}, {"y", p.y}, {"threshold", number(p.threshold)}});
  j["x"] = rounded(figure.curve.x);
  j["y"] = rounded(figure.curve.y);
  j["threshold"] = Json::array();
  for (const float t : figure.curve.threshold) j["threshold"].push_back(number(t));
  return j;
}

Json to_json(const metrics::CalibrationBin& bin) {
  const auto interval = interval_of(bin);
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

Json to_json(const OutputFigures& f) {
  Json one = {{"name", f.name}, {"values", f.values}};
  if (f.roc) one["roc"] = to_json(*f.roc);
  if (f.precision_recall) one["precision_recall"] = to_json(*f.precision_recall);
  if (!f.calibration.empty()) one["calibration"] = Json::array();
  for (const auto& bin : f.calibration) one["calibration"].push_back(to_json(bin));
  if (f.density) one["density"] = to_json(*f.density);
  return one;
}

Json to_json(const ExampleHistogram& h) {
  Json one = {{"metric", h.metric}, {"low", h.low}, {"high", h.high}, {"outside", h.outside}, {"counts", h.counts}};
  if (!h.ceiling.empty()) one["ceiling"] = h.ceiling;
  if (!h.floor.empty()) one["floor"] = h.floor;
  return one;
}

std::optional<CurveFigure> curve_from(const Json& json) {
  if (json.is_null()) return {};
  CurveFigure figure;
  read(json, "whole_points", figure.whole_points);
  read(json, "x", figure.curve.x);
  read(json, "y", figure.curve.y);
  read(json, "threshold", figure.curve.threshold);
  if (figure.curve.x.size() != figure.curve.y.size())
    throw DataError(format("a curve has {} values of x and {} of y", figure.curve.x.size(), figure.curve.y.size()));
  for (const Json& p : items(json, "points")) {
    OperatingPoint& point = figure.points.emplace_back();
    double threshold = std::numeric_limits<double>::quiet_NaN();
    read(p, "name", point.name);
    read(p, "x", point.x);
    read(p, "y", point.y);
    read(p, "threshold", threshold);
    point.threshold = static_cast<float>(threshold);
  }
  return figure;
}

metrics::CalibrationBin calibration_from(const Json& json) {
  metrics::CalibrationBin bin;
  read(json, "low", bin.low);
  read(json, "high", bin.high);
  read(json, "count", bin.weight);
  read(json, "predicted", bin.mean_probability);
  read(json, "observed", bin.fraction_positive);
  if (!(bin.weight >= 0) || !(bin.fraction_positive >= 0 && bin.fraction_positive <= 1))
    throw DataError(format("a bin of the calibration has {} values and a share of positives of {}", bin.weight, bin.fraction_positive));
  return bin;
}

std::optional<metrics::Density> density_from(const Json& json) {
  if (json.is_null()) return {};
  metrics::Density d;
  std::vector<std::int64_t> observed, predicted, count;
  read(json, "low", d.low);
  read(json, "high", d.high);
  read(json, "bins", d.bins);
  read(json, "outside", d.outside);
  read(json, "observed", observed);
  read(json, "predicted", predicted);
  read(json, "count", count);
  if (d.bins < 1 || d.bins > kMostDensityBins) throw DataError(format("a density has {} bins", d.bins));
  if (observed.size() != count.size() || predicted.size() != count.size())
    throw DataError(format("a density has {} counts at {} and {} places", count.size(), observed.size(), predicted.size()));
  d.counts.resize(static_cast<std::size_t>(d.bins * d.bins));
  for (std::size_t i = 0; i < count.size(); ++i) {
    if (observed[i] < 0 || observed[i] >= d.bins || predicted[i] < 0 || predicted[i] >= d.bins)
      throw DataError(format("a density of {} bins has a count at ({}, {})", d.bins, observed[i], predicted[i]));
    d.counts[static_cast<std::size_t>(observed[i] * d.bins + predicted[i])] = count[i];
  }
  return d;
}

OutputFigures output_from(const Json& json) {
  OutputFigures f;
  read(json, "name", f.name);
  read(json, "values", f.values);
  f.roc = curve_from(member(json, "roc"));
  f.precision_recall = curve_from(member(json, "precision_recall"));
  for (const Json& bin : items(json, "calibration")) f.calibration.push_back(calibration_from(bin));
  f.density = density_from(member(json, "density"));
  return f;
}

ExampleHistogram histogram_from(const Json& json) {
  ExampleHistogram h;
  read(json, "metric", h.metric);
  read(json, "low", h.low);
  read(json, "high", h.high);
  read(json, "outside", h.outside);
  read(json, "counts", h.counts);
  read(json, "ceiling", h.ceiling);
  read(json, "floor", h.floor);
  return h;
}

}  // namespace

metrics::ShareInterval interval_of(const metrics::CalibrationBin& bin) {
  return metrics::wilson_interval(std::min(bin.weight, bin.fraction_positive * bin.weight), bin.weight);
}

Json curves_to_json(const EvaluationFigures& figures) {
  Json j = {{"schema", kCurvesSchema},
            {"bound", kCurveBound},
            {"binary", figures.binary},
            {"left_out", figures.left_out},
            {"outputs", Json::array()}};
  for (const OutputFigures& f : figures.outputs) j["outputs"].push_back(to_json(f));
  for (const ExampleHistogram& h : figures.examples) j["examples"].push_back(to_json(h));
  return j;
}

EvaluationFigures curves_from_json(const Json& json) {
  detail::check_schema(json, kCurvesSchema);
  EvaluationFigures figures;
  read(json, "binary", figures.binary);
  read(json, "left_out", figures.left_out);
  for (const Json& output : items(json, "outputs")) figures.outputs.push_back(output_from(output));
  for (const Json& h : items(json, "examples")) figures.examples.push_back(histogram_from(h));
  return figures;
}

}  // namespace basewise::results
