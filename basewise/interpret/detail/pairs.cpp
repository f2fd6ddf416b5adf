#include "basewise/interpret/detail/pairs.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/interpret/detail/differences.h"
#include "basewise/interpret/detail/multipliers.h"

namespace basewise::interpret::detail {
namespace {

at::Tensor up_to(std::int64_t n) { return at::arange(n, at::TensorOptions().dtype(at::kLong)); }

/// A function of single numbers at both sides of pairs.
struct Ends {
  at::Tensor in;
  at::Tensor out;
  at::Tensor slope;
};

Ends ends_of(TargetRules::Function function, const at::Tensor& x) {
  const at::AutoGradMode with_gradients(true);
  const at::Tensor leaf = x.detach().requires_grad_(true);
  const at::Tensor y = function(leaf);
  const at::Tensor slope = gradient_to(leaf, y, at::ones_like(y));
  return {x.detach(), y.detach(), slope};
}

/// f(x) of the recorded side with the multiplier of the pair as its derivative.
at::Tensor with_multiplier(const Ends& sequence, const Ends& reference, bool sequence_records, const at::Tensor& x) {
  const at::Tensor in = sequence.in - reference.in, small = in.abs() < kSmallDifference;
  const at::Tensor multiplier = at::where(small, sequence.slope, (sequence.out - reference.out) / in.masked_fill(small, 1.0));
  return (sequence_records ? sequence : reference).out + multiplier * (x - x.detach());
}

Bundle detached(const Bundle& batch) {
  Bundle own;
  for (const auto& [name, value] : batch) own.set(name, value.detach());
  return own;
}

}  // namespace

at::Tensor Piece::examples() const { return up_to(end - begin).repeat_interleave(to - from); }
at::Tensor Piece::places() const { return up_to(to - from).repeat({end - begin}); }

std::vector<Piece> pieces(std::int64_t examples, std::int64_t each, std::int64_t most) {
  std::vector<Piece> all;
  if (each < 1) return all;
  const std::int64_t whole = std::max<std::int64_t>(1, most / each), part = std::min(each, std::max<std::int64_t>(most, 1));
  for (std::int64_t begin = 0; begin < examples; begin += whole)
    for (std::int64_t from = 0; from < each; from += part)
      all.push_back({begin, std::min(examples, begin + whole), from, std::min(each, from + part)});
  return all;
}

Bundle rows_of(const Bundle& batch, const at::Tensor& rows) {
  Bundle chosen;
  for (const auto& [name, value] : batch) chosen.set(name, value.index_select(0, rows.to(value.device())));
  return chosen;
}

Constants::Constants(const Target& target, const Bundle& outputs) {
  TargetRules rules;
  rules.constant = [this](const at::Tensor& x) {
    constants_.push_back(x);
    return x;
  };
  values_ = target(outputs, rules).detach();
}

TargetRules Constants::rules(const at::Tensor& rows) const {
  TargetRules rules;
  // Constants are met in the order in which they were taken.
  rules.constant = [this, rows, next = std::make_shared<std::size_t>(0)](const at::Tensor& x) {
    return constants_.at((*next)++ % constants_.size()).index_select(0, rows.to(x.device()));
  };
  return rules;
}

PairTargets pair_targets(const Target& target, const Bundle& sequence, const Bundle& reference, bool sequence_records) {
  std::vector<at::Tensor> constants;
  std::vector<Ends> at_sequence, at_reference;
  std::size_t constant = 0, function = 0;
  TargetRules rules;
  rules.constant = [&](const at::Tensor& x) { return constants.emplace_back(x); };
  rules.elementwise = [&](TargetRules::Function f, const at::Tensor& x) { return at_sequence.emplace_back(ends_of(f, x)).out; };
  PairTargets result;
  result.sequence = target(detached(sequence), rules);
  const auto taken = [&](const at::Tensor&) { return constants.at(constant++); };
  rules.constant = taken;
  rules.elementwise = [&](TargetRules::Function f, const at::Tensor& x) { return at_reference.emplace_back(ends_of(f, x)).out; };
  result.reference = target(detached(reference), rules);
  constant = 0;
  rules.elementwise = [&](TargetRules::Function, const at::Tensor& x) {
    const std::size_t i = function++;
    return with_multiplier(at_sequence.at(i), at_reference.at(i), sequence_records, x);
  };
  result.recorded = target(sequence_records ? sequence : reference, rules);
  return result;
}

ScoreSums::ScoreSums(const at::Tensor& sequences, ScoreProduct product)
    : sequences_(sequences), product_(product), hypothetical_(at::zeros(sequences.sizes(), sequences.options().dtype(at::kDouble))) {
  if (product != ScoreProduct::projected) product_sum_ = at::zeros_like(hypothetical_);
}

at::Tensor ScoreSums::add(const at::Tensor& examples, const at::Tensor& references, const at::Tensor& multipliers, double weight) {
  const at::Tensor m = multipliers.to(at::kDouble), rows = examples.to(sequences_.device());
  const at::Tensor difference = m * (sequences_.index_select(0, rows) - references);
  hypothetical_.index_add_(0, rows, m - (m * references).sum(1, /*keepdim=*/true), weight);
  if (product_ == ScoreProduct::times_input) product_sum_.index_add_(0, rows, m, weight);
  if (product_ == ScoreProduct::difference_times_input) product_sum_.index_add_(0, rows, difference, weight);
  return difference.sum({1, 2});
}

void ScoreSums::add(const at::Tensor& examples, const at::Tensor& gradients, double weight) {
  hypothetical_.index_add_(0, examples.to(sequences_.device()), gradients.to(at::kDouble), weight);
}

void ScoreSums::finish(AttributionResult& result) const {
  result.hypothetical = hypothetical_.to(sequences_.scalar_type());
  result.scores = ((product_sum_.defined() ? product_sum_ : hypothetical_) * sequences_).to(sequences_.scalar_type());
}

}  // namespace basewise::interpret::detail
