#include "basewise/motifs/score_distribution.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "basewise/core/error.h"

namespace basewise::motifs {
namespace {

constexpr double kLargestRange = 1 << 29;  // bins between the best and the worst score

/// Probability of each deficit to the best score, lowest deficit first.
struct Masses {
  std::vector<std::int32_t> deficits;
  std::vector<double> probabilities;

  std::size_t size() const { return deficits.size(); }
};

using Deficits = std::array<std::int64_t, 4>;  ///< of one row; negative: the letter cannot stand there

std::int32_t best_of(const std::array<std::int32_t, 4>& row) { return *std::max_element(row.begin(), row.end()); }

/// Deficits of all rows, those first that spread scores most: less of what follows is in the tail.
std::vector<Deficits> deficits_of(const ScoreMatrix& matrix) {
  std::vector<Deficits> result;
  for (const auto& row : matrix.rows) {
    Deficits d{};
    for (std::size_t c = 0; c < 4; ++c)
      d[c] = row[c] == kForbidden ? -1 : static_cast<std::int64_t>(best_of(row)) - static_cast<std::int64_t>(row[c]);
    result.push_back(d);
  }
  const auto spread = [](const Deficits& d) {
    std::int64_t sum = 0;
    for (const std::int64_t x : d) sum += x < 0 ? static_cast<std::int64_t>(kLargestRange) : x;
    return sum;
  };
  std::stable_sort(result.begin(), result.end(), [&](const Deficits& a, const Deficits& b) { return spread(a) > spread(b); });
  return result;
}

std::int64_t range_of(const std::vector<Deficits>& rows) {
  std::int64_t sum = 0;
  for (const Deficits& d : rows) sum += *std::max_element(d.begin(), d.end());
  return sum;
}

/// One row more, as lists: the four shifted lists are merged.
Masses merged_row(const Masses& before, const Deficits& row, const BaseVector& background, std::int64_t limit) {
  constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
  Masses after;
  std::array<std::size_t, 4> at{};
  const auto head = [&](std::size_t c) {
    if (row[c] < 0 || at[c] == before.size()) return kEnd;
    const std::int64_t d = before.deficits[at[c]] + row[c];
    return d <= limit ? d : kEnd;
  };
  std::array<std::int64_t, 4> heads = {head(0), head(1), head(2), head(3)};
  while (true) {
    const std::int64_t lowest = std::min(std::min(heads[0], heads[1]), std::min(heads[2], heads[3]));
    if (lowest == kEnd) return after;
    double sum = 0;
    for (std::size_t c = 0; c < 4; ++c) {
      if (heads[c] != lowest) continue;
      sum += background[c] * before.probabilities[at[c]++];
      heads[c] = head(c);
    }
    after.deficits.push_back(static_cast<std::int32_t>(lowest));
    after.probabilities.push_back(sum);
  }
}

/// One row more, as arrays over all deficits up to the limit.
void add_row(const std::vector<double>& before, const Deficits& row, const BaseVector& background, std::vector<double>& after) {
  std::fill(after.begin(), after.end(), 0.0);
  const auto size = static_cast<std::int64_t>(before.size());
  for (std::size_t c = 0; c < 4; ++c) {
    if (row[c] < 0) continue;
    const double b = background[c];
    const double* from = before.data();
    double* to = after.data() + std::min(row[c], size);
    for (std::int64_t i = 0, n = size - row[c]; i < n; ++i) to[i] += b * from[i];
  }
}

/// Of the rows from `next` on, behind what `list` holds.
Masses dense_rows(const std::vector<Deficits>& rows, std::size_t next, const Masses& list, const BaseVector& background,
                  std::int64_t limit) {
  std::vector<double> now(static_cast<std::size_t>(limit + 1)), after(now.size());
  for (std::size_t i = 0; i < list.size(); ++i) now[static_cast<std::size_t>(list.deficits[i])] = list.probabilities[i];
  for (; next < rows.size(); ++next) {
    add_row(now, rows[next], background, after);
    now.swap(after);
  }
  Masses result;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (!(now[i] > 0)) continue;
    result.deficits.push_back(static_cast<std::int32_t>(i));
    result.probabilities.push_back(now[i]);
  }
  return result;
}

/// Probabilities of all deficits up to `limit`. Few are reached by the first rows, and never many
/// by a short motif: lists until they are a sixteenth as long as arrays would be.
Masses masses(const std::vector<Deficits>& rows, const BaseVector& background, std::int64_t limit) {
  Masses list{{0}, {1.0}};
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (16 * static_cast<std::int64_t>(list.size()) > limit) return dense_rows(rows, r, list, background, limit);
    list = merged_row(list, rows[r], background, limit);
  }
  return list;
}

