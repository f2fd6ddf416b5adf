// The counts of one chromosome, by base.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/prepare/detail/event_store.h"

namespace basewise::prepare::detail {

/// Events of a chromosome, which give the value of any of its bases without a look at the others.
class ChromCounts {
 public:
  /// `stretches`: the weight of an event counts from its base on, else at it alone.
  /// Positions are at most `length`.
  ChromCounts(const std::vector<Event>& events, std::int64_t length, bool stretches);

  /// Whether a quick look finds every base of [start, end) without a value.
  bool is_zero(std::int64_t start, std::int64_t end) const;

  /// Adds the values of the bases from `start` on, as many as `out` holds.
  void add_to(std::int64_t start, std::span<float> out) const;

 private:
  bool stretches_;
  std::vector<Event> events_;        // by bucket
  std::vector<std::size_t> starts_;  // of the buckets in `events_`, and their end
  std::vector<double> before_;       // by bucket: sum of the weights of all buckets before it
};

}  // namespace basewise::prepare::detail
