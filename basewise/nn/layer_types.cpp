#include "basewise/nn/layer_types.h"

#include <algorithm>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/nn/detail/layers_ab.h"
#include "basewise/nn/detail/layers_ab_conv.h"
#include "basewise/nn/detail/layers_activation.h"
#include "basewise/nn/detail/layers_attention.h"
#include "basewise/nn/detail/layers_block.h"
#include "basewise/nn/detail/layers_channels.h"
#include "basewise/nn/detail/layers_conv.h"
#include "basewise/nn/detail/layers_dense.h"
#include "basewise/nn/detail/layers_dropout.h"
#include "basewise/nn/detail/layers_kmer.h"
#include "basewise/nn/detail/layers_norm.h"
#include "basewise/nn/detail/layers_pool.h"
#include "basewise/nn/detail/layers_positions.h"
#include "basewise/nn/detail/layers_rc.h"
#include "basewise/nn/detail/layers_rc_pool.h"
#include "basewise/nn/detail/layers_rc_wrap.h"
#include "basewise/nn/detail/layers_recurrent.h"

namespace basewise::nn {
namespace {

// One line per family, in the order of the reference page.
constexpr std::span<const LayerType> (*kFamilies[])() = {
    detail::conv_layers,       detail::dense_layers,     detail::norm_layers,    detail::pool_layers, detail::dropout_layers,
    detail::activation_layers, detail::position_layers,  detail::block_layers,   detail::rc_layers,   detail::rc_pool_layers,
    detail::rc_wrap_layers,    detail::channel_layers,   detail::ab_conv_layers, detail::ab_layers,   detail::kmer_layers,
    detail::attention_layers,  detail::recurrent_layers,
};

std::vector<LayerType> all_types() {
  std::vector<LayerType> all;
  for (const auto family : kFamilies) all.insert(all.end(), family().begin(), family().end());
  return all;
}

// "residual, block, rc_wrap and attention_stack".
std::string names_of_holders() {
  std::vector<std::string_view> names;
  for (const LayerType& type : layer_types())
    if (type.holds_layers) names.push_back(type.name);
  return format("{} and {}", fmt::join(names.begin(), names.end() - 1, ", "), names.back());
}

}  // namespace

std::span<const LayerType> layer_types() {
  static const std::vector<LayerType> all = all_types();
  return all;
}

LayerTypeScope*& LayerTypeScope::current() {
  thread_local LayerTypeScope* innermost = nullptr;
  return innermost;
}

LayerTypeScope::LayerTypeScope(std::span<const LayerType> types) : types_(types), outer_(current()) { current() = this; }
LayerTypeScope::~LayerTypeScope() { current() = outer_; }

const LayerType& layer_type(const spec::LayerSpec& spec) {
  std::vector<std::string> names;
  for (const LayerType& type : layer_types()) {
    if (type.name != spec.type) {
      names.emplace_back(type.name);
      continue;
    }
    if (!spec.layers.empty() && !type.holds_layers)
      spec::throw_spec_error(spec.where, format("layer '{}': a {} holds no layers; only {} do", spec.path, spec.type, names_of_holders()));
    return type;
  }
  for (const LayerTypeScope* scope = LayerTypeScope::current(); scope != nullptr; scope = scope->outer_)
    for (const LayerType& type : scope->types_) {
      if (type.name == spec.type) return type;
      names.emplace_back(type.name);
    }
  const auto near = nearest(spec.type, names);
  const std::string hint = near ? format("did you mean \"{}\"?", *near) : format("expected one of: {}", fmt::join(names, ", "));
  spec::throw_spec_error(spec.where, format("layer '{}': unknown type \"{}\"; {}", spec.path, spec.type, hint));
}

const spec::StrandForm* strand_form(std::string_view type) {
  for (const LayerType& known : layer_types())
    if (known.name == type) return known.strands;
  return nullptr;
}

std::string layer_reference() {
  std::string text;
  for (const LayerType& type : layer_types()) text += format("{}\n{}\n\n", to_markdown(type.describe, type.name), type.help);
  return text;
}

}  // namespace basewise::nn
