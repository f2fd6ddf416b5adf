#include "basewise/metrics/detail/value_order.h"

#include "basewise/metrics/detail/checks.h"
#include "basewise/metrics/detail/radix_sort.h"
#include "basewise/metrics/regression.h"

namespace basewise::metrics::detail {

ValueOrder::ValueOrder(std::span<const float> values) : place_(values.size()) {
  check_no_nan(values, "value");
  std::vector<std::uint64_t> order(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) order[i] = (static_cast<std::uint64_t>(~descending_key(values[i])) << 32) | i;
  const auto key = [](std::uint64_t r) { return static_cast<std::uint32_t>(r >> 32); };
  radix_sort(order, key);
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || key(order[i]) != key(order[i - 1])) ++places_;
    place_[order[i] & 0xffffffffu] = static_cast<std::uint32_t>(places_ - 1);
  }
}

std::vector<double> ValueOrder::ranks(std::span<const float> weights) const {
  std::vector<double> ranks(places_);
  for (std::size_t i = 0; i < place_.size(); ++i) ranks[place_[i]] += weight_at(weights, i);
  double below = 0;
  for (double& rank : ranks) {
    const double tied = rank;
    rank = below + 0.5 * (tied + 1);
    below += tied;
  }
  return ranks;
}

MetricResult spearman(const ValueOrder& predictions, const ValueOrder& targets, std::span<const float> weights) {
  const std::vector<double> x = predictions.ranks(weights), y = targets.ranks(weights);
  PairMoments m;
  for (std::size_t i = 0; i < predictions.size(); ++i) m.add(x[predictions.place(i)], y[targets.place(i)], weight_at(weights, i));
  return m.pearson();
}

}  // namespace basewise::metrics::detail
