#include "basewise/infer/detail/members.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/infer/ensemble.h"
#include "basewise/seq/alphabet.h"
#include "basewise/tensor/tokens.h"

namespace basewise::infer::detail {
namespace {

at::Tensor moved(const at::Tensor& x, std::int64_t shift, const std::string& name) {
  const std::int64_t length = x.size(-1), left = length - std::abs(shift);
  if (left < 1) throw ArgumentError(format("a shift of {} leaves nothing of input '{}' with {} bases", shift, name, length));
  at::Tensor y = at::full_like(x, is_tokens(x) ? std::int64_t{seq::kN} : 0);
  y.narrow(-1, std::max<std::int64_t>(0, shift), left).copy_(x.narrow(-1, std::max<std::int64_t>(0, -shift), left));
  return y;
}

}  // namespace

Bundle shifted(const Bundle& inputs, std::int64_t shift, const StrandRules& rules) {
  if (shift == 0) return inputs;
  Bundle result;
  for (const auto& [name, value] : inputs) result.set(name, rules(name) == StrandRule::complemented ? moved(value, shift, name) : value);
  return result;
}

MemberMean::MemberMean(const nn::Model& model, const StrandStrategy& strands, const OutputForms& forms, bool variance)
    : strands_(strands), forms_(forms), variance_(variance), rules_(strand_rules(model)) {}

void MemberMean::add(const Bundle& forward, const Bundle& backward) {
  const auto put = [this](const std::string& name, const at::Tensor& value) {
    means_.try_emplace(name, forms_.of(name), strands_.merge == StrandMerge::probability).first->second.add(value);
  };
  for (const auto& [name, value] : forward) {
    if (variance_) variances_[name].add(value);
    if (!strands_.both) {
      put(name, value);
      continue;
    }
    const at::Tensor turned = turned_back(name, backward.at(name), rules_, forms_);
    if (variance_) variances_[name].add(turned);
    if (strands_.merge == StrandMerge::max) {
      put(name, at::maximum(value, turned));
    } else {
      put(name, value);
      put(name, turned);
    }
  }
}

Bundle MemberMean::value() const {
  Bundle outputs;
  for (const auto& [name, mean] : means_) outputs.set(name, mean.value());
  for (const auto& [name, variance] : variances_) outputs.set(variance_name(name), variance.value());
  return outputs;
}

}  // namespace basewise::infer::detail
