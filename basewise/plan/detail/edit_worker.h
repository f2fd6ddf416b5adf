// One thread of edits: the changed rows of all values for edits of one shape.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "basewise/plan/detail/edit_reference.h"
#include "basewise/plan/detail/edit_weights.h"
#include "basewise/plan/detail/worker.h"
#include "basewise/plan/edited.h"

namespace basewise::plan::detail {

/// What does not change during a batch of edits.
struct EditCall {
  const EditSplit& split;
  const EditWeights& weights;
  const EditGeometry& geometry;
  const EditReference& reference;
  const at::Tensor& sequence;  ///< (N, 4, length) of the reference, channels as neighbours; N tiles where examples are windows
  std::span<const SequenceEdit> edits;
  std::vector<const EditWindows*> windows;  ///< by edit
  std::vector<at::Tensor> fed;              ///< (edits, ...), by EditSplit::fed; gets values that are not `flat`
  /// Changed rows of what is flattened: by flattening, place of each edit in `numbers`.
  struct Flat {
    std::vector<Index> at;
    std::vector<float> numbers;
  };
  std::map<int, Flat> flats;
};

class EditWorker {
 public:
  /// Edits `members` of a call, all of one shape.
  void run(EditCall& call, const EditMemory& memory, std::span<const Index> members);

 private:
  const PlanOp& op(int value) const { return call_->split.op(value); }
  /// Of edit e of the members; all have as many rows.
  const RowRange& rows(int value, Index e = 0) const {
    return call_->windows[static_cast<std::size_t>(members_[static_cast<std::size_t>(e)])]->rows[static_cast<std::size_t>(value)];
  }
  bool changed(int value) const { return changed_[static_cast<std::size_t>(value)] != 0; }
  const SequenceEdit& edit(Index e) const { return call_->edits[static_cast<std::size_t>(members_[static_cast<std::size_t>(e)])]; }
  /// Differences of a value: row r of edit e is `at(value) + (r n + e) channels`.
  float* at(int value) { return numbers_ + memory_of_->offset[static_cast<std::size_t>(value)] * n_; }
  /// The first of the rows that `reader` shares with its source, within the source.
  const float* shared(int reader, int source, Index shift = 0);
  const float* reference(int value, Index example, Index row) const;

  void compute(int value);
  void input(int value);
  void convolve(int value);
  void convolve_whole(int value);
  void pool(int value);
  void map(int value);
  void point(int value);
  void add(int value);
  void concatenate(int value);
  void total(int value);
  void keep_flat(int value);
  void feed(std::size_t number);
  void put_sum(int value, Index e, RowRange at, const float* difference, float* to, Index to_step);
  void less_reference(int value, Index e, float* y);
  void largest_of_all(int value, Index e, float* to);

  EditCall* call_ = nullptr;
  const EditMemory* memory_of_ = nullptr;
  std::span<const Index> members_;
  Index n_ = 0;
  std::vector<char> changed_;
  PlanNumbers memory_, scratch_;
  float* numbers_ = nullptr;
};

}  // namespace basewise::plan::detail
