#include "basewise/motifs/detail/span_null.h"

#include <array>

#include "basewise/core/parallel.h"

namespace basewise::motifs::detail {
namespace {

constexpr std::int64_t kBlock = 64;  // sums that are kept in registers
constexpr std::int64_t kPiece = std::int64_t{1} << 20;

/// Convolution of `previous` with `f`, each sum in the order of ascending `previous`, without terms
/// that are zero: as tangermeme adds them.
std::vector<double> convolve(const std::vector<double>& previous, const std::vector<double>& f) {
  const auto bins = static_cast<std::int64_t>(f.size()), before = static_cast<std::int64_t>(previous.size());
  const std::int64_t after = before + bins - 1, blocks = (after + kBlock - 1) / kBlock;
  std::vector<std::int64_t> used;
  for (std::int64_t j = bins - 1; j >= 0; --j)
    if (f[j] != 0) used.push_back(j);
  // Zeros around let every block read whole.
  std::vector<double> padded(bins + blocks * kBlock + kBlock, 0.0);
  std::copy(previous.begin(), previous.end(), padded.begin() + bins);
  std::vector<double> result(blocks * kBlock, 0.0);
  parallel_for(blocks, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t m = begin * kBlock; m < end * kBlock; m += kBlock) {
      std::array<double, kBlock> sums{};
      for (const std::int64_t j : used) {
        if (j > m + kBlock - 1 || j < m - before + 1) continue;
        const double* from = padded.data() + bins + m - j;
        const double weight = f[j];
        for (std::int64_t b = 0; b < kBlock; ++b) sums[b] += from[b] * weight;
      }
      std::copy(sums.begin(), sums.end(), result.begin() + m);
    }
  });
  result.resize(after);
  return result;
}

}  // namespace

SpanNull::SpanNull(std::span<const float> values, float sign, float low, float high, std::int64_t bins, std::int64_t longest)
    : low_(low), width_(static_cast<double>(high - low) / static_cast<double>(bins - 1)), bins_(bins), row_(1, 0) {
  const std::vector<double> f = frequencies(values, sign);
  std::vector<double> probability = f;
  add_tail(1, probability);
  for (std::int64_t k = 2; k <= longest; ++k) {
    probability = convolve(probability, f);
    add_tail(k, probability);
  }
}

std::vector<double> SpanNull::frequencies(std::span<const float> values, float sign) const {
  const auto n = static_cast<std::int64_t>(values.size()), pieces = (n + kPiece - 1) / kPiece;
  std::vector<std::vector<std::int64_t>> counts(pieces);
  parallel_for(pieces, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t p = begin; p < end; ++p) {
      counts[p].assign(bins_, 0);
      for (const float x : values.subspan(p * kPiece, std::min(kPiece, n - p * kPiece))) ++counts[p][bin(sign * x)];
    }
  });
  std::vector<double> f(bins_, 0.0);
  for (std::int64_t b = 0; b < bins_; ++b) {
    std::int64_t count = 0;
    for (const auto& piece : counts) count += piece[b];
    f[b] = static_cast<double>(count) / static_cast<double>(n);
  }
  return f;
}

void SpanNull::add_tail(std::int64_t length, std::span<const double> probability) {
  row_.resize(length + 1);
  row_[length] = static_cast<std::int64_t>(tails_.size());
  tails_.resize(tails_.size() + probability.size());
  // From the top: 1 minus the other end would lose small tails.
  double sum = 0;
  for (auto i = static_cast<std::int64_t>(probability.size()) - 1; i >= 0; --i) tails_[row_[length] + i] = sum += probability[i];
}

}  // namespace basewise::motifs::detail
