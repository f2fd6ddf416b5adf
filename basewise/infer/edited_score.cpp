#include "basewise/infer/edited_score.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/infer/detail/members.h"
#include "basewise/seq/alphabet.h"
#include "basewise/tensor/tokens.h"

namespace basewise::infer {

EditedScore::EditedScore(nn::Model& model, StrandStrategy strands, OutputForms forms, EnsembleOptions ensemble, plan::EditedOptions options)
    : model_(model),
      strands_(strands),
      forms_(std::move(forms)),
      ensemble_(std::move(ensemble)),
      input_(options.input),
      plan_(model, std::move(options)) {
  if (ensemble_.shifts.empty()) ensemble_.shifts = {0};
  for (const std::int64_t shift : ensemble_.shifts) {
    each_.push_back({false, shift});
    if (strands_.both) each_.push_back({true, shift});
  }
  members_ = std::ssize(each_);
}

std::string EditedScore::refusal(const Bundle& inputs) const {
  if (ensemble_.mc > 0) return "passes with dropout are drawn for each sequence";
  const std::vector<std::string> names = model_.input_names();
  const bool there = std::find(names.begin(), names.end(), input_) != names.end();
  if (there && (strands_.both || farthest_shift(ensemble_) > 0) && model_.strand_rule(input_) != StrandRule::complemented)
    return format("input '{}' is not the reverse complement on the other strand", input_);
  return plan_.refusal(inputs);
}

plan::EditedPlan::Costs EditedScore::costs(const Bundle& inputs) {
  plan::EditedPlan::Costs costs = plan_.costs(inputs);
  costs.example *= members_, costs.edit *= members_;
  return costs;
}

// What a shift leaves empty is N in each window, which no longer sequence has there.
std::int64_t EditedScore::window_step(const Bundle& inputs) { return farthest_shift(ensemble_) > 0 ? 0 : plan_.window_step(inputs); }

// All members of the sequences: member by member.
Bundle EditedScore::sequences(const Bundle& inputs) const {
  Bundle given;
  for (const auto& name : model_.input_names()) given.set(name, inputs.at(name));
  if (members_ == 1 && each_.front().shift == 0) return given;
  const StrandRules rules = strand_rules(model_);
  const Bundle other = strands_.both ? other_strand(given, rules) : Bundle();
  std::vector<Bundle> all;
  for (const Member& member : each_) all.push_back(detail::shifted(member.turned ? other : given, member.shift, rules));
  return concatenate(all);
}

Bundle EditedScore::keep(const Bundle& inputs) {
  const at::Tensor& letters = inputs.at(input_);
  examples_ = letters.size(0), length_ = letters.size(-1);
  return merged(plan_.keep(sequences(inputs)), examples_);
}

Bundle EditedScore::keep(const Bundle& inputs, std::span<const plan::SequenceWindow> windows, std::int64_t length) {
  const at::Tensor& letters = inputs.at(input_);
  Bundle first = inputs, whole = inputs;
  first.set(input_, letters.narrow(-1, 0, std::clamp<std::int64_t>(length, 0, letters.size(-1))));
  const std::int64_t step = std::max<std::int64_t>(1, window_step(first)), tiles = letters.size(0);
  // So that windows begin at a whole step from the other end too.
  const std::int64_t more = (step - (letters.size(-1) - length) % step) % step;
  if (more > 0) whole.set(input_, at::constant_pad_nd(letters, {0, more}, is_tokens(letters) ? std::int64_t{seq::kN} : std::int64_t{0}));
  std::vector<plan::SequenceWindow> all;
  for (std::size_t m = 0; m < each_.size(); ++m)
    for (const plan::SequenceWindow& w : windows)
      all.push_back(
          {w.example + static_cast<std::int64_t>(m) * tiles, each_[m].turned ? letters.size(-1) + more - length - w.begin : w.begin});
  examples_ = std::ssize(windows), length_ = length;
  return merged(plan_.keep(sequences(whole), all, length), examples_);
}

// An edit of a sequence as one of its member, whose sequences begin with number `first`.
plan::SequenceEdit EditedScore::placed(const plan::SequenceEdit& edit, const Member& member, std::int64_t first) const {
  plan::SequenceEdit all{edit.example + first, edit.begin, edit.letters};
  if (member.turned) {
    all.begin = length_ - edit.begin - std::ssize(edit.letters);
    std::reverse(all.letters.begin(), all.letters.end());
    for (std::uint8_t& letter : all.letters)
      if (letter < seq::kN) letter = static_cast<std::uint8_t>(seq::kN - 1 - letter);
  }
  all.begin += member.shift;
  const std::int64_t from = std::clamp<std::int64_t>(-all.begin, 0, std::ssize(all.letters));
  const std::int64_t to = std::clamp<std::int64_t>(length_ - all.begin, from, std::ssize(all.letters));
  all.letters = {all.letters.begin() + from, all.letters.begin() + to};
  all.begin = std::clamp<std::int64_t>(all.begin, 0, length_ - std::ssize(all.letters));
  return all;
}

Bundle EditedScore::operator()(std::span<const plan::SequenceEdit> edits) {
  if (members_ == 1 && each_.front().shift == 0) return plan_(edits);
  std::vector<plan::SequenceEdit> all;
  for (std::size_t m = 0; m < each_.size(); ++m)
    for (const plan::SequenceEdit& edit : edits) all.push_back(placed(edit, each_[m], static_cast<std::int64_t>(m) * examples_));
  return merged(plan_(all), std::ssize(edits));
}

// Outputs of all members, `each` rows of one after the other, as one.
Bundle EditedScore::merged(const Bundle& outputs, std::int64_t each) const {
  const auto of = [&](std::int64_t member) {
    Bundle some;
    for (const auto& [name, value] : outputs) some.set(name, value.slice(0, member * each, (member + 1) * each));
    return some;
  };
  if (members_ == 1) return outputs;
  if (ensemble_.shifts.size() == 1) {
    const StrandRules rules = strand_rules(model_);
    const Bundle forward = of(0), backward = of(1);
    Bundle merged;
    for (const auto& [name, value] : forward)
      merged.set(name, merged_output(name, value, backward.at(name), rules, strands_.merge, forms_));
    return merged;
  }
  detail::MemberMean mean(model_, strands_, forms_);
  const std::int64_t strands = strands_.both ? 2 : 1;
  for (std::int64_t m = 0; m < members_; m += strands) mean.add(of(m), strands_.both ? of(m + 1) : Bundle());
  return mean.value();
}

}  // namespace basewise::infer
