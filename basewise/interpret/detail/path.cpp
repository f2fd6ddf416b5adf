#include "basewise/interpret/detail/path.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "basewise/core/error.h"

namespace basewise::interpret::detail {
namespace {

constexpr std::size_t kRounds = 8;

}  // namespace

AdaptivePlaces::AdaptivePlaces(std::int64_t steps) : steps_(static_cast<std::size_t>(steps)) {
  if (steps < kLeastAdaptive) throw InternalError(format("{} steps are too few to be adaptive", steps));
}

std::vector<double> AdaptivePlaces::next() const {
  const std::size_t first = steps_ / 2, each = (steps_ - first + kRounds - 1) / kRounds;
  std::vector<double> places;
  if (nodes_.empty()) {
    for (std::size_t i = 0; i < first; ++i) places.push_back(static_cast<double>(i) / static_cast<double>(first - 1));
    return places;
  }
  std::vector<std::pair<double, double>> pieces;  // error and middle
  for (std::size_t i = 1; i < nodes_.size(); ++i) {
    const Node &a = nodes_[i - 1], &b = nodes_[i];
    const double error = std::abs((a.slope + b.slope) / 2 * (b.place - a.place) - (b.value - a.value));
    // What is no number is the worst.
    pieces.emplace_back(std::isnan(error) ? std::numeric_limits<double>::infinity() : error, (a.place + b.place) / 2);
  }
  std::stable_sort(pieces.begin(), pieces.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  pieces.resize(std::min({each, steps_ - nodes_.size(), pieces.size()}));
  for (const auto& [error, middle] : pieces) places.push_back(middle);
  return places;
}

void AdaptivePlaces::add(std::span<const double> places, std::span<const double> values, std::span<const double> slopes) {
  for (std::size_t i = 0; i < places.size(); ++i) nodes_.push_back({places[i], values[i], slopes[i], nodes_.size()});
  std::sort(nodes_.begin(), nodes_.end(), [](const Node& a, const Node& b) { return a.place < b.place; });
}

std::vector<double> AdaptivePlaces::weights() const {
  std::vector<double> weights(nodes_.size(), 0.0);
  for (std::size_t i = 1; i < nodes_.size(); ++i) {
    const double half = (nodes_[i].place - nodes_[i - 1].place) / 2;
    weights[nodes_[i - 1].number] += half;
    weights[nodes_[i].number] += half;
  }
  return weights;
}

}  // namespace basewise::interpret::detail
