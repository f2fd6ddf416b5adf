// The continuous Jaccard index of attribution tracks:
//   sum sign(x) sign(y) min(|x|, |y|) / sum max(|x|, |y|)
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/motifs/detail/coarse_neighbors.h"
#include "basewise/motifs/detail/seqlet_rows.h"

namespace basewise::motifs::detail {

/// The best offset of `child` along `parent`.
struct BestOffset {
  float similarity = 0;
  std::int64_t offset = 0;  ///< position of the parent that the first position of the child falls on; may be negative
};

/// Rows with `pad` positions of zeros on both sides, and what the sums of their windows are.
struct PaddedTracks {
  std::int64_t width = 0;  ///< with padding
  std::int64_t pad = 0;
  std::vector<float> values;  ///< (width, kTracks)
  std::vector<float> before;  ///< (width + 1): sum of absolute values before each position
};
void pad_tracks(const float* rows, std::int64_t width, std::int64_t pad, PaddedTracks& to);

/// Positions of zeros that a seqlet of `width` may reach into on each side: the share that
/// `min_overlap` leaves, rounded up or down.
std::int64_t padding(std::int64_t width, double min_overlap, bool round_up);

/// The best of all places where the whole child (width, kTracks) lies within the padded parent; of
/// equally good ones the first. What of the parent lies outside does not count, so the index is not
/// symmetric. 0 where all is zero. `child_sum` is the child's sum of magnitudes.
BestOffset best_offset(const PaddedTracks& parent, const float* child, std::int64_t width, float child_sum);

float sum_of_magnitudes(const float* values, std::int64_t size);

/// The neighbours' similarities anew: the best over all offsets and both strands,
/// as above with padding rounded down.
void fine_similarities(const TrackRows& rows, double min_overlap, Neighbors& neighbors, const RowsDone& done = {});

/// The index of two rows of `size` numbers as they lie; `size` is a multiple of kTracks.
float jaccard(const float* x, const float* y, std::int64_t size);

/// (count): the index of `x` with each of `count` rows from `first` on.
void jaccard_with_all(const float* x, const TrackRows& others, std::int64_t first, std::int64_t count, float* result);

}  // namespace basewise::motifs::detail
