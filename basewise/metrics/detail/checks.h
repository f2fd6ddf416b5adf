// Checks that several metrics share.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>

#include "basewise/core/error.h"
#include "basewise/metrics/probability.h"

namespace basewise::metrics::detail {

/// Errors: ArgumentError when `values` is given and has not one item per example.
inline void check_size(std::size_t expected, std::size_t found, std::string_view what, bool may_be_empty = false) {
  if (found == expected || (may_be_empty && found == 0)) return;
  throw ArgumentError(format("{} has {} values for {} scores: give one per score", what, found, expected));
}

[[noreturn]] inline void throw_nan(std::string_view what, std::int64_t index) {
  throw ArgumentError(format("{} is NaN at index {}: mask missing values before computing a metric", what, index));
}

[[noreturn]] inline void throw_label(double label, std::int64_t index) {
  throw ArgumentError(format("label is {} at index {}: expected 0 or 1", label, index));
}

inline void check_weight(float weight, std::int64_t index) {
  if (!(weight >= 0) || std::isinf(weight))
    throw ArgumentError(format("weight is {} at index {}: expected a finite number that is not negative", weight, index));
}

inline void check_no_nan(std::span<const float> values, std::string_view what) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (std::isnan(values[i])) throw_nan(what, static_cast<std::int64_t>(i));
}

inline void check_finite(std::span<const float> values, std::string_view what) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) throw_nan(what, static_cast<std::int64_t>(i));
    if (std::isinf(values[i])) throw ArgumentError(format("{} is {} at index {}: expected a finite number", what, values[i], i));
  }
}

/// What metrics of probabilities take: sizes, numbers, labels 0 or 1, probabilities of 0 to 1.
inline void check_binary(std::span<const float> scores, std::span<const std::uint8_t> labels, ScoreScale scale,
                         std::span<const float> weights) {
  check_size(scores.size(), labels.size(), "labels");
  check_size(scores.size(), weights.size(), "weights", true);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto index = static_cast<std::int64_t>(i);
    if (std::isnan(scores[i])) throw_nan("score", index);
    if (labels[i] > 1) throw_label(labels[i], index);
    if (scale == ScoreScale::probability && !(scores[i] >= 0 && scores[i] <= 1))
      throw ArgumentError(format("probability is {} at index {}: expected 0 to 1 (are these logits?)", scores[i], index));
  }
}

inline double weight_at(std::span<const float> weights, std::size_t i) {
  if (weights.empty()) return 1;
  check_weight(weights[i], static_cast<std::int64_t>(i));
  return weights[i];
}

}  // namespace basewise::metrics::detail
