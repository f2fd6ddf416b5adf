// Pooling.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "basewise/core/options.h"
#include "basewise/nn/layer_types.h"
#include "basewise/spec/layer_choices.h"

namespace basewise::nn::detail {

using spec::Padding;
using spec::PoolKind;

/// Pooling over windows of positions, or over all of them (`global`, gives (N, C)).
struct PoolOptions {
  PoolKind kind = PoolKind::max;
  bool global = false;
  std::int64_t width = 2;
  std::optional<std::int64_t> stride;  ///< default: the width
  Padding padding = Padding::valid;    ///< valid or same; padded positions never win and never count
};
void describe(Visitor& v, PoolOptions& o);

/// The type pool.
std::span<const LayerType> pool_layers();

}  // namespace basewise::nn::detail
