#include "basewise/metrics/profile.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <math.h>

#include "basewise/core/parallel.h"
#include "basewise/metrics/detail/checks.h"
#include "basewise/metrics/detail/profile_example.h"
#include "basewise/metrics/registry.h"

namespace basewise::metrics {
namespace {

using detail::ProfileExample;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// The mean of what is defined.
class Mean {
 public:
  void add(double x) {
    if (std::isnan(x)) return;
    sum_ += x;
    n_ += 1;
  }
  double value() const { return n_ > 0 ? sum_ / n_ : kNaN; }

 private:
  double sum_ = 0;
  double n_ = 0;
};

constexpr std::int64_t kRadius = 3;  // sigma 3, cut off at one sigma

std::array<double, kRadius + 1> smoothing_weights() {
  std::array<double, kRadius + 1> w{};
  double sum = 0;
  for (std::int64_t k = 0; k <= kRadius; ++k) {
    w[k] = std::exp(-0.5 * static_cast<double>(k * k) / 9.0);
    sum += k == 0 ? w[k] : 2 * w[k];
  }
  for (double& x : w) x /= sum;
  return w;
}

/// Place of the mirrored value: ... 1 0 | 0 1 ... n-1 | n-1 n-2 ...
std::int64_t mirrored(std::int64_t i, std::int64_t n) {
  const std::int64_t around = ((i % (2 * n)) + 2 * n) % (2 * n);
  return around < n ? around : 2 * n - 1 - around;
}

/// Smoothed and divided by the sum; false where there is nothing.
bool smoothed_distribution(std::span<const double> values, std::vector<double>& out) {
  static const auto w = smoothing_weights();
  const auto n = static_cast<std::int64_t>(values.size());
  out.resize(values.size());
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    double x = w[0] * values[i];
    if (i >= kRadius && i + kRadius < n) {
      for (std::int64_t k = 1; k <= kRadius; ++k) x += w[k] * (values[i - k] + values[i + k]);
    } else {
      for (std::int64_t k = 1; k <= kRadius; ++k) x += w[k] * (values[mirrored(i - k, n)] + values[mirrored(i + k, n)]);
    }
    out[i] = x;
    sum += x;
  }
  if (!(sum > 0)) return false;
  for (double& x : out) x /= sum;
  return true;
}

double divergence(double p, double m) { return p > 0 ? p * std::log(p / m) : 0; }

double jsd(ProfileExample& e, std::int64_t) {
  Mean mean;
  for (std::int64_t s = 0; s < e.strands; ++s) {
    if (!e.measured[s] || !(e.reads[s] > 0)) continue;
    if (!smoothed_distribution(e.probability(s), e.smooth_a) || !smoothed_distribution(e.count(s), e.smooth_b)) continue;
    double sum = 0;
    for (std::size_t i = 0; i < e.smooth_a.size(); ++i) {
      const double p = e.smooth_a[i], q = e.smooth_b[i], m = 0.5 * (p + q);
      sum += divergence(p, m) + divergence(q, m);
    }
    mean.add(std::max(0.0, 0.5 * sum));  // rounding alone would go below
  }
  return mean.value();
}

double correlation(std::span<const double> x, std::span<const double> y) {
  const auto n = static_cast<double>(x.size());
  double mean_x = 0, mean_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) mean_x += x[i], mean_y += y[i];
  mean_x /= n, mean_y /= n;
  double sxx = 0, syy = 0, sxy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double dx = x[i] - mean_x, dy = y[i] - mean_y;
    sxx += dx * dx, syy += dy * dy, sxy += dx * dy;
  }
  // Values that differ by rounding only are constant: their correlation would be noise.
  const auto constant = [n](double squares, double mean) { return !(squares > n * mean * mean * 1e-26); };
  if (x.size() < 2 || constant(sxx, mean_x) || constant(syy, mean_y)) return kNaN;
  return std::clamp(sxy / std::sqrt(sxx) / std::sqrt(syy), -1.0, 1.0);
}

