// How what belongs to a sequence looks from the other strand of the DNA.
#pragma once

#include "basewise/core/choice.h"

namespace basewise::seq {

/// How a tensor moves when the sequence is replaced by its reverse complement. Shapes are those of
/// one example; "without positions" are numbers per channel.
enum class StrandRule {
  unchanged,     ///< does not depend on the strand: labels of a whole sequence, position, chromosome
  mirrored,      ///< (..., L): positions run the other way, as for a track without strand
  paired,        ///< (2k, L): channels come in pairs (+, -) that swap, and positions run the other way; without positions (2k): pairs swap
  /// (C, L): channels and positions both run the other way; one-hot A C G T is made so that this is
  /// the complement; without positions (C): channels
  complemented,
  tokens,        ///< (L): positions run the other way and A-T, C-G swap (tokens A C G T N = 0 .. 4)
};

constexpr auto words_of(StrandRule) {
  return words<StrandRule>({{StrandRule::unchanged, "unchanged", "does not depend on the strand"},
                            {StrandRule::mirrored, "mirrored", "positions run the other way"},
                            {StrandRule::paired, "paired", "channels come in pairs (+, -) that swap"},
                            {StrandRule::complemented, "complemented", "channels run the other way, too: A-T and C-G swap"},
                            {StrandRule::tokens, "tokens", "numbers of letters: A-T and C-G swap"}});
}

}  // namespace basewise::seq
