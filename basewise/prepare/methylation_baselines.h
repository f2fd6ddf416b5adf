// What a network for methylation must beat: the states of the sites around a site, and a bulk
// sample.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/methylation/neighbours.h"
#include "basewise/metrics/result.h"

namespace basewise::prepare {

/// How the state of a site is told from its neighbours in the same cell, or from a bulk sample.
enum class MethylationBaseline { nearest, mean, weighted, bulk };
constexpr auto words_of(MethylationBaseline) {
  return words<MethylationBaseline>(
      {{MethylationBaseline::nearest, "nearest", "state of the nearest neighbour, of two as near the left one"},
       {MethylationBaseline::mean, "mean", "mean state of all neighbours"},
       {MethylationBaseline::weighted, "weighted", "the same, weighted by 1 / distance"},
       {MethylationBaseline::bulk, "bulk", "share in a bulk sample at the site"}});
}

/// Scores of sites by the neighbours of one cell: (N); NaN for a site without any neighbour.
/// Errors: ArgumentError for `bulk`, which has no neighbours.
std::vector<float> neighbour_scores(MethylationBaseline baseline, const methylation::Neighbours& neighbours, std::size_t cell,
                                    std::span<const std::int64_t> rows);

/// Shares of a bulk sample (its first cell) at sites: (N); NaN where it was not measured.
std::vector<float> bulk_scores(const methylation::CellTable& bulk, const methylation::SiteList& sites, std::span<const std::int64_t> rows);

/// How well scores tell methylated from unmethylated sites.
struct BaselineResult {
  std::int64_t sites = 0;  ///< with a score
  metrics::MetricResult auc = {};
};

/// AUC of scores (N) for labels (N), shares that are rounded, a tie to 0;
/// sites without a score are left out.
BaselineResult baseline_auc(std::span<const float> scores, std::span<const float> labels);

}  // namespace basewise::prepare
