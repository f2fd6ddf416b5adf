// Sequences that differ from others in a few letters:
// only what the letters change is computed again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "basewise/nn/model.h"

namespace basewise::plan {

/// Letters of a sequence that become others: [begin, begin + letters.size()).
struct SequenceEdit {
  std::int64_t example = 0;
  std::int64_t begin = 0;
  std::vector<std::uint8_t> letters;  ///< A C G T N = 0 to 4
};

/// What makes `after` of `before`, of the same length:
/// as few letters as there are, none for equals.
SequenceEdit changed_letters(std::span<const std::uint8_t> before, std::span<const std::uint8_t> after, std::int64_t example = 0);

/// Letters [begin, begin + length) of a longer sequence, as a sequence of their own.
struct SequenceWindow {
  std::int64_t example = 0;
  std::int64_t begin = 0;
};

struct EditedOptions {
  std::string input = "sequence";       ///< that is edited: four channels and positions
  std::vector<std::string> heads = {};  ///< that are computed; empty: all
};

/// A plan that keeps the values of a reference pass and, for an edited sequence, computes how far
/// its values differ from them, and only in the rows that the changed letters reach:
///
/// * sums (convolutions, products behind a flattening, means) apply to the differences of the rows
///   that changed alone;
/// * functions of single numbers, of single positions and of windows see reference and difference
///   together;
/// * edits whose rows lie alike are computed side by side.
///
/// What no stretch of rows serves (layers that a plan does not know and what stands behind them,
/// matrix products) is computed as a whole for each edit.
///
/// Outputs equal those of `InferencePlan` for the edited sequence to rounding (1e-5 of their size).
/// They do not depend on the other edits of a call, on their order or on the number of threads, bit
/// for bit; letters that are there already give the outputs of the reference itself. Numbers that
/// are not finite spread: differences with them are NaN.
class EditedPlan {
 public:
  /// The model must outlive the plan. Nothing is made before the first call.
  explicit EditedPlan(nn::Model& model, EditedOptions options = {});
  ~EditedPlan();

  /// Whether the plan serves this model and these inputs; else why not, for people.
  std::string refusal(const Bundle& inputs) const;

  /// Bytes that are kept for each example, and taken for each edit.
  struct Costs {
    std::int64_t example = 0;
    std::int64_t edit = 0;
  };
  Costs costs(const Bundle& inputs);

  /// The reference pass of sequences (N, 4, L) or (N, L) and the other inputs; gives their outputs.
  Bundle keep(const Bundle& inputs);

  /// Letters by which windows must lie apart, or a multiple of it, to share the rows of a longer
  /// sequence: 1 for convolutions over single letters, the product of the strides behind pooling.
  /// 0: they cannot, because an output reads what a layer pads, positions are flattened, or there
  /// are other inputs. `inputs`: of one window.
  std::int64_t window_step(const Bundle& inputs);

  /// The reference pass of windows of `length` letters of longer sequences: rows that several of
  /// them read are computed once. Gives the outputs (windows, ...). The sequences that are edited
  /// are the windows then: an edit has the number of its window as `example` and counts letters
  /// from the window's first one.
  /// Errors: ArgumentError for windows outside of their sequence, with a begin that is no multiple
  /// of `window_step`, and where that is 0.
  Bundle keep(const Bundle& inputs, std::span<const SequenceWindow> windows, std::int64_t length);

  /// Outputs (edits, ...) of edited sequences of the reference pass.
  /// Errors: ArgumentError for letters outside of their sequence.
  Bundle operator()(std::span<const SequenceEdit> edits);

  /// Whether the changed rows of an edit are fewer than those that a whole pass computes, so that
  /// this plan is the faster way.
  bool pays(const SequenceEdit& edit) const;

  /// What all calls have multiplied, in whole passes of one sequence: 1 for a sequence of `keep`,
  /// less for a window that shares rows, and for an edit the share of the rows that it changes.
  double passes() const;

  /// Layers that are computed as a whole because a plan does not know them.
  std::vector<std::string> behind() const;

 private:
  struct State;
  std::vector<at::Tensor> prepared(const Bundle& inputs);
  double share(const SequenceEdit& edit) const;
  nn::Model& model_;
  EditedOptions options_;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::plan
