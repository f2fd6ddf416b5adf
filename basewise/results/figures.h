// What a page shows of an evaluation, made while the predictions are at hand: curves, reliability,
// densities, tracks along some loci. The contents of curves.json, as values that are written and
// read back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/metrics/curves.h"
#include "basewise/metrics/density.h"
#include "basewise/metrics/probability.h"

namespace basewise::results {

/// What all outputs of a head together are called, where each has its name.
inline constexpr const char* kPooled = "pooled";

inline constexpr std::string_view kCurvesSchema = "basewise.curves/1";

/// Curves that are stored differ from the whole ones nowhere by more than this,
/// in x and y (see metrics::simplify).
inline constexpr double kCurveBound = 5e-4;

/// Outputs that get figures of their own; of more, as many spread evenly over the ranks of the
/// first metric, the best and the worst among them.
inline constexpr std::int64_t kFigureOutputs = 8;

/// A point of a curve that people ask for.
struct OperatingPoint {
  std::string name;  ///< "youden", "best_f1", or "half": a probability of 0.5
  double x = 0;
  double y = 0;
  float threshold = 0;
};

struct CurveFigure {
  metrics::Curve curve;           ///< simplified; operating points are among its points
  std::int64_t whole_points = 0;  ///< before that
  std::vector<OperatingPoint> points;
};

/// The figures of one output, or of all pooled. Binary targets have curves and reliability, others
/// a density.
struct OutputFigures {
  std::string name;
  std::int64_t values = 0;
  std::optional<CurveFigure> roc;  ///< absent when a class is missing
  std::optional<CurveFigure> precision_recall;
  std::vector<metrics::CalibrationBin> calibration;  ///< 20 bins of equal width, those that hold something
  std::optional<metrics::Density> density;
};

/// The share of positives of a bin that chance leaves open:
/// 95 %, as if values were independent (Wilson).
metrics::ShareInterval interval_of(const metrics::CalibrationBin& bin);

/// Predictions and targets along a stretch. Of profiles, predictions are probabilities times the
/// reads observed on that strand.
struct LocusTracks {
  std::string choice;            ///< why this one: "densest", "upper quartile", "median", "sparsest"
  std::int64_t chromosome = -1;  ///< index; -1: the data set has no positions
  std::int64_t example = 0;      ///< the first one of the stretch
  std::int64_t start = 0;        ///< may lie beyond the end of a circular chromosome
  std::int64_t length = 0;       ///< bases
  std::int64_t bases_per_value = 1;
  double target_sum = 0;                      ///< over all channels: sites, or signal
  std::vector<std::vector<float>> predicted;  ///< (channels that are shown, length / bases_per_value); probabilities for binary targets
  std::vector<std::vector<float>> observed;   ///< of the same shape
};

/// How the values of one metric of profiles spread over the examples: counts in bins of equal width
/// from `low` to `high`, for the model and, where there are any, for the second measurement and the
/// mean profile in place of the prediction.
struct ExampleHistogram {
  std::string metric = {};
  double low = 0;
  double high = 0;
  std::int64_t outside = 0;  ///< beyond either end, at most a thousandth each
  std::vector<std::int64_t> counts = {};
  std::vector<std::int64_t> ceiling = {};
  std::vector<std::int64_t> floor = {};
};

struct EvaluationFigures {
  bool binary = true;
  std::vector<OutputFigures> outputs = {};         ///< pooled first, where there are several outputs
  std::int64_t left_out = 0;                    ///< outputs without figures of their own
  std::vector<LocusTracks> loci = {};              ///< per-base outputs only
  std::vector<ExampleHistogram> examples = {};  ///< profiles only
  std::vector<std::string> channels = {};          ///< of the loci: outputs that get figures, in the order of the outputs
};

/// The document curves.json: schema kCurvesSchema. Curves as columns x, y and threshold (null:
/// nothing, or everything, is called).
nlohmann::ordered_json curves_to_json(const EvaluationFigures& figures);

/// What `curves_to_json` wrote, of this release or an older one;
/// loci are a document of their own (tracks.h).
/// Errors: DataError for another schema and for members that are not what was written.
EvaluationFigures curves_from_json(const nlohmann::ordered_json& json);

}  // namespace basewise::results
