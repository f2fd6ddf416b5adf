// The sequence of a genome as a source of examples.
#pragma once

#include <cstdint>

#include "basewise/data/examples.h"
#include "basewise/seq/genome.h"

namespace basewise::data {

struct SequenceSourceOptions {
  std::int64_t before = 0;  ///< further bases of sequence before a window, as it is read
  std::int64_t after = 0;   ///< and after it
  bool tokens = false;      ///< uint8 tokens in place of one-hot
};

/// "sequence" (4, before + length + after) float32, or with `tokens` (before + length + after)
/// uint8, on the strand of the window: N outside of linear chromosomes, over the origin of circular
/// ones.
/// Errors: ArgumentError for a negative context, and for more than one round of a circular
/// chromosome.
SourcePtr sequence_of(seq::GenomePtr genome, const SequenceSourceOptions& options = {});

}  // namespace basewise::data
