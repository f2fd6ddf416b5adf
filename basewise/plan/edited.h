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

  /// Outputs (edits, ...) of edited sequences of the reference pass.
  /// Errors: ArgumentError for letters outside of their sequence.
  Bundle operator()(std::span<const SequenceEdit> edits);

  /// Whether the changed rows of an edit are fewer than those that a whole pass computes, so that
  /// this plan is the faster way.
  bool pays(const SequenceEdit& edit) const;

  /// Layers that are computed as a whole because a plan does not know them.
  std::vector<std::string> behind() const;

 private:
  struct State;
  std::vector<at::Tensor> prepared(const Bundle& inputs);
  nn::Model& model_;
  EditedOptions options_;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::plan
