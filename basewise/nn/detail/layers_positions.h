// Layers that cut, stretch or flatten positions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "basewise/core/options.h"
#include "basewise/nn/layer_types.h"

namespace basewise::nn::detail {

/// (N, C, L) to (N, C L), channel by channel.
struct FlattenOptions {};
void describe(Visitor& v, FlattenOptions& o);

/// Cuts positions at the ends, or both ends to a length (the odd one out at the right).
struct CropOptions {
  std::int64_t left = 0;
  std::int64_t right = 0;
  std::optional<std::int64_t> length;
};
void describe(Visitor& v, CropOptions& o);

enum class UpsampleKind { nearest, linear };
constexpr auto words_of(UpsampleKind) {
  return words<UpsampleKind>(
      {{UpsampleKind::nearest, "nearest", "repeats"}, {UpsampleKind::linear, "linear", "interpolates between centres, ends repeated"}});
}

struct UpsampleOptions {
  std::int64_t factor = 2;
  UpsampleKind kind = UpsampleKind::nearest;
};
void describe(Visitor& v, UpsampleOptions& o);

/// The types flatten, crop and upsample.
std::span<const LayerType> position_layers();

}  // namespace basewise::nn::detail
