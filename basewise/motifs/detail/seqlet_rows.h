// Attributions of seqlets as rows, read in their orientation.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "basewise/motifs/pattern.h"

namespace basewise::motifs::detail {

/// Numbers of a position: hypothetical attributions of A, C, G, T, then contributions of A, C, G,
/// T.
inline constexpr std::int64_t kTracks = 8;

/// One position of a seqlet, in its orientation.
struct SeqletPosition {
  seq::Token token = seq::kN;
  std::array<float, 4> hypothetical = {};
  float contribution = 0;  ///< of the letter that is there; 0 for N
};

/// Position p of a seqlet. Without hypothetical attributions the contribution stands in their
/// place.
SeqletPosition position_of(const AttributionSet& set, const Seqlet& seqlet, std::int64_t p);

/// (count, width, kTracks), contiguous.
struct TrackRows {
  std::int64_t count = 0;
  std::int64_t width = 0;
  std::vector<float> values;

  const float* of(std::int64_t i) const { return values.data() + i * width * kTracks; }
  float* of(std::int64_t i) { return values.data() + i * width * kTracks; }
};

/// Rows of seqlets of one width; hypothetical attributions and contributions are each divided by
/// the sum of their absolute values over the seqlet (left alone where it is 0).
TrackRows track_rows(const AttributionSet& set, std::span<const Seqlet> seqlets);

/// Both kinds of tracks of (width, kTracks) divided by the sum of their absolute values.
void normalise_tracks(std::span<float> rows);

/// The rows as they read on the other strand.
TrackRows turned(const TrackRows& rows);

/// Sum of absolute contributions.
double strength(const AttributionSet& set, const Seqlet& seqlet);

/// The seqlet as it reads on the other strand.
Seqlet turned(Seqlet seqlet);

}  // namespace basewise::motifs::detail
