#include "basewise/metrics/simplify.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "basewise/core/error.h"

namespace basewise::metrics {
namespace {

/// Share of the bound that the quick first pass may use.
constexpr double kFirstPass = 0.2;

using Indices = std::vector<std::size_t>;

/// Distance of point p from the line between points a and b: the smallest, over the line, of the
/// larger of both coordinate differences.
double distance(const Curve& c, std::size_t p, std::size_t a, std::size_t b) {
  const double ux = c.x[b] - c.x[a], uy = c.y[b] - c.y[a];
  const double px = c.x[p] - c.x[a], py = c.y[p] - c.y[a];
  const auto at = [&](double t) { return std::max(std::abs(px - t * ux), std::abs(py - t * uy)); };
  const auto ratio = [](double top, double bottom) { return bottom == 0 ? 0.0 : std::clamp(top / bottom, 0.0, 1.0); };
  // The larger of two V-shaped functions of t is smallest where they meet or at the foot of one of
  // them.
  const std::array places = {1.0, ratio(px, ux), ratio(py, uy), ratio(px - py, ux - uy), ratio(px + py, ux + uy)};
  double nearest = at(0);
  for (const double t : places) nearest = std::min(nearest, at(t));
  return nearest;
}

/// The points that the rule of `roc_curve` keeps with this tolerance, and those that must stay;
/// linear, for curves of millions of points.
Indices first_pass(const Curve& c, double tolerance, const std::vector<bool>& must) {
  Indices kept{0};
  double low = c.y[0], high = c.y[0];
  for (std::size_t i = 1; i + 1 < c.x.size(); ++i) {
    low = std::min({low, c.y[i], c.y[i + 1]});
    high = std::max({high, c.y[i], c.y[i + 1]});
    if (high - low <= tolerance && !must[i]) continue;
    kept.push_back(i);
    low = std::min(c.y[i], c.y[i + 1]);
    high = std::max(c.y[i], c.y[i + 1]);
  }
  kept.push_back(c.x.size() - 1);
  return kept;
}

/// Marks the points between two kept ones that must be kept too.
void split(const Curve& c, const Indices& points, double bound, std::size_t first, std::size_t last, std::vector<bool>& kept) {
  std::vector<std::pair<std::size_t, std::size_t>> stretches{{first, last}};
  while (!stretches.empty()) {
    const auto [a, b] = stretches.back();
    stretches.pop_back();
    std::size_t worst = a;
    double far = bound;
    for (std::size_t i = a + 1; i < b; ++i) {
      const double d = distance(c, points[i], points[a], points[b]);
      if (d > far) worst = i, far = d;
    }
    if (worst == a) continue;
    kept[worst] = true;
    stretches.emplace_back(a, worst);
    stretches.emplace_back(worst, b);
  }
}

template <class Value>
std::size_t largest(const Curve& c, Value value) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < c.x.size(); ++i)
    if (value(c.x[i], c.y[i]) > value(c.x[best], c.y[best])) best = i;
  return best;
}

}  // namespace

Curve simplify(const Curve& curve, double bound, std::span<const std::size_t> keep) {
  if (!(bound >= 0)) throw ArgumentError(format("bound of a curve is {}: expected a number that is not negative", bound));
  if (bound == 0 || curve.x.size() < 3) return curve;
  std::vector<bool> must(curve.x.size(), false);
  for (const std::size_t i : keep) must.at(i) = true;
  must.front() = must.back() = true;
  const Indices points = first_pass(curve, kFirstPass * bound, must);
  std::vector<bool> kept(points.size(), false);
  for (std::size_t i = 0; i < points.size(); ++i) kept[i] = must[points[i]];
  for (std::size_t first = 0, i = 1; i < points.size(); ++i) {
    if (!must[points[i]]) continue;
    split(curve, points, (1 - kFirstPass) * bound, first, i, kept);
    first = i;
  }
  Curve result;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!kept[i]) continue;
    result.x.push_back(curve.x[points[i]]);
    result.y.push_back(curve.y[points[i]]);
    result.threshold.push_back(curve.threshold[points[i]]);
  }
  return result;
}

std::size_t youden_point(const Curve& roc) {
  return largest(roc, [](double x, double y) { return y - x; });
}

std::size_t best_f1_point(const Curve& precision_recall) {
  return largest(precision_recall, [](double x, double y) { return x + y > 0 ? 2 * x * y / (x + y) : 0; });
}

}  // namespace basewise::metrics
