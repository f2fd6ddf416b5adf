#include "basewise/motifs/detail/incomplete.h"

#include <algorithm>
#include <cmath>

namespace basewise::motifs::detail {

SpanNull::SpanNull(const ScoreMatrix& matrix, std::int64_t longest)
    : width_(matrix.width), spans_(static_cast<std::size_t>(matrix.width * matrix.width)) {
  for (std::int64_t i = 0; i < width_; ++i) {
    std::vector<double> sums = {1};
    for (std::int64_t j = i; j < std::min(width_, i + longest); ++j) {
      const double* column = matrix.distributions.data() + j * (kScoreBins + 1);
      std::vector<double> longer(sums.size() + static_cast<std::size_t>(kScoreBins), 0);
      for (std::size_t s = 0; s <= static_cast<std::size_t>(kScoreBins); ++s) {
        if (column[s] == 0) continue;
        for (std::size_t x = 0; x < sums.size(); ++x) longer[x + s] += column[s] * sums[x];
      }
      sums = std::move(longer);
      std::vector<double>& survival = spans_[static_cast<std::size_t>(i * width_ + j)];
      survival.resize(sums.size());
      double sum = 0;
      for (std::size_t x = sums.size(); x-- > 0;) survival[x] = std::min(sum += sums[x], 1.0);
    }
  }
}

double SpanNull::p_value(std::int64_t i, std::int64_t j, std::int64_t score) const {
  return spans_[static_cast<std::size_t>(i * width_ + j)][static_cast<std::size_t>(score)];
}

Placement best_incomplete(const ScoreMatrix& matrix, const SpanNull& null, const std::uint32_t* columns, std::int64_t target_width,
                          const OffsetRange& range, std::int64_t tries) {
  const std::int64_t n = matrix.width;
  Placement best;
  best.p_value = 2;
  for (std::int64_t k = range.first; k <= range.last; ++k) {
    const std::int64_t offset = k - n + 1, first = std::max<std::int64_t>(0, -offset);
    const std::int64_t overlap = overlap_at(k, n, target_width);
    std::int64_t score = 0;
    for (std::int64_t i = first; i < first + overlap; ++i)
      score += matrix.scores[static_cast<std::size_t>(std::int64_t{columns[i + offset]} * matrix.lanes + n - 1 - i)];
    const double p = null.p_value(first, first + overlap - 1, score);
    if (p > best.p_value || (p == best.p_value && overlap <= best.overlap)) continue;
    best = {score, offset, overlap, p};
  }
  const auto tried = static_cast<double>(tries * (range.last - range.first + 1));
  best.p_value = best.p_value >= 1 ? 1 : -std::expm1(tried * std::log1p(-best.p_value));
  return best;
}

}  // namespace basewise::motifs::detail
