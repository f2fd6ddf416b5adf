#include "basewise/metrics/variant_scores.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "basewise/core/error.h"

namespace basewise::metrics {
namespace {

using Values = std::span<const double>;
using Function = double (*)(double);

double same(double x) { return x; }
double log_one(double x) { return std::log2(x + 1); }
double root(double x) { return std::sqrt(x); }

double sum(Values x, Function f = same) {
  double total = 0;
  for (const double value : x) total += f(value);
  return total;
}

/// Sum of f(a) - f(r).
double difference(Values r, Values a, Function f) {
  double total = 0;
  for (std::size_t i = 0; i < r.size(); ++i) total += f(a[i]) - f(r[i]);
  return total;
}

double distance_1(Values r, Values a, Function f) {
  double total = 0;
  for (std::size_t i = 0; i < r.size(); ++i) total += std::abs(f(a[i]) - f(r[i]));
  return total;
}

double distance_2(Values r, Values a, Function f) {
  double total = 0;
  for (std::size_t i = 0; i < r.size(); ++i) total += (f(a[i]) - f(r[i])) * (f(a[i]) - f(r[i]));
  return std::sqrt(total);
}

/// The value of the first bin where `of` is largest in size; none where `of` has none for a bin.
template <class F, class Value>
double at_farthest(std::size_t bins, F of, Value value) {
  std::size_t best = 0;
  double most = -1;
  for (std::size_t i = 0; i < bins; ++i) {
    const double size = std::abs(of(i));
    if (std::isnan(size)) return size;
    if (size > most) best = i, most = size;
  }
  return value(best);
}

/// The 25th percentile, between two values where it falls between them.
double lower_quartile(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  const double at = 0.25 * static_cast<double>(x.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const double next = below + 1 < x.size() ? x[below + 1] : x[below];
  return x[below] + (at - std::floor(at)) * (next - x[below]);
}

double divergence(const std::vector<double>& p, const std::vector<double>& q) {
  double total = 0;
  for (std::size_t i = 0; i < p.size(); ++i)
    if (p[i] != 0) total += p[i] * std::log(p[i] / q[i]);
  return total;
}

/// NaN where the sum is not above 0.
std::vector<double> shares(Values x, double more, Function f) {
  std::vector<double> all;
  double total = 0;
  for (const double value : x) total += all.emplace_back(f(value) + more);
  if (!(total > 0)) total = std::nan("");
  for (double& value : all) value /= total;
  return all;
}

bool are_shares(Values x) {
  return std::all_of(x.begin(), x.end(), [](double value) { return value >= 0; });
}

/// (KL(r, a) + KL(a, r)) / 2.
double symmetric_divergence(Values r, Values a, Function f) {
  std::vector<double> transformed;
  for (const double value : r) transformed.push_back(f(value));
  // NaN would have no place in the order that the quartile needs.
  if (std::any_of(transformed.begin(), transformed.end(), [](double value) { return std::isnan(value); })) return std::nan("");
  const double pseudocount = lower_quartile(transformed);
  const auto p = shares(r, pseudocount, f), q = shares(a, pseudocount, f);
  if (!are_shares(p) || !are_shares(q)) return std::nan("");
  return (divergence(p, q) + divergence(q, p)) / 2;
}

double jensen_shannon_distance(Values r, Values a) {
  const auto p = shares(r, 0, same), q = shares(a, 0, same);
  if (!are_shares(p) || !are_shares(q)) return std::nan("");
  std::vector<double> middle;
  for (std::size_t i = 0; i < p.size(); ++i) middle.push_back((p[i] + q[i]) / 2);
  const double bits = (divergence(p, middle) + divergence(q, middle)) / 2 / std::log(2.0);
  return std::sqrt(std::max(bits, 0.0));
}

}  // namespace

double variant_score(VariantScore score, Values ref, Values alt, double pseudocount) {
  if (ref.size() != alt.size() || ref.empty())
    throw ArgumentError(
        format("a score of a variant needs as many bins of both alleles, at least 1; there are {} and {}", ref.size(), alt.size()));
  const std::size_t bins = ref.size();
  const double mean_ref = sum(ref) / static_cast<double>(bins), mean_alt = sum(alt) / static_cast<double>(bins);
  const auto change = [&](std::size_t i) { return alt[i] - ref[i]; };
  const auto ratio = [&](std::size_t i) { return std::log2(alt[i] + pseudocount) - std::log2(ref[i] + pseudocount); };
  switch (score) {
    case VariantScore::sad:
      return difference(ref, alt, same);
    case VariantScore::log_sad:
      return difference(ref, alt, log_one);
    case VariantScore::sqrt_sum:
      return difference(ref, alt, root);
    case VariantScore::log_sed:
    case VariantScore::logfc:
      return log_one(sum(alt)) - log_one(sum(ref));
    case VariantScore::sax:
      return at_farthest(bins, change, change);
    case VariantScore::d1:
      return distance_1(ref, alt, same);
    case VariantScore::log_d1:
      return distance_1(ref, alt, log_one);
    case VariantScore::sqrt_d1:
      return distance_1(ref, alt, root);
    case VariantScore::d2:
      return distance_2(ref, alt, same);
    case VariantScore::log_d2:
      return distance_2(ref, alt, log_one);
    case VariantScore::sqrt_d2:
      return distance_2(ref, alt, root);
    case VariantScore::js:
      return symmetric_divergence(ref, alt, same);
    case VariantScore::log_js:
      return symmetric_divergence(ref, alt, log_one);
    case VariantScore::ref:
      return sum(ref);
    case VariantScore::alt:
      return sum(alt);
    case VariantScore::usad:
      return mean_alt - mean_ref;
    case VariantScore::usar:
      return std::log2(mean_alt + pseudocount) - std::log2(mean_ref + pseudocount);
    case VariantScore::xsad:
      return at_farthest(bins, ratio, change);
    case VariantScore::xsar:
      return at_farthest(bins, ratio, ratio);
    case VariantScore::jsd:
      return jensen_shannon_distance(ref, alt);
  }
  throw InternalError("a score of a variant of no kind");
}

double both_strands(VariantScore score, double forward, double reverse) {
  const bool norm = score == VariantScore::d2 || score == VariantScore::log_d2 || score == VariantScore::sqrt_d2;
  return norm ? std::sqrt(forward * forward + reverse * reverse) : forward + reverse;
}

}  // namespace basewise::metrics
