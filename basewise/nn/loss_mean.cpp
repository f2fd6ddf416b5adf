#include "basewise/nn/loss_mean.h"

#include <limits>

namespace basewise::nn {

LossMean::Term& LossMean::term_of(std::int64_t set, std::int64_t loss, double weight, double per_example) {
  for (Term& term : terms)
    if (term.set == set && term.loss == loss) return term;
  return terms.emplace_back(Term{.set = set, .loss = loss, .weight = weight, .per_example = per_example});
}

void LossMean::add(const BatchLoss& batch, double penalty) {
  const auto n = static_cast<double>(batch.examples);
  if (batches == 0) first = n;
  same_size = same_size && n == first;
  ++batches;
  examples += n;
  weighted += n * (batch.total.item<double>() + penalty);
  penalties += n * penalty;
  for (const BatchLoss::Term& of_batch : batch.terms) {
    const double share = n > 0 ? of_batch.measured / n : 0;
    Term& term = term_of(batch.set, of_batch.loss, of_batch.weight, share);
    same_share = same_share && share == term.per_example;
    term.examples += n;
    term.measured += of_batch.measured;
    if (of_batch.measured > 0) term.sum += of_batch.measured * of_batch.value.item<double>();
  }
}

double LossMean::value() const {
  double total = 0, measured = 0;
  for (const Term& term : terms) {
    measured += term.measured;
    if (term.measured > 0) total += term.weight * (term.sum / term.measured) * (term.examples / examples);
  }
  if (measured == 0) return std::numeric_limits<double>::quiet_NaN();
  // The same number where every example counts alike, summed as it always was: to the last bit.
  return same_share ? weighted / examples : total + penalties / examples;
}

}  // namespace basewise::nn
