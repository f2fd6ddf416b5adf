#include "basewise/prepare/detail/chrom_counts.h"

#include <algorithm>
#include <cmath>

namespace basewise::prepare::detail {
namespace {

constexpr int kBucketBits = 16;     // 65,536 bases
constexpr double kRounding = 1e-6;  // what sums of shares leave behind

}  // namespace

ChromCounts::ChromCounts(const std::vector<Event>& events, std::int64_t length, bool stretches) : stretches_(stretches) {
  const std::size_t buckets = (static_cast<std::size_t>(length) >> kBucketBits) + 1;
  starts_.assign(buckets + 1, 0);
  before_.assign(buckets + 1, 0);
  for (const Event& e : events) {
    ++starts_[(e.position >> kBucketBits) + 1];
    before_[(e.position >> kBucketBits) + 1] += static_cast<double>(e.weight);
  }
  for (std::size_t i = 1; i <= buckets; ++i) {
    starts_[i] += starts_[i - 1];
    before_[i] += before_[i - 1];
  }
  events_.resize(events.size());
  std::vector<std::size_t> next(starts_.begin(), starts_.end() - 1);
  for (const Event& e : events) events_[next[e.position >> kBucketBits]++] = e;
}

bool ChromCounts::is_zero(std::int64_t start, std::int64_t end) const {
  if (events_.empty() || start >= end) return true;
  const auto bucket = static_cast<std::size_t>(start >> kBucketBits);
  const std::size_t last = std::min(static_cast<std::size_t>((end - 1) >> kBucketBits), starts_.size() - 2);
  return starts_[bucket] == starts_[last + 1] && (!stretches_ || std::abs(before_[bucket]) < kRounding);
}

void ChromCounts::add_to(std::int64_t start, std::span<float> out) const {
  if (events_.empty() || out.empty()) return;
  const std::int64_t end = start + static_cast<std::int64_t>(out.size());
  const auto bucket = static_cast<std::size_t>(start >> kBucketBits);
  const std::size_t last = std::min(static_cast<std::size_t>((end - 1) >> kBucketBits), starts_.size() - 2);
  if (!stretches_) {
    for (std::size_t i = starts_[bucket]; i < starts_[last + 1]; ++i) {
      const auto at = static_cast<std::int64_t>(events_[i].position) - start;
      if (at >= 0 && at < end - start) out[static_cast<std::size_t>(at)] += events_[i].weight;
    }
    return;
  }
  std::vector<double> steps(out.size(), 0);
  double running = before_[bucket];
  for (std::size_t i = starts_[bucket]; i < starts_[last + 1]; ++i) {
    const auto at = static_cast<std::int64_t>(events_[i].position) - start;
    if (at <= 0)
      running += static_cast<double>(events_[i].weight);
    else if (at < end - start)
      steps[static_cast<std::size_t>(at)] += static_cast<double>(events_[i].weight);
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    running += steps[i];
    out[i] += static_cast<float>(running);
  }
}

}  // namespace basewise::prepare::detail
