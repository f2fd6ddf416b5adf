#include "basewise/data/detail/sample_order.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "basewise/core/error.h"
#include "basewise/core/random.h"

namespace basewise::data::detail {

namespace {

constexpr std::uint64_t kPositives = 11;
constexpr std::uint64_t kNegatives = 12;

std::vector<std::int64_t> numbers_to(std::int64_t n) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

}  // namespace

SampleOrder::SampleOrder(std::int64_t n, bool shuffle, std::uint64_t seed)
    : positives_(numbers_to(n)), shuffle_(shuffle), seed_(seed), cycle_(n) {
  if (n < 1) throw ArgumentError("no example to draw batches from");
}

SampleOrder::SampleOrder(std::vector<std::int64_t> positives, std::vector<std::int64_t> negatives, double positive_fraction, bool shuffle,
                         std::uint64_t seed)
    : positives_(std::move(positives)), negatives_(std::move(negatives)), shuffle_(shuffle), seed_(seed) {
  if (positives_.empty() || negatives_.empty())
    throw ArgumentError(
        format("balanced sampling needs positives and negatives; the set has {} and {}", positives_.size(), negatives_.size()));
  const double wanted = static_cast<double>(negatives_.size()) * positive_fraction / (1 - positive_fraction);
  // A share that a whole number of rounds gives exactly must not be missed by a rounding error.
  thinning_ = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(wanted / static_cast<double>(positives_.size()) - 1e-9)));
  thinning_ = std::min(thinning_, std::ssize(negatives_));
  cycle_ = thinning_ * std::ssize(positives_) + std::ssize(negatives_);
}

std::int64_t SampleOrder::negatives_in(std::int64_t round) const {
  const std::int64_t offset = round % thinning_;
  return (std::ssize(negatives_) - offset + thinning_ - 1) / thinning_;
}

std::vector<std::int64_t> SampleOrder::ordered(std::vector<std::int64_t> examples, std::uint64_t purpose, std::int64_t round) const {
  if (shuffle_) Stream(seed_, static_cast<std::uint64_t>(round), purpose).shuffle(std::span(examples));
  return examples;
}

std::vector<std::int64_t> SampleOrder::round(std::int64_t number) const {
  const std::vector<std::int64_t> positives = ordered(positives_, kPositives, number);
  std::vector<std::int64_t> negatives;
  for (std::int64_t i = number % thinning_; i < std::ssize(negatives_); i += thinning_)
    negatives.push_back(negatives_[static_cast<std::size_t>(i)]);
  negatives = ordered(std::move(negatives), kNegatives, number);
  const std::int64_t all = std::ssize(positives) + std::ssize(negatives);
  std::vector<std::int64_t> mixed;
  auto positive = positives.begin();
  auto negative = negatives.begin();
  for (std::int64_t k = 0; k < all; ++k) {
    // The share of positives so far never leaves the share of the round by a whole example.
    const bool next_positive = (k + 1) * std::ssize(positives) / all > k * std::ssize(positives) / all;
    mixed.push_back(next_positive ? *positive++ : *negative++);
  }
  return mixed;
}

std::vector<SampleOrder::Draw> SampleOrder::draws(std::int64_t first, std::int64_t count) const {
  std::int64_t number = first / cycle_ * thinning_;
  std::int64_t skip = first % cycle_;
  for (std::int64_t length = 0; length = std::ssize(positives_) + negatives_in(number), skip >= length; ++number) skip -= length;
  std::vector<Draw> drawn;
  for (; std::ssize(drawn) < count; ++number, skip = 0) {
    const std::vector<std::int64_t> examples = round(number);
    for (auto at = static_cast<std::size_t>(skip); at < examples.size() && std::ssize(drawn) < count; ++at)
      drawn.push_back({examples[at], number});
  }
  return drawn;
}

}  // namespace basewise::data::detail
