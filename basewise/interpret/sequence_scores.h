// How well scores along a sequence find what was planted into it, sequence by sequence.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "basewise/run/measure.h"

namespace basewise::interpret {

/// AUROC and trapezoid AUPR of each sequence by itself, which Koo and Ploenzke 2021 average.
class SequenceScores {
 public:
  /// Scores and labels (0 or 1) of the places, or instances, of one sequence. Where a class is
  /// missing both values are undefined.
  /// Errors: ArgumentError for scores that are no numbers.
  void add(std::span<const double> scores, std::span<const std::uint8_t> labels);

  /// <prefix>auroc, auroc_sd, aupr, aupr_sd: means and population standard deviations of what is
  /// defined; undefined: sequences with one class.
  run::MeasureNumbers numbers(const std::string& prefix) const;

 private:
  std::vector<double> auroc_, aupr_;
};

/// What `SequenceScores::numbers` reports and no metric of the registry does.
std::vector<run::MeasureValue> sequence_score_values();

}  // namespace basewise::interpret