/// A deficit up to which P(deficit <= it) > p, or the largest there is: found with bins 256 times
/// as wide and deficits rounded up, which never says more than is true.
std::int64_t sufficient_deficit(const std::vector<Deficits>& rows, const BaseVector& background, double p) {
  constexpr std::int64_t kCoarse = 256;
  const std::int64_t range = range_of(rows);
  if (range <= 16 * kCoarse) return range;
  std::vector<Deficits> coarse = rows;
  for (Deficits& row : coarse)
    for (std::int64_t& d : row) d = d < 0 ? d : (d + kCoarse - 1) / kCoarse;
  const Masses found = masses(coarse, background, range_of(coarse));
  double sum = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    sum += found.probabilities[i];
    if (sum > p) return std::min(range, found.deficits[i] * kCoarse);
  }
  return range;
}

void check_matrix(const ScoreMatrix& matrix) {
  if (matrix.rows.empty()) throw ArgumentError(format("motif '{}' has no rows", matrix.name));
  double range = 0;
  for (std::size_t i = 0; i < matrix.rows.size(); ++i) {
    if (best_of(matrix.rows[i]) == kForbidden) throw ArgumentError(format("motif '{}', row {}: no letter is possible", matrix.name, i + 1));
  }
  range = static_cast<double>(matrix.best()) - static_cast<double>(matrix.worst());
  if (range > kLargestRange || std::abs(static_cast<double>(matrix.best())) > kLargestRange ||
      std::abs(static_cast<double>(matrix.worst())) > kLargestRange)
    throw ArgumentError(format("motif '{}': bins of {} bits are too narrow, its scores span {:.3g} of them; at most 2^29 are possible",
                               matrix.name, matrix.bin, range));
}

}  // namespace

std::int64_t ScoreMatrix::best() const {
  std::int64_t sum = 0;
  for (const auto& row : rows) sum += best_of(row);
  return sum;
}

std::int64_t ScoreMatrix::worst() const {
  std::int64_t sum = 0;
  for (const auto& row : rows) {
    std::int32_t lowest = best_of(row);
    for (const std::int32_t x : row)
      if (x != kForbidden) lowest = std::min(lowest, x);
    sum += lowest;
  }
  return sum;
}

ScoreMatrix score_matrix(const MotifMatrix& motif, const LogOddsOptions& options, double bin) {
  check(motif);
  BaseVector background = motif.background;
  if (!options.background.empty()) {
    if (options.background.size() != 4)
      throw ArgumentError(format("background = [{}]; expected four numbers, for A, C, G, T", fmt::join(options.background, ", ")));
    std::copy_n(options.background.begin(), 4, background.begin());
  }
  check_background(background);
  MotifMatrix adapted = motif;
  adapted.background = background;
  std::vector<BaseVector> bits = probabilities(adapted, options.pseudocount);
  for (BaseVector& row : bits)
    for (std::size_t c = 0; c < 4; ++c) row[c] = std::log2(row[c] / background[c]);
  return score_matrix(motif.name, bits, bin);
}

