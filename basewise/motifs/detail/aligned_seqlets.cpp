#include "basewise/motifs/detail/aligned_seqlets.h"

#include <cmath>
#include <numeric>

namespace basewise::motifs::detail {
namespace {

std::uint64_t stretch_of(const Seqlet& seqlet) {
  return static_cast<std::uint64_t>(seqlet.example) << 32 | static_cast<std::uint32_t>(seqlet.start);
}

}  // namespace

AlignedSeqlets::AlignedSeqlets(const AttributionSet& set, std::span<const Seqlet> seqlets)
    : set_(&set), width_(seqlets.empty() ? 0 : seqlets.front().end - seqlets.front().start) {
  sequence_.resize(width_);
  contributions_.resize(width_);
  hypothetical_.resize(width_);
  for (const Seqlet& seqlet : seqlets) add(seqlet);
}

bool AlignedSeqlets::add(const Seqlet& seqlet) {
  if (!stretches_.insert(stretch_of(seqlet)).second) return false;
  seqlets_.push_back(seqlet);
  for (std::int64_t p = 0; p < width_; ++p) {
    const SeqletPosition position = position_of(*set_, seqlet, p);
    if (position.token < 4) {
      sequence_[p][position.token] += 1;
      contributions_[p][position.token] += position.contribution;
    }
    for (std::size_t c = 0; c < 4; ++c) hypothetical_[p][c] += position.hypothetical[c];
  }
  return true;
}

std::optional<Seqlet> grown(const Seqlet& seqlet, std::int64_t left, std::int64_t right, std::int64_t length) {
  Seqlet result = seqlet;
  result.start -= seqlet.reverse ? right : left;
  result.end += seqlet.reverse ? left : right;
  if (result.start < 0 || result.end > length || result.start >= result.end) return std::nullopt;
  return result;
}

std::optional<AlignedSeqlets> AlignedSeqlets::expanded(std::int64_t left, std::int64_t right) const {
  std::vector<Seqlet> kept;
  for (const Seqlet& seqlet : seqlets_)
    if (const auto wider = grown(seqlet, left, right, set_->length)) kept.push_back(*wider);
  if (kept.empty()) return std::nullopt;
  return AlignedSeqlets(*set_, kept);
}

AlignedSeqlets AlignedSeqlets::trimmed(std::int64_t begin, std::int64_t end) const {
  std::vector<Seqlet> kept;
  for (const Seqlet& seqlet : seqlets_) kept.push_back(*grown(seqlet, -begin, end - width_, set_->length));
  return AlignedSeqlets(*set_, kept);
}

std::vector<BaseVector> AlignedSeqlets::mean(const std::vector<BaseVector>& sums) const {
  std::vector<BaseVector> result = sums;
  for (BaseVector& row : result)
    for (double& value : row) value /= static_cast<double>(size());
  return result;
}

double AlignedSeqlets::contribution() const {
  double sum = 0;
  for (const BaseVector& row : contributions_) sum = std::accumulate(row.begin(), row.end(), sum);
  return sum;
}

std::vector<float> AlignedSeqlets::tracks() const {
  std::vector<float> rows(width_ * kTracks);
  for (std::int64_t p = 0; p < width_; ++p)
    for (std::size_t c = 0; c < 4; ++c) {
      rows[p * kTracks + c] = static_cast<float>(hypothetical_[p][c]);
      rows[p * kTracks + 4 + c] = static_cast<float>(contributions_[p][c]);
    }
  normalise_tracks(rows);
  return rows;
}

std::vector<double> AlignedSeqlets::information(const BaseVector& background) const {
  constexpr double kPseudocount = 0.001;
  double expected = 0;
  for (const double b : background)
    if (b > 0) expected -= b * std::log2(b);
  std::vector<double> bits;
  for (const BaseVector& row : sequence_) {
    const double sum = std::accumulate(row.begin(), row.end(), 0.0);
    double value = sum > 0 ? expected : 0;  // a position of N alone says nothing
    for (const double count : row)
      if (count > 0) value += count / sum * std::log2((count / sum + kPseudocount) / (1 + 4 * kPseudocount));
    bits.push_back(value);
  }
  return bits;
}

Pattern AlignedSeqlets::pattern(bool positive) const {
  Pattern result;
  result.positive = positive;
  result.sequence = sequence();
  result.contributions = contributions();
  result.hypothetical = hypothetical();
  result.seqlets = seqlets_;
  for (Seqlet& seqlet : result.seqlets) {
    seqlet.attribution = 0;
    for (std::int64_t p = 0; p < width_; ++p) seqlet.attribution += position_of(*set_, seqlet, p).contribution;
  }
  return result;
}

std::int64_t best_window(const std::vector<double>& values, std::int64_t window) {
  const auto n = static_cast<std::int64_t>(values.size());
  if (n <= window) return 0;
  double sum = std::accumulate(values.begin(), values.begin() + window, 0.0), best = sum;
  std::int64_t at = 0;
  for (std::int64_t start = 1; start + window <= n; ++start) {
    sum += values[start + window - 1] - values[start - 1];
    if (sum > best) best = sum, at = start;
  }
  return at;
}

std::optional<AlignedSeqlets> polished(const AlignedSeqlets& seqlets, std::int64_t trim, std::int64_t flank, const BaseVector& background) {
  const auto wide = seqlets.expanded(flank, flank);
  if (!wide) return std::nullopt;
  if (wide->width() <= trim) return wide;
  const std::int64_t start = best_window(wide->information(background), trim);
  return wide->trimmed(start, start + trim).expanded(flank, flank);
}

}  // namespace basewise::motifs::detail
