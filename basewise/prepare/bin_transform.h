// From coverage of bases to the value of a bin, and back from what a model predicts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "basewise/core/choice.h"

namespace basewise::prepare {

/// What a bin says of its bases: S their sum, M their mean.
enum class BinStatistic { sum, sum_sqrt, sum_exp75, mean, mean_sqrt, max, median, peak };
constexpr auto words_of(BinStatistic) {
  return words<BinStatistic>({{BinStatistic::sum, "sum", "S"},
                              {BinStatistic::sum_sqrt, "sum_sqrt", "sqrt(1 + S) - 1"},
                              {BinStatistic::sum_exp75, "sum_exp75", "(1 + S)^0.75 - 1"},
                              {BinStatistic::mean, "mean", "M"},
                              {BinStatistic::mean_sqrt, "mean_sqrt", "sqrt(1 + M) - 1"},
                              {BinStatistic::max, "max", "largest value"},
                              {BinStatistic::median, "median", "middle value; of an even number the mean of the middle two"},
                              {BinStatistic::peak, "peak", "sqrt(4 M) between 0 and 1: 1 where a quarter of the bin lies in a peak"}});
}

/// The two generations of transforms that published data sets are made with.
enum class TransformForm { current, old };
constexpr auto words_of(TransformForm) {
  return words<TransformForm>(
      {{TransformForm::current, "current", "scaled before the statistic; sum_sqrt is sqrt(1 + S) - 1"},
       {TransformForm::old, "old", "scaled behind the clips; sum_sqrt is S^0.75, and so is mean_sqrt of M (Borzoi's data)"}});
}

/// How the values of a target are made, in this order (v is the value of the bin):
///  * current: bases times `scale`; statistic; v above `clip_soft` c becomes
///    c - 1 + sqrt(v - c + 1); v is kept between -`clip` and `clip`;
///  * old: statistic; v above c becomes c + sqrt(v - c); clip; times `scale`.
struct BinTransform {
  BinStatistic statistic = BinStatistic::sum;
  TransformForm form = TransformForm::current;
  double scale = 1;
  std::optional<double> clip_soft = {};
  std::optional<double> clip = {};
};

/// Errors: ArgumentError, with `what` in front, for a scale that is not above 0, a clip that is not
/// above 0, a negative soft clip, and `sum_exp75` in the old form, which never had it.
void check(const BinTransform& transform, std::string_view what);

/// The values of n bins of `width` bases each; `bases` are n * width finite numbers. Sums are taken
/// in double precision; nothing is rounded to half precision here.
/// Errors: ArgumentError for sizes; DataError for a bin whose statistic takes the root of a
/// negative number (it is named by its number and its sum or mean).
void bin_values(std::span<const float> bases, std::int64_t width, const BinTransform& transform, std::span<float> bins);

/// What `undo` gives back.
enum class UndoScale {
  keep,   ///< the statistic (S, M, ...) of scaled coverage
  remove  ///< of the coverage as it stands in the track
};

/// Puts values of bins, as a model predicts them, back to their statistic: S for sum, sum_sqrt and
/// sum_exp75, M for mean, mean_sqrt and peak, the value itself for max and median. What lies above
/// `clip`, and means of peaks above 1/4, cannot come back. Values below those that a transform can
/// give (-1 for a root of 1 + S) are taken as the lowest that it can.
/// Errors: ArgumentError as `check`.
void undo(std::span<float> values, const BinTransform& transform, UndoScale scale = UndoScale::keep);

/// One value. For callers that checked the transform.
double undone(double value, const BinTransform& transform, UndoScale scale = UndoScale::keep);

}  // namespace basewise::prepare
