// Words of k letters as channels.
#pragma once

#include <cstdint>
#include <span>

#include "basewise/core/options.h"
#include "basewise/nn/layer_types.h"

namespace basewise::nn::detail {

/// (N, 4, L) to one-hot words, (N, C, L - k + 1), channels c and C - 1 - c being words that are
/// each other's RC. For even k words that are their own RC stand twice: C = 4^k + 4^(k / 2); for
/// odd k C = 4^k. Positions with an N in the word are zero. k = 1 changes nothing.
struct KmerOptions {
  std::int64_t k = 3;
};
void describe(Visitor& v, KmerOptions& o);

/// The type kmer.
std::span<const LayerType> kmer_layers();

}  // namespace basewise::nn::detail
