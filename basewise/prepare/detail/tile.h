// From counts to the values of a track, for any stretch of a chromosome.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "basewise/prepare/coverage_options.h"
#include "basewise/prepare/detail/chrom_counts.h"
#include "basewise/prepare/detail/gaussian.h"
#include "basewise/prepare/detail/gc_model.h"

namespace basewise::prepare::detail {

/// One chromosome of one track.
struct TrackChrom {
  ChromCounts single;  ///< reads with one place
  ChromCounts multi;   ///< shares of the others
  std::int64_t length = 0;
};

/// The bases of a stretch of the chromosome that is at work.
using BasesOf = std::function<std::vector<seq::Token>(std::int64_t start, std::int64_t end)>;

/// Clips, corrects, smooths, cuts what is small, scales and bins. The values of a base depend on
/// the bases around it alone, so that any way to cut a chromosome gives the same.
class TileMaker {
 public:
  /// `scale` is the factor of all values, with that of the normalisation in it.
  TileMaker(const CoverageOptions& options, double scale);

  void set_gc(const GcModel& model) { gc_ = model; }

  /// Values of the bases [start, end), or of the bins of which the first begins at `start`; empty
  /// where all are 0.
  std::vector<float> values(const TrackChrom& chrom, const BasesOf& bases, std::int64_t start, std::int64_t end) const;

  /// Points for the fit of a `GcModel`: every `gc_smooth`-th base with coverage around it.
  void gc_points(const TrackChrom& chrom, const BasesOf& bases, std::int64_t start, std::int64_t end, GcPoints& points) const;

 private:
  std::vector<float> counts(const TrackChrom& chrom, std::int64_t start, std::int64_t end) const;
  std::vector<float> clipped(const TrackChrom& chrom, std::int64_t start, std::int64_t end) const;
  std::vector<float> corrected(const TrackChrom& chrom, const BasesOf& bases, std::int64_t start, std::int64_t end) const;
  GcShares shares(const TrackChrom& chrom, const BasesOf& bases, std::int64_t start, std::int64_t end) const;
  std::vector<float> binned(std::span<const float> values) const;

  CoverageOptions options_;
  double scale_;
  Gaussian clip_gaussian_, gc_gaussian_;
  std::optional<Gaussian> smooth_gaussian_;
  std::optional<GcModel> gc_;
};

}  // namespace basewise::prepare::detail
