// What every view over one data set shares.
#pragma once

#include "basewise/core/error.h"
#include "basewise/data/dataset.h"

namespace basewise::data::detail {

/// Passes on what it does not change; `remake` builds the same view over another inner set (another
/// epoch).
class View : public Dataset {
 public:
  explicit View(DatasetPtr inner) : inner_(std::move(inner)) {
    if (!inner_) throw ArgumentError("a view needs a data set, got none");
  }
  std::int64_t size() const override { return inner_->size(); }
  bool positive(std::int64_t i) const override { return inner_->positive(i); }
  Origin origin(std::int64_t i) const override { return inner_->origin(i); }
  bool finishes_batches() const override { return inner_->finishes_batches(); }
  void finish_batch(Bundle& batch, const Stream& draw) const override { inner_->finish_batch(batch, draw); }
  DatasetPtr at_epoch(const Stream& draw, std::int64_t epoch) const override {
    DatasetPtr changed = inner_->at_epoch(draw, epoch);
    return changed ? remake(std::move(changed)) : nullptr;
  }

 protected:
  Schema make_schema() const override { return inner_->schema(); }
  virtual DatasetPtr remake(DatasetPtr inner) const = 0;
  const Dataset& inner() const { return *inner_; }
  const DatasetPtr& inner_pointer() const { return inner_; }

 private:
  DatasetPtr inner_;
};

// Streams of one example: a view draws from its own fork, so that what is inside sees the same
// stream with and without the view.
inline constexpr std::uint64_t kStrandStream = 0x5374726e;
inline constexpr std::uint64_t kShiftStream = 0x53686966;
inline constexpr std::uint64_t kMoveStream = 0x4d6f7665;
inline constexpr std::uint64_t kShuffleStream = 0x53687566;

}  // namespace basewise::data::detail
