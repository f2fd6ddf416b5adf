// Windows of a genome with counts at every base of both strands: base-resolution profiles (BPNet, Avsec et al. 2021).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "basewise/data/dataset.h"
#include "basewise/corpus/stranded_counts.h"
#include "basewise/seq/genome.h"

namespace basewise::data {

/// A centre and the stretch [low, high) of its chromosome that its window of counts never leaves, whatever the jitter.
struct ProfilePlace {
  std::size_t chrom = 0;
  std::int64_t centre = 0;
  std::int64_t low = 0;
  std::int64_t high = 0;
};

struct ProfileWindowOptions {
  std::int64_t input = 1346;                            ///< bases of sequence
  std::int64_t output = 1000;                           ///< bases with counts, in the middle of them
  std::int64_t jitter = 0;                              ///< the centre moves by up to this many bases at random
  std::vector<std::int64_t> control_windows = {1, 50};  ///< smoothing of the control profile, one channel each
  bool tokens = false;                                  ///< "sequence" (input) uint8 tokens in place of one-hot
};

/// The tracks of a set; `control` and `replicate` may be null.
struct ProfileTracks {
  corpus::StrandedCountsPtr target;
  corpus::StrandedCountsPtr control;
  corpus::StrandedCountsPtr replicate;  ///< a second measurement of the target: what can be reached at best
};

/// Around each centre c the output window [c - output / 2, c - output / 2 + output) and the sequence around it, both moved by one shift
/// drawn from -jitter..jitter and clipped to the place's stretch:
///   "sequence" (4, input), N outside of linear chromosomes;
///   "profile" (2, output) counts of both strands at forward coordinates; "counts" (2) log(1 + sum) of each;
///   with a control: "control_profile" (W, output), plus + minus control counts, moving averages (`smooth`) over each of `control_windows`,
///   and "control_counts" (1) log(1 + their sum); with a replicate: "replicate" (2, output) and "replicate_counts" (2), as profile and
///   counts; "position" (first base of the output window) and "chromosome", int64 scalars.
/// From the other strand profile and replicate and their counts are paired, the control profile is mirrored, the rest stays. Errors:
/// ArgumentError for lengths that do not stand in the middle of each other and places whose window does not fit.
DatasetPtr profile_windows(seq::GenomePtr genome, std::vector<ProfilePlace> places, ProfileTracks tracks,
                           const ProfileWindowOptions& options, std::string source);

/// Moving average over `window` values: floor((window - 1) / 2) before each, the rest after it; the first and last value go on beyond the
/// ends. `values` and `out` must not overlap.
void smooth(std::span<const float> values, std::int64_t window, std::span<float> out);

}  // namespace basewise::data