ScoreMatrix score_matrix(std::string name, std::span<const BaseVector> bits, double bin) {
  if (!(bin > 0) || !std::isfinite(bin)) throw ArgumentError(format("bin = {}; expected a positive number of bits", bin));
  ScoreMatrix result{std::move(name), {}, bin};
  for (std::size_t i = 0; i < bits.size(); ++i) {
    std::array<std::int32_t, 4> row{};
    for (std::size_t c = 0; c < 4; ++c) {
      const double x = bits[i][c];
      if (std::isnan(x) || x == std::numeric_limits<double>::infinity())
        throw ArgumentError(format("motif '{}', row {}: a log-odds of {}", result.name, i + 1, x));
      const double scaled = std::nearbyint(x / bin);
      if (std::isfinite(x) && std::abs(scaled) > kLargestRange)
        throw ArgumentError(
            format("motif '{}', row {}: bins of {} bits are too narrow for a log-odds of {:.3g}", result.name, i + 1, bin, x));
      row[c] = std::isfinite(x) ? static_cast<std::int32_t>(scaled) : kForbidden;
    }
    result.rows.push_back(row);
  }
  check_matrix(result);
  return result;
}

ScoreMatrix reverse_complement(const ScoreMatrix& matrix) {
  ScoreMatrix result = matrix;
  std::reverse(result.rows.begin(), result.rows.end());
  for (auto& row : result.rows) std::reverse(row.begin(), row.end());
  return result;
}

ScoreDistribution::ScoreDistribution(const ScoreMatrix& matrix, const BaseVector& background, double largest_p) : largest_p_(largest_p) {
  check_matrix(matrix);
  check_background(background);
  if (!(largest_p > 0 && largest_p <= 1)) throw ArgumentError(format("p = {}; expected a number above 0, at most 1", largest_p));
  const std::vector<Deficits> rows = deficits_of(matrix);
  const Masses found = masses(rows, background, sufficient_deficit(rows, background, largest_p));
  const std::int64_t best = matrix.best();
  double sum = 0;
  for (std::size_t i = 0; i < found.size() && sum <= largest_p; ++i) {
    sum = std::min(1.0, sum + found.probabilities[i]);
    scores_.push_back(static_cast<std::int32_t>(best - found.deficits[i]));
    p_values_.push_back(sum);
  }
}

double ScoreDistribution::p_value(std::int64_t score) const {
  // Of the scores that are at least this one, the lowest.
  const auto end = std::partition_point(scores_.begin(), scores_.end(), [&](std::int32_t s) { return s >= score; });
  return end == scores_.begin() ? 0.0 : p_values_[static_cast<std::size_t>(end - scores_.begin()) - 1];
}

std::optional<std::int64_t> ScoreDistribution::threshold(double p) const {
  if (!(p <= largest_p_)) throw ArgumentError(format("p = {}; the distribution is known up to p = {}", p, largest_p_));
  const auto end = std::upper_bound(p_values_.begin(), p_values_.end(), p);
  if (end == p_values_.begin()) return std::nullopt;
  return scores_[static_cast<std::size_t>(end - p_values_.begin()) - 1];
}

std::int64_t ScoreDistribution::rank(std::int64_t score) const {
  const auto at = std::partition_point(scores_.begin(), scores_.end(), [&](std::int32_t s) { return s > score; });
  return at == scores_.end() || *at != score ? -1 : at - scores_.begin();
}

void check_background(const BaseVector& background) {
  double sum = 0;
  bool positive = true;
  for (const double b : background) {
    positive = positive && b > 0;
    sum += b;
  }
  if (!positive || !(std::abs(sum - 1) <= 1e-3))
    throw ArgumentError(
        format("background = [{}]; expected four positive numbers for A, C, G, T that sum to 1", fmt::join(background, ", ")));
}

BaseVector both_strands(const BaseVector& background) {
  const double at = (background[0] + background[3]) / 2, cg = (background[1] + background[2]) / 2;
  return {at, cg, cg, at};
}

}  // namespace basewise::motifs
