// Values against values: kept while there is room, streamed beyond.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "basewise/evaluate/detail/kept_pairs.h"
#include "basewise/evaluate/detail/streamed_pairs.h"
#include "basewise/evaluate/measure.h"
#include "basewise/results/evaluation.h"

namespace basewise::evaluate::detail {

class PairStore {
 public:
  /// `share` of the memory of the options is for this store.
  PairStore(const MeasureOptions& options, double share);

  void add(std::int64_t first, const PairBatch& batch);
  void merge(PairStore&& other);

  std::size_t outputs() const { return outputs_; }
  bool along() const { return along_; }    ///< outputs have positions
  bool placed() const { return placed_; }  ///< examples have places
  bool exact() const { return !streamed_; }
  bool binary() const;                          ///< all targets are 0 or 1
  std::vector<std::string> metric_names() const;  ///< those asked for, or that suit the targets
  std::int64_t bytes() const;

  /// All outputs become one, of number `outputs()`; columns that were kept are gone after that.
  void pool();

  /// Counts and metrics of one output.
  results::OutputEvaluation evaluate(std::size_t output, const std::string& name, bool intervals) const;

  /// What the bootstrap draws of all pooled: "examples" or "blocks of 10000 bases (93)".
  std::string blocks_text() const;

  /// Pairs of an output, with counts where they are cells of bins.
  struct View {
    std::span<const float> scores = {}, targets = {}, counts = {};
  };
  void with_view(std::size_t output, const std::function<void(const View&)>& use) const;

  /// With coordinates, of values that were kept: average precision within tolerances.
  /// Errors: ArgumentError without coordinates.
  std::vector<results::ToleranceEvaluation> match_within(const std::vector<std::int64_t>& tolerances) const;

 private:
  void start(const PairBatch& batch);
  void fold();
  const Column& column(std::size_t output) const { return output < outputs_ ? kept_.columns()[output] : pooled_; }
  std::optional<bool> pooled_binary_;  ///< whether all targets were 0 or 1, once the columns were pooled
  const StreamedPairs::Output& stream(std::size_t output) const {
    return output < outputs_ ? streamed_->outputs()[output] : pooled_stream_;
  }

  MeasureOptions options_;
  std::int64_t most_kept_ = 0, most_bins_ = 0;  // bytes
  std::optional<PairPlaces> places_;            // once there was a batch
  bool along_ = false, placed_ = false;
  std::size_t outputs_ = 0;
  KeptPairs kept_;
  std::optional<StreamedPairs> streamed_;
  Column pooled_;
  StreamedPairs::Output pooled_stream_;
};

}  // namespace basewise::evaluate::detail
