#include "basewise/nn/detail/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace basewise::nn::detail {
namespace {

using ops::AttentionReach;
using ops::AttentionTensors;

// Queries at once: scores of a piece are (heads, N, queries, queries + reach).
constexpr std::int64_t kQueries = 512;

// Keys and queries [from, to).
struct Piece {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::int64_t first_key = 0;
  std::int64_t last_key = 0;  // one past it
};

// For each query of a piece and each key of it the number of row n - j, out of rows (..., queries,
// left + right + 1): p[i, s] belongs to key i + s, counted from where the first query's rows begin.
// With as many zeros as there are queries behind each row, reading on in steps that are one shorter
// puts each row one place further right.
at::Tensor skewed(const at::Tensor& rows) {
  const std::int64_t queries = rows.size(-2), reach = rows.size(-1);
  const at::Tensor flat = at::constant_pad_nd(rows, {0, queries}).flatten(-2);
  std::vector<std::int64_t> sizes = rows.sizes().vec();
  sizes.back() = reach + queries - 1;
  return flat.slice(-1, 0, queries * (reach + queries - 1)).view(sizes);
}

// Whether a query attends to a key: (queries, keys), or (N, queries, keys) where keys are absent.
at::Tensor allowed(const AttentionTensors& a, const AttentionReach& reach, const Piece& p) {
  const at::TensorOptions whole = a.query.options().dtype(at::kLong).requires_grad(std::nullopt);
  const at::Tensor keys = at::arange(p.first_key, p.last_key, whole);
  const at::Tensor offset = keys - at::arange(reach.before + p.from, reach.before + p.to, whole).unsqueeze(1);
  const at::Tensor near = (offset >= -reach.left).logical_and(offset <= reach.right);
  if (!a.absent.defined()) return near;
  return near.logical_and(keys >= a.absent.to(a.query.device()).view({-1, 1, 1}));
}

at::Tensor scores(const AttentionTensors& a, const AttentionReach& reach, const Piece& p) {
  const auto biased = [](const at::Tensor& q, const at::Tensor& bias) { return bias.defined() ? q + bias.unsqueeze(1).unsqueeze(1) : q; };
  const at::Tensor query = a.query.slice(2, p.from, p.to), key = a.key.slice(2, p.first_key, p.last_key);
  at::Tensor s = at::matmul(biased(query, a.content_bias), key.transpose(2, 3));
  if (a.position.defined()) {
    const at::Tensor rows = at::matmul(biased(query, a.position_bias), a.position.unsqueeze(1).transpose(2, 3));
    const std::int64_t start = reach.before + p.from - reach.left;
    s = s + skewed(rows).slice(3, p.first_key - start, p.last_key - start);
  }
  s = s * (1.0 / std::sqrt(static_cast<double>(a.query.size(3))));
  return s.masked_fill(allowed(a, reach, p).logical_not(), -std::numeric_limits<double>::infinity());
}

}  // namespace

at::Tensor attend(const AttentionTensors& a, const AttentionReach& reach) {
  const std::int64_t queries = a.query.size(2), keys = a.key.size(2);
  std::vector<at::Tensor> pieces;
  for (std::int64_t from = 0; from < queries; from += kQueries) {
    Piece p{from, std::min(from + kQueries, queries)};
    p.first_key = std::max<std::int64_t>(0, reach.before + p.from - reach.left);
    p.last_key = std::min(keys, reach.before + p.to + reach.right);
    pieces.push_back(at::matmul(scores(a, reach, p).softmax(3), a.value.slice(2, p.first_key, p.last_key)));
  }
  return pieces.size() == 1 ? pieces.front() : at::cat(pieces, 2);
}

at::Tensor sines(const at::Tensor& places, std::int64_t channels) {
  const at::TensorOptions precise = places.options().dtype(at::kDouble);
  const at::Tensor rates = at::pow(10000.0, at::arange(0, channels, 2, precise) * (-1.0 / static_cast<double>(channels)));
  const at::Tensor angles = places.to(at::kDouble).unsqueeze(-1) * rates;
  return at::cat({angles.sin(), angles.cos()}, -1);
}

at::Tensor turned(const at::Tensor& x, std::int64_t first) {
  const std::int64_t width = x.size(-1);
  const at::TensorOptions whole = x.options().dtype(at::kLong).requires_grad(std::nullopt);
  const at::Tensor angles = sines(at::arange(first, first + x.size(-2), whole), width).to(x.scalar_type());
  const at::Tensor sine = angles.slice(1, 0, width / 2), cosine = angles.slice(1, width / 2);
  const at::Tensor even = x.slice(-1, 0, width, 2), odd = x.slice(-1, 1, width, 2);
  return at::stack({even * cosine - odd * sine, even * sine + odd * cosine}, -1).flatten(-2);
}

}  // namespace basewise::nn::detail
