#include "basewise/learn/detail/symmetric_eigen.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/learn/detail/dense.h"

namespace basewise::learn::detail {
namespace {

constexpr std::int64_t kWork = 1 << 16;  // multiplications that are worth a thread
constexpr std::int64_t kPiece = 256;     // columns of the vectors that are turned together
constexpr std::int64_t kSteps = 60;      // for one eigenvalue; two or three are usual

/// I - scale v v^T
struct Reflection {
  std::vector<double> v = {};
  double scale = 0;
};

/// A plane rotation of rows i and i + 1.
struct Rotation {
  std::size_t i = 0;
  double c = 1, s = 0;
};

class Solver {
 public:
  Solver(std::vector<double> matrix, std::size_t n) : n_(n), a_(std::move(matrix)), diagonal_(n), beside_(n) {}

  EigenPairs solve() {
    std::vector<Reflection> reflections;
    for (std::size_t k = 0; k + 2 < n_; ++k) reflections.push_back(reduce(k));
    for (std::size_t k = 0; k < n_; ++k) diagonal_[k] = a_[k * n_ + k];
    if (n_ > 1) beside_[n_ - 2] = a_[(n_ - 1) * n_ + n_ - 2];
    make_vectors(reflections);
    diagonalise();
    return sorted();
  }

 private:
  template <class Body>
  void for_rows(std::size_t first, const Body& body) const {
    const auto rows = static_cast<std::int64_t>(n_ - first);
    parallel_for(rows, 1 + kWork / std::max<std::int64_t>(1, rows), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) body(first + static_cast<std::size_t>(row));
    });
  }

  std::span<double> row(std::size_t i, std::size_t first) { return std::span(a_).subspan(i * n_ + first, n_ - first); }

  /// Makes column k zero below the diagonal's neighbour: A becomes H A H.
  Reflection reduce(std::size_t k) {
    const std::size_t first = k + 1;
    Reflection h = {.v = std::vector<double>(n_ - first)};
    for (std::size_t i = first; i < n_; ++i) h.v[i - first] = a_[i * n_ + k];
    const double most = std::accumulate(h.v.begin() + 1, h.v.end(), 0.0, [](double a, double b) { return std::max(a, std::abs(b)); });
    beside_[k] = h.v.front();
    if (most == 0) return h;
    const double length = std::sqrt(dot(h.v, h.v));
    beside_[k] = h.v.front() > 0 ? -length : length;
    h.v.front() -= beside_[k];
    h.scale = 2 / dot(h.v, h.v);
    std::vector<double> w(h.v.size());
    for_rows(first, [&](std::size_t i) { w[i - first] = h.scale * dot(row(i, first), h.v); });
    add_scaled(-h.scale / 2 * dot(w, h.v), h.v, w);
    for_rows(first, [&](std::size_t i) {
      add_scaled(-h.v[i - first], w, row(i, first));
      add_scaled(-w[i - first], h.v, row(i, first));
    });
    return h;
  }

  /// The transposed product of the reflections, in place of the matrix.
  void make_vectors(const std::vector<Reflection>& reflections) {
    std::fill(a_.begin(), a_.end(), 0.0);
    for (std::size_t i = 0; i < n_; ++i) a_[i * n_ + i] = 1;
    for (std::size_t k = reflections.size(); k > 0; --k) {
      const Reflection& h = reflections[k - 1];
      if (h.scale == 0) continue;
      for_rows(k, [&](std::size_t i) { add_scaled(-h.scale * dot(row(i, k), h.v), h.v, row(i, k)); });
    }
  }

  void diagonalise() {
    double norm = 0;
    for (std::size_t i = 0; i < n_; ++i) norm = std::max(norm, std::abs(diagonal_[i]) + std::abs(beside_[i]));
    const double nothing = std::numeric_limits<double>::epsilon() * norm;
    std::size_t last = n_ - 1;
    for (std::int64_t steps = 0; last > 0;) {
      std::size_t first = last;
      while (first > 0 && std::abs(beside_[first - 1]) > nothing) --first;
      if (first == last) {
        beside_[--last] = 0;
        steps = 0;
        continue;
      }
      if (++steps > kSteps) throw InternalError("eigenvalues do not converge");
      turn(qr_step(first, last));
    }
  }

  /// One implicit step on rows first..last of the three diagonals.
  std::vector<Rotation> qr_step(std::size_t first, std::size_t last) {
    const double half = (diagonal_[last - 1] - diagonal_[last]) / 2, end = beside_[last - 1];
    const double shift = diagonal_[last] - end * end / (half + std::copysign(std::hypot(half, end), half));
    std::vector<Rotation> rotations;
    double x = diagonal_[first] - shift, bulge = beside_[first];
    for (std::size_t k = first; k < last; ++k) {
      const double r = std::hypot(x, bulge);
      const double c = r > 0 ? x / r : 1, s = r > 0 ? bulge / r : 0;
      if (k > first) beside_[k - 1] = r;
      const double d = diagonal_[k], e = beside_[k], f = diagonal_[k + 1];
      diagonal_[k] = c * c * d + 2 * c * s * e + s * s * f;
      diagonal_[k + 1] = s * s * d - 2 * c * s * e + c * c * f;
      beside_[k] = c * s * (f - d) + (c * c - s * s) * e;
      x = beside_[k];
      if (k + 1 < last) {
        bulge = s * beside_[k + 1];
        beside_[k + 1] *= c;
      }
      rotations.push_back({k, c, s});
    }
    return rotations;
  }

  /// Rotations of the rows of the vectors.
  void turn(const std::vector<Rotation>& rotations) {
    const std::int64_t pieces = (static_cast<std::int64_t>(n_) + kPiece - 1) / kPiece;
    parallel_for(pieces, 1 + kWork / (kPiece * std::ssize(rotations)), [&](std::int64_t begin, std::int64_t end) {
      const auto from = static_cast<std::size_t>(begin * kPiece), to = std::min(n_, static_cast<std::size_t>(end * kPiece));
      for (const Rotation& r : rotations) {
        double* upper = a_.data() + r.i * n_;
        double* lower = upper + n_;
        for (std::size_t j = from; j < to; ++j) {
          const double u = upper[j], l = lower[j];
          upper[j] = r.c * u + r.s * l;
          lower[j] = r.c * l - r.s * u;
        }
      }
    });
  }

  EigenPairs sorted() const {
    std::vector<std::size_t> order(n_);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return diagonal_[a] > diagonal_[b]; });
    EigenPairs eigen;
    for (const std::size_t i : order) {
      eigen.values.push_back(diagonal_[i]);
      eigen.vectors.insert(eigen.vectors.end(), a_.begin() + static_cast<std::ptrdiff_t>(i * n_),
                           a_.begin() + static_cast<std::ptrdiff_t>((i + 1) * n_));
    }
    return eigen;
  }

  std::size_t n_;
  std::vector<double> a_;  // (n, n); the vectors, row by row, once the matrix is reduced
  std::vector<double> diagonal_, beside_;
};

}  // namespace

EigenPairs symmetric_eigen(std::vector<double> matrix, std::size_t n) {
  if (n == 0 || matrix.size() != n * n) throw ArgumentError(format("{} numbers are no matrix of {} rows", matrix.size(), n));
  return Solver(std::move(matrix), n).solve();
}

}  // namespace basewise::learn::detail