/// Ranks from 1, ties share their mean.
std::vector<double> ranks_of(std::span<const double> values) {
  struct Item {
    double value;
    std::uint32_t index;
  };
  std::vector<Item> order(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) order[i] = {values[i], static_cast<std::uint32_t>(i)};
  std::sort(order.begin(), order.end(), [](const Item& a, const Item& b) { return a.value < b.value; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    while (end < order.size() && order[end].value == order[i].value) ++end;
    const double rank = 0.5 * static_cast<double>(i + 1 + end);
    for (; i < end; ++i) ranks[order[i].index] = rank;
  }
  return ranks;
}

double rank_correlation(std::span<const double> x, std::span<const double> y) { return correlation(ranks_of(x), ranks_of(y)); }

using Correlation = double (*)(std::span<const double>, std::span<const double>);

/// Calls f for the bin size asked for, or for each of the usual ones.
template <class F>
void each_bin(std::int64_t bin, F f) {
  if (bin > 0) return f(bin);
  for (const std::int64_t size : kProfileBins) f(size);
}

template <class Reduce>
std::vector<double> binned(std::span<const double> values, std::int64_t bin, Reduce reduce) {
  if (bin == 1) return {values.begin(), values.end()};
  const auto size = static_cast<std::size_t>(bin);
  std::vector<double> out;
  out.reserve(values.size() / size + 1);
  for (std::size_t i = 0; i < values.size(); i += size) out.push_back(reduce(values.subspan(i, std::min(size, values.size() - i))));
  return out;
}

/// Not the sum: a last bin that is shorter would stand out.
double average(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

template <Correlation correlate>
double per_strand(ProfileExample& e, std::int64_t bin) {
  Mean mean;
  for (std::int64_t s = 0; s < e.strands; ++s) {
    if (!e.measured[s]) continue;
    each_bin(bin,
             [&](std::int64_t size) { mean.add(correlate(binned(e.unscaled_of(s), size, average), binned(e.count(s), size, average))); });
  }
  return mean.value();
}

/// (strands, length) to (length, strands).
std::vector<double> interleaved(std::span<const double> rows, std::int64_t strands, std::int64_t length) {
  std::vector<double> out(rows.size());
  for (std::int64_t s = 0; s < strands; ++s)
    for (std::int64_t i = 0; i < length; ++i) out[i * strands + s] = rows[s * length + i];
  return out;
}

template <Correlation correlate>
double as_published(ProfileExample& e, std::int64_t bin) {
  if (std::find(e.measured.begin(), e.measured.end(), false) != e.measured.end()) return kNaN;
  // Counts are comparable between strands as they are; shares of a strand with three reads would
  // outweigh one with hundreds.
  const auto p = interleaved(e.given_as_counts ? e.unscaled : e.probabilities, e.strands, e.length),
             n = interleaved(e.counts, e.strands, e.length);
  Mean mean;
  // Values are not negative: zeros that fill up the last bin never are its maximum alone, so they
  // can be left out.
  const auto largest = [](std::span<const double> x) { return *std::max_element(x.begin(), x.end()); };
  each_bin(bin, [&](std::int64_t size) { mean.add(correlate(binned(p, size, largest), binned(n, size, largest))); });
  return mean.value();
}

/// log(n!) also between whole numbers. The function of the C library with a result of its own:
/// std::lgamma writes a global.
double log_factorial(double n) {
  if (n == 0 || n == 1) return 0;
  int sign = 0;
  return ::lgamma_r(n + 1, &sign);
}

/// -sum(n log p) of a strand.
double cross_entropy(const ProfileExample& e, std::int64_t s) {
  double sum = 0;
  for (std::int64_t i = s * e.length; i < (s + 1) * e.length; ++i)
    if (e.counts[i] > 0) sum -= e.counts[i] * e.log_probabilities[i];
  return sum;
}

double multinomial_nll(ProfileExample& e, std::int64_t) {
  double sum = 0;
  for (std::int64_t s = 0; s < e.strands; ++s) {
    if (!e.measured[s]) return kNaN;
    sum += cross_entropy(e, s) - log_factorial(e.reads[s]);
    for (const double n : e.count(s)) sum += log_factorial(n);
  }
  return sum;
}

double cross_entropy_per_read(ProfileExample& e, std::int64_t) {
  double sum = 0, reads = 0;
  for (std::int64_t s = 0; s < e.strands; ++s) {
    if (!e.measured[s]) continue;
    sum += cross_entropy(e, s);
    reads += e.reads[s];
  }
  return reads > 0 ? sum / reads : kNaN;
}

[[noreturn]] void throw_value(std::string_view what, float value, std::int64_t example, std::int64_t strand, std::int64_t position,
                              std::string_view expected) {
  throw ArgumentError(
      format("{} is {} in example {}, strand {}, position {}: expected {}", what, value, example, strand, position, expected));
}

/// The probabilities of one strand.
void set_strand(ProfileExample& e, const ProfileBatch& batch, std::int64_t example, std::int64_t s) {
  const std::int64_t from = (example * e.strands + s) * e.length, to = s * e.length;
  e.measured[s] =
      batch.mask.empty() || std::all_of(batch.mask.begin() + from, batch.mask.begin() + from + e.length, [](auto m) { return m; });
  e.reads[s] = 0;
  if (!e.measured[s]) return;
  const bool logits = batch.scale == ProfileScale::logit;
  double most = -kInfinity, sum = 0;
  for (std::int64_t i = 0; i < e.length; ++i) {
    const float x = batch.predictions[from + i], n = batch.counts[from + i];
    if (!std::isfinite(x)) throw_value("prediction", x, example, s, i, "a finite number");
    if (!logits && x < 0) throw_value("prediction", x, example, s, i, "no negative count");
    if (!(n >= 0) || std::isinf(n)) throw_value("count", n, example, s, i, "a finite number that is not negative");
    e.counts[to + i] = n;
    e.reads[s] += n;
    most = std::max<double>(most, x);
  }
  for (std::int64_t i = 0; i < e.length; ++i) {
    const double x = batch.predictions[from + i];
    e.unscaled[to + i] = logits ? std::exp(x - most) : x;
    sum += e.unscaled[to + i];
  }
  e.measured[s] = sum > 0;
  if (!(sum > 0)) return;
  const double log_sum = std::log(sum);
  for (std::int64_t i = 0; i < e.length; ++i) {
    const double p = e.unscaled[to + i];
    e.probabilities[to + i] = p / sum;
    e.log_probabilities[to + i] = logits ? batch.predictions[from + i] - most - log_sum : p > 0 ? std::log(p) - log_sum : -kInfinity;
  }
}

std::int64_t examples_of(const ProfileBatch& b) {
  if (b.strands < 1 || b.length < 1)
    throw ArgumentError(format("profiles of {} strands and {} positions: expected at least one of each", b.strands, b.length));
  const auto row = static_cast<std::size_t>(b.strands * b.length);
  if (b.predictions.size() % row)
    throw ArgumentError(
        format("{} predictions are no whole number of examples of {} strands and {} positions", b.predictions.size(), b.strands, b.length));
  detail::check_size(b.predictions.size(), b.counts.size(), "counts");
  detail::check_size(b.predictions.size(), b.mask.size(), "mask", true);
  return static_cast<std::int64_t>(b.predictions.size() / row);
}

struct Wanted {
  detail::ProfileFunction function;
  std::int64_t bin;
};

Wanted wanted(const std::string& name) {
  const MetricInfo info = find_metric(name);
  const auto& all = detail::profile_metrics();
  const auto metric = std::find_if(all.begin(), all.end(), [&](const auto& m) { return m.name == info.name; });
  if (metric == all.end()) throw ArgumentError(format("metric '{}' is not one of profiles", name));
  return {metric->function, static_cast<std::int64_t>(info.parameter_value)};
}

}  // namespace

namespace detail {

const std::vector<ProfileMetric>& profile_metrics() {
  static const std::vector<ProfileMetric> all = {
      {"jsd", false, false, "Jensen-Shannon divergence of smoothed profiles, mean over strands", jsd},
      {"profile_pearson", true, true, "Pearson correlation along a strand, mean over strands and bins of 1, 5, 10",
       per_strand<correlation>},
      {"profile_spearman", true, true, "Spearman correlation along a strand, mean over strands and bins of 1, 5, 10",
       per_strand<rank_correlation>},
      {"profile_pearson_as_published", true, true, "Pearson correlation of the maxima of bins over interleaved strands",
       as_published<correlation>},
      {"profile_spearman_as_published", true, true, "Spearman correlation of the maxima of bins over interleaved strands",
       as_published<rank_correlation>},
      {"multinomial_nll", false, false, "negative log probability of the counts, factorials included, summed over strands",
       multinomial_nll},
      {"cross_entropy_per_read", false, false, "negative log probability of a read's position, in nats", cross_entropy_per_read},
  };
  return all;
}

}  // namespace detail

std::vector<double> smooth_profile(std::span<const double> values) {
  std::vector<double> out;
  double sum = 0;
  for (const double x : values) sum += x;
  // Mirrored ends keep the sum: what is divided out is put back.
  if (smoothed_distribution(values, out))
    for (double& x : out) x *= sum;
  return out;
}

std::vector<std::vector<double>> compute_profiles(const std::vector<std::string>& names, const ProfileBatch& batch) {
  const std::int64_t n = examples_of(batch);
  std::vector<Wanted> metrics;
  for (const auto& name : names) metrics.push_back(wanted(name));
  std::vector<std::vector<double>> values(names.size(), std::vector<double>(static_cast<std::size_t>(n)));
  parallel_for(n, 1, [&](std::int64_t begin, std::int64_t end) {
    const auto row = static_cast<std::size_t>(batch.strands * batch.length), strands = static_cast<std::size_t>(batch.strands);
    ProfileExample e{.strands = batch.strands,
                     .length = batch.length,
                     .given_as_counts = batch.scale == ProfileScale::counts,
                     .unscaled = std::vector<double>(row),
                     .probabilities = std::vector<double>(row),
                     .log_probabilities = std::vector<double>(row, -kInfinity),
                     .counts = std::vector<double>(row),
                     .reads = std::vector<double>(strands),
                     .measured = std::vector<bool>(strands),
                     .smooth_a = {},
                     .smooth_b = {}};
    for (std::int64_t i = begin; i < end; ++i) {
      for (std::int64_t s = 0; s < batch.strands; ++s) set_strand(e, batch, i, s);
      for (std::size_t m = 0; m < metrics.size(); ++m) values[m][static_cast<std::size_t>(i)] = metrics[m].function(e, metrics[m].bin);
    }
  });
  return values;
}

}  // namespace basewise::metrics
