#include "basewise/learn/detail/split_search.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

namespace basewise::learn::detail {
namespace {

// Places in what is summed of a bin; the sums of the channels follow.
constexpr std::size_t kRows = 0, kWeight = 1, kSums = 2;
constexpr std::size_t kCodes = 256;
// Splits whose scores differ by less are equally good, and the first one is taken: rounding, which
// follows from the order of sums, does not decide.
constexpr double kTie = 1e-12;

void add(std::vector<double>& to, const double* bin) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += bin[i];
}

}  // namespace

SplitSearch::SplitSearch(const TrainingRows& training)
    : training_(training),
      stride_(kSums + training.channels()),
      bins_(kCodes * stride_, 0.0),
      whole_(stride_),
      left_(stride_),
      right_(stride_),
      order_(static_cast<std::size_t>(training.columns->columns())) {
  std::iota(order_.begin(), order_.end(), 0);
}

double SplitSearch::score(std::span<const double> sums, double weight) const {
  double score = 0;
  for (std::size_t c = 0; c < sums.size(); ++c) score += training_.factors[c] * sums[c] * sums[c];
  return score / weight;
}

/// Sums of the rows of a node by bin of a column, and which bins there are.
void SplitSearch::count(const NodeRows& node, std::int64_t column) {
  const std::uint8_t* codes = training_.columns->codes(column);
  const std::size_t channels = training_.channels();
  std::array<std::uint64_t, kCodes / 64> there{};
  for (std::size_t i = 0; i < node.rows.size(); ++i) {
    const std::uint8_t code = codes[node.rows[i]];
    double* to = bins_.data() + code * stride_;
    there[code / 64] |= std::uint64_t{1} << (code % 64);
    to[kRows] += 1;
    to[kWeight] += node.weights[i];
    if (channels == 1) {
      to[kSums] += node.weighted[i];
      continue;
    }
    for (std::size_t c = 0; c < channels; ++c) to[kSums + c] += node.weighted[i * channels + c];
  }
  used_.clear();
  for (std::size_t word = 0; word < there.size(); ++word)
    for (std::uint64_t bits = there[word]; bits; bits &= bits - 1)
      used_.push_back(static_cast<std::uint8_t>(word * 64 + static_cast<std::size_t>(std::countr_zero(bits))));
}

/// Takes a split for the best one if it is; `left_` holds the rows up to bin `left`, with those not
/// measured if `missing_left`.
void SplitSearch::offer(std::int64_t column, std::int64_t left, std::int64_t right, bool missing_left, const SearchLimits& limits,
                        Split& found) {
  for (std::size_t i = 0; i < stride_; ++i) right_[i] = whole_[i] - left_[i];
  const auto least = static_cast<double>(limits.leaf_rows);
  if (left_[kRows] < least || right_[kRows] < least || !(left_[kWeight] > 0) || !(right_[kWeight] > 0)) return;
  const double score =
      this->score(std::span(left_).subspan(kSums), left_[kWeight]) + this->score(std::span(right_).subspan(kSums), right_[kWeight]);
  if (found.found() && !(score > best_score_ + kTie * std::abs(best_score_))) return;
  best_score_ = score;
  const double threshold =
      right == BinnedColumns::kMissing ? std::numeric_limits<double>::infinity() : training_.columns->threshold(column, left, right);
  found = {column, left, threshold, missing_left, std::max(0.0, score - whole_score_)};
}

/// All splits of a column: between neighbouring bins, rows that were not measured on either side.
void SplitSearch::scan(std::int64_t column, const SearchLimits& limits, Split& found) {
  const bool missing = used_.back() == BinnedColumns::kMissing;
  const std::size_t measured = used_.size() - (missing ? 1 : 0);
  for (const bool missing_left : {false, true}) {
    if (missing_left && !missing) break;
    std::fill(left_.begin(), left_.end(), 0.0);
    if (missing_left) add(left_, bin(BinnedColumns::kMissing));
    for (std::size_t i = 0; i + 1 < measured; ++i) {
      add(left_, bin(used_[i]));
      // Where all were measured, unmeasured rows of others go with the most.
      offer(column, used_[i], used_[i + 1], missing ? missing_left : 2 * left_[kWeight] > whole_[kWeight], limits, found);
    }
    if (missing_left || !missing || measured == 0) continue;
    add(left_, bin(used_[measured - 1]));
    offer(column, used_[measured - 1], BinnedColumns::kMissing, false, limits, found);
  }
}

/// Whether the rows differ in a column; if so, its splits compete.
bool SplitSearch::look_at(const NodeRows& node, std::int64_t column, const SearchLimits& limits, Split& found) {
  count(node, column);
  const bool differs = used_.size() > 1;
  if (differs) scan(column, limits, found);
  for (const std::uint8_t code : used_) std::fill_n(bin(code), stride_, 0.0);
  return differs;
}

Split SplitSearch::best(const NodeRows& node, const SearchLimits& limits, Stream random) {
  const std::size_t channels = training_.channels();
  std::fill(whole_.begin(), whole_.end(), 0.0);
  for (std::size_t i = 0; i < node.rows.size(); ++i) {
    whole_[kRows] += 1;
    whole_[kWeight] += node.weights[i];
    for (std::size_t c = 0; c < channels; ++c) whole_[kSums + c] += node.weighted[i * channels + c];
  }
  whole_score_ = score(std::span(whole_).subspan(kSums), whole_[kWeight]);
  best_score_ = 0;
  Split found;
  std::vector<std::size_t> swapped;
  bool differs = false;
  for (std::size_t i = 0; i < order_.size() && (std::ssize(swapped) < limits.columns || !differs); ++i) {
    const std::size_t j = i + random.below(order_.size() - i);
    std::swap(order_[i], order_[j]);
    swapped.push_back(j);
    differs = look_at(node, order_[i], limits, found) || differs;
  }
  // The order of before, so that the next draw depends on its stream alone.
  for (std::size_t i = swapped.size(); i > 0; --i) std::swap(order_[i - 1], order_[swapped[i - 1]]);
  return found;
}

}  // namespace basewise::learn::detail
