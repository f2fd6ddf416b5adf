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
  Padding padding = Padding::valid;    ///< valid, same or given; padded positions never win and never count
  std::int64_t pad_left = 0;           ///< of explicit padding; less than the width, as pad_right
  std::int64_t pad_right = 0;
};
void describe(Visitor& v, PoolOptions& o);

/// The type pool.
std::span<const LayerType> pool_layers();

}  // namespace basewise::nn::detail
