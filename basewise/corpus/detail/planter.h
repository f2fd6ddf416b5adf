// Places motif instances into a sequence without overlap.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/core/random.h"
#include "basewise/corpus/simulator.h"
#include "basewise/motifs/motif.h"

namespace basewise::corpus::detail {

/// A motif instance before it has a place: `offset` counts from the start of its block.
struct Instance {
  const motifs::MotifMatrix* motif = nullptr;
  seq::Strand strand = seq::Strand::forward;
  std::int64_t offset = 0;
  bool decoy = false;
};

/// Instances that keep their distances to each other.
struct Block {
  std::vector<Instance> instances;
  std::int64_t width = 0;
};

/// Starts of blocks of these widths inside `room` bases, in random order and uniform over all
/// placements without overlap. The blocks must fit.
std::vector<std::int64_t> place(const std::vector<std::int64_t>& widths, std::int64_t room, Stream& stream);

/// The same one block after the other: each start is uniform over the room and drawn again where
/// the block overlaps an earlier one. Where that does not succeed (a room that is nearly full), as
/// `place`.
std::vector<std::int64_t> place_in_turn(const std::vector<std::int64_t>& widths, std::int64_t room, Stream& stream);

/// Draws the letters of every instance into `tokens` at `begin + start + offset`;
/// returns what was planted, by start.
std::vector<Planted> plant(const std::vector<Block>& blocks, std::int64_t sequence, std::int64_t begin,
                           std::int64_t room, Placement placement, std::span<seq::Token> tokens, Stream& stream);

}  // namespace basewise::corpus::detail
