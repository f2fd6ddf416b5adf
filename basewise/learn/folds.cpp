#include "basewise/learn/folds.h"

#include <algorithm>
#include <map>

#include "basewise/core/error.h"
#include "basewise/core/random.h"

namespace basewise::learn {
namespace {

void check_count(std::int64_t count, std::int64_t there, std::string_view what) {
  if (count < 2) throw ArgumentError(format("{} folds; cross-validation needs two or more", count));
  if (there < count) throw ArgumentError(format("{} folds were asked for of {} {}; ask for fewer", count, there, what));
}

std::vector<std::string> numbers(std::int64_t count) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < count; ++i) names.push_back(format("{}", i));
  return names;
}

}  // namespace

std::vector<std::int64_t> Folds::rows_in(std::int64_t which) const {
  std::vector<std::int64_t> rows;
  for (std::int64_t row = 0; row < std::ssize(fold); ++row)
    if (fold[static_cast<std::size_t>(row)] == which) rows.push_back(row);
  return rows;
}

std::vector<std::int64_t> Folds::rows_outside(std::int64_t which) const {
  std::vector<std::int64_t> rows;
  for (std::int64_t row = 0; row < std::ssize(fold); ++row)
    if (fold[static_cast<std::size_t>(row)] != which) rows.push_back(row);
  return rows;
}

Folds group_folds(const std::vector<std::string>& groups, std::int64_t count, std::uint64_t seed) {
  std::map<std::string, std::vector<std::size_t>> rows;
  for (std::size_t row = 0; row < groups.size(); ++row) rows[groups[row]].push_back(row);
  const bool each = count == 0;
  if (each) count = std::ssize(rows);
  check_count(count, std::ssize(rows), "groups");
  Folds folds = {.count = count, .fold = std::vector<std::int64_t>(groups.size()), .names = numbers(count)};
  std::vector<std::map<std::string, std::vector<std::size_t>>::const_iterator> order;
  for (auto group = rows.cbegin(); group != rows.cend(); ++group) order.push_back(group);
  if (!each) {
    Stream(seed).shuffle(std::span(order));
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a->second.size() > b->second.size(); });
  }
  std::vector<std::size_t> sizes(static_cast<std::size_t>(count), 0);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto to = each ? i : static_cast<std::size_t>(std::min_element(sizes.begin(), sizes.end()) - sizes.begin());
    if (each) folds.names[to] = order[i]->first;
    sizes[to] += order[i]->second.size();
    for (const std::size_t row : order[i]->second) folds.fold[row] = static_cast<std::int64_t>(to);
  }
  return folds;
}

Folds random_folds(const Targets& targets, std::int64_t count, std::uint64_t seed) {
  const std::int64_t n = targets.rows();
  check_count(count, n, "examples");
  std::vector<std::int64_t> order = Stream(seed).permutation(n);
  if (!targets.outputs.front().is_number()) {
    const auto& classes = targets.values.front();
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      return classes[static_cast<std::size_t>(a)] < classes[static_cast<std::size_t>(b)];
    });
  }
  Folds folds = {.count = count, .fold = std::vector<std::int64_t>(static_cast<std::size_t>(n)), .names = numbers(count)};
  for (std::int64_t i = 0; i < n; ++i) folds.fold[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = i % count;
  return folds;
}

}  // namespace basewise::learn
