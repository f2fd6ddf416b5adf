// Sequences that differ from others in a few letters, through any strategy for strands and shifts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "basewise/infer/ensemble.h"
#include "basewise/plan/edited.h"

namespace basewise::infer {

/// What `ensemble_fn` of the same arguments gives for edited sequences, to rounding (1e-5 of the
/// largest number of an output), by a `plan::EditedPlan`: each strand of each sequence at each
/// shift is a sequence of its reference pass, and an edit one edit of each. The model must outlive
/// it.
class EditedScore {
 public:
  explicit EditedScore(nn::Model& model, StrandStrategy strands = {}, OutputForms forms = {}, EnsembleOptions ensemble = {},
                       plan::EditedOptions options = {});

  /// Whether edits can be computed by what they change; else why not, for people.
  std::string refusal(const Bundle& inputs) const;

  /// As those of the plan, with all strands and shifts.
  plan::EditedPlan::Costs costs(const Bundle& inputs);
  std::int64_t window_step(const Bundle& inputs);

  /// Predictions of the sequences that edits will begin from, as those of the plan: each one as it
  /// is, or windows of longer ones. Sequences are tokens (N, L) or one-hot rows (N, 4, L).
  Bundle keep(const Bundle& inputs);
  Bundle keep(const Bundle& inputs, std::span<const plan::SequenceWindow> windows, std::int64_t length);

  /// Predictions (edits, ...) of edited sequences.
  Bundle operator()(std::span<const plan::SequenceEdit> edits);

  bool pays(const plan::SequenceEdit& edit) const { return plan_.pays(edit); }
  std::vector<std::string> behind() const { return plan_.behind(); }

  /// In predictions of one sequence: what the plan counts, divided by the number of members.
  double passes() const { return plan_.passes() / static_cast<double>(members_); }

 private:
  /// A strand at a shift.
  struct Member {
    bool turned = false;
    std::int64_t shift = 0;
  };
  Bundle sequences(const Bundle& inputs) const;
  plan::SequenceEdit placed(const plan::SequenceEdit& edit, const Member& member, std::int64_t first) const;
  Bundle merged(const Bundle& outputs, std::int64_t each) const;

  nn::Model& model_;
  StrandStrategy strands_;
  OutputForms forms_;
  EnsembleOptions ensemble_;
  std::string input_;
  std::vector<Member> each_ = {};
  std::int64_t members_ = 1;
  plan::EditedPlan plan_;
  std::int64_t examples_ = 0, length_ = 0;  // of the last reference pass
};

}  // namespace basewise::infer
