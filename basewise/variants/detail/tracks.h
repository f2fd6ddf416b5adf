// The outputs of a run as tracks that are scored.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/tensor/bundle.h"
#include "basewise/variants/detail/score_layout.h"
#include "basewise/variants/variants.h"

namespace basewise::variants::detail {

/// What the numbers of a head are.
enum class HeadValues { values, probabilities, classes, rates, counts, profile, joint_profile };

/// One track, or the two strands of one.
struct Track {
  std::string name = {};  ///< "tracks:CTCF"
  std::int64_t channel = 0;
  std::int64_t partner = -1;  ///< its other strand; -1: none
};

struct Head {
  std::string name = {};
  HeadValues values = HeadValues::values;
  std::vector<Track> tracks = {};
  std::int64_t bins = 1;
  std::int64_t middle = 0;  ///< bin of the first base of the variant
};

/// Predictions for one window by head: channels x bins.
using Prediction = std::vector<std::vector<double>>;

/// Which tracks of which heads are scored how.
class Tracks {
 public:
  /// `outputs` are those of any window, `first` the index of the variant's first base in windows.
  /// Errors: ArgumentError for heads and tracks that the run has not, and scores that suit no head.
  Tracks(const run::OpenRun& run, const VariantOptions& options, const Bundle& outputs, std::int64_t first);

  /// Fields, their places and the tracks of all heads.
  const ScoreLayout& layout() const { return layout_; }

  /// Of each row of a batch.
  std::vector<Prediction> predictions(const Bundle& outputs) const;

  /// One prediction of the two windows of an allele.
  Prediction compensated(const Prediction& first, const Prediction& second) const;

  /// Values of the fields of `layout()`.
  std::vector<double> scores(const Prediction& ref, const Prediction& alt) const;

  /// Sums over the bins of each track of `layout()`; NaN for profiles.
  std::vector<double> totals(const Prediction& prediction) const;

 private:
  void add_head(const run::OpenRun& run, const std::string& name, const Bundle& outputs, std::int64_t first);

  const VariantOptions& o_;
  std::vector<std::string> track_names_ = {};  ///< that may be asked for
  std::vector<Head> heads_ = {};
  std::vector<metrics::VariantScore> scores_ = {};
  ScoreLayout layout_ = {};
};

}  // namespace basewise::variants::detail
