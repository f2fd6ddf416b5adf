// How what flows between layers moves when the sequence is replaced by its reverse complement (RC),
// known before any tensor exists.
#pragma once

#include <cstdint>
#include <string>

#include "basewise/tensor/strand.h"

namespace basewise::nn {

/// What RC of the sequence does to an activation of C channels. A layer is equivariant when it maps
/// activations that move in one of these ways to one that moves in one of these ways (Zhou et al.
/// 2022; Mallet, Vert 2021).
struct Symmetry {
  enum class Moves {
    none,          ///< not known from one strand alone
    unchanged,     ///< stays as it is ("invariant"), positions too where there are any
    complemented,  ///< the regular form: channels c and C - 1 - c change places, positions run the other way
    paired,        ///< channels 2 k and 2 k + 1 change places, positions run the other way; for two channels the same as complemented
    split,  ///< the irreducible form: positions run the other way, the first C - odd channels ("a") stay, the last `odd` ("b") change sign
  };
  Moves moves = Moves::none;
  std::int64_t odd = 0;   ///< of split: b channels
  bool kept = false;      ///< a layer above was built to keep it: what follows refuses geometries that would lose it silently
  std::string lost = {};  ///< of none: what lost it, for messages; empty: it was never there

  static Symmetry none(std::string lost = {}) { return {Moves::none, 0, false, std::move(lost)}; }
  static Symmetry unchanged() { return {Moves::unchanged}; }
  static Symmetry complemented() { return {Moves::complemented, 0, true}; }
  /// Every channel by itself mirrored is a split without b channels.
  static Symmetry split(std::int64_t odd) { return {Moves::split, odd, true}; }

  bool is(Moves m) const { return moves == m; }
  /// Channels stay where they are and keep their sign.
  bool channels_stay() const { return moves == Moves::unchanged || (moves == Moves::split && odd == 0); }

  /// "", "invariant", "RC pairs", "strand pairs", "mirrored" or "12 a, 4 b" for `channels`
  /// channels.
  std::string to_string(std::int64_t channels) const;
};

/// How an input moves that says by which rule it turns. Sequences and complemented inputs are made
/// of pairs whatever their number of channels.
Symmetry symmetry_of(StrandRule rule, std::int64_t channels, bool positions);

/// Whether turning by `rule` is what RC does to an activation that moves so.
bool moves_by(const Symmetry& symmetry, StrandRule rule, std::int64_t channels, bool positions);

}  // namespace basewise::nn
