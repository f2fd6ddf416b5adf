#include "basewise/nn/pass.h"

#include "basewise/nn/layer.h"
#include "basewise/tensor/tokens.h"

namespace basewise::nn {

Pass::Pass(const std::vector<std::string>& activations, Bundle state, bool only_needed, StandIn* stand_in)
    : wanted_(activations.begin(), activations.end()), only_needed_(only_needed), stand_in_(stand_in), before_(std::move(state)) {}

bool Pass::stands_in(const Layer& layer) const {
  const AttributionRule rule = layer.attribution_rule();
  return stand_in_ != nullptr && rule != AttributionRule::linear && rule != AttributionRule::inside;
}

bool Pass::reaches_inside(const Layer& layer) const { return stand_in_ != nullptr && layer.attribution_rule() == AttributionRule::inside; }

bool Pass::enters(const std::string& path) const {
  const std::string inside = path + ".";
  const auto first = wanted_.lower_bound(inside);
  return first != wanted_.end() && first->starts_with(inside);
}

at::Tensor Pass::keep(const std::string& path, const at::Tensor& x) {
  const at::Tensor own = is_tokens(x) ? one_hot_of(x, at::kFloat) : x.view_as(x);
  activations_.set(path, own);
  return own;
}

at::Tensor Pass::through(Layer& layer, const std::string& path, const at::Tensor& given) {
  const std::string input = path + ".input";
  const at::Tensor x = wants(input) ? keep(input, given) : given;
  const at::Tensor y = stands_in(layer) ? in_place_of(layer, path, x) : layer.run(x, path, *this);
  return wants(path) ? keep(path, y) : y;
}

Bundle Pass::memory(const std::string& path) const {
  const std::string inside = path + ".";
  Bundle own;
  for (const auto& [name, value] : before_)
    if (name.starts_with(inside)) own.set(name.substr(inside.size()), value);
  return own;
}

void Pass::remember(const std::string& path, const Bundle& memory) {
  for (const auto& [name, value] : memory) next_.set(path + "." + name, value);
}

}  // namespace basewise::nn
