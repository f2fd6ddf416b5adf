#include "basewise/corpus/group_split.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>

#include "basewise/core/error.h"
#include "basewise/core/format.h"
#include "basewise/core/nearest.h"
#include "basewise/core/random.h"

namespace basewise::corpus {

namespace {

constexpr std::size_t kLongestName = 4000;  // std::regex goes one call deeper with each letter
constexpr std::uint64_t kGroupStream = 0x47726f757073;

// Groups in the order in which they are first seen. An item without a word is a group of its own.
struct Groups {
  std::vector<std::string> names;
  std::vector<std::int64_t> sizes;
  std::vector<std::size_t> of;  ///< number of the group of each item
  std::map<std::string, std::size_t, std::less<>> numbers;

  explicit Groups(const std::vector<std::string>& words) {
    for (const std::string& word : words) {
      const auto [place, is_new] = word.empty() ? std::pair(numbers.end(), true) : numbers.try_emplace(word, names.size());
      if (is_new) {
        names.push_back(word);
        sizes.push_back(0);
      }
      of.push_back(is_new ? names.size() - 1 : place->second);
      ++sizes[of.back()];
    }
  }
};

std::regex compiled(const std::string& pattern) {
  try {
    return std::regex(pattern, std::regex::ECMAScript);
  } catch (const std::regex_error& error) {
    throw ArgumentError(format("split: group_pattern \"{}\" is no regular expression: {}", pattern, error.what()));
  }
}

// The set of each group: train 0, validation 1, test 2.
std::vector<std::size_t> by_name(const SplitOptions& o, const Groups& groups) {
  std::vector<std::size_t> set_of(groups.names.size(), 0);
  const std::vector<std::string>* wanted[] = {nullptr, &o.validation_groups, &o.test_groups};
  for (std::size_t set = 1; set < 3; ++set)
    for (const std::string& name : *wanted[set]) {
      const auto found = groups.numbers.find(name);
      if (found == groups.numbers.end()) {
        const auto near = nearest(name, groups.names);
        throw ArgumentError(format("split: there is no group '{}', which is to be in {}{}", name, kSetNames[set],
                                   near ? format("; did you mean '{}'?", *near) : format("; there are {} groups", groups.names.size())));
      }
      std::size_t& place = set_of[found->second];
      if (place != 0 && place != set) throw ArgumentError(format("split: the sets validation and test both name group '{}'", name));
      place = set;
    }
  return set_of;
}

std::vector<std::size_t> by_fraction(const SplitOptions& o, const Groups& groups, std::int64_t n, std::uint64_t seed) {
  const auto share = [n](double part) { return static_cast<std::int64_t>(std::floor(static_cast<double>(n) * part + 1e-9)); };
  const std::int64_t wanted[] = {n, share(o.validation_fraction), share(o.test_fraction)};
  std::int64_t held[] = {0, 0, 0};
  std::vector<std::size_t> set_of(groups.names.size(), 0);
  for (const std::int64_t group : Stream(seed, kGroupStream).permutation(std::ssize(groups.names))) {
    const auto number = static_cast<std::size_t>(group);
    const std::int64_t size = groups.sizes[number];
    for (const std::size_t set : {std::size_t{2}, std::size_t{1}})
      if (set_of[number] == 0 && size < 2 * (wanted[set] - held[set])) set_of[number] = set;
    held[set_of[number]] += size;
  }
  for (const std::size_t set : {std::size_t{1}, std::size_t{2}})
    if (wanted[set] > 0 && held[set] == 0)
      throw ArgumentError(
          format("split: the {} set is to hold {} of {} sequences, but none of the {} groups is that small; choose groups by name "
                 "({}_groups), a larger fraction, or groups that are finer",
                 kSetNames[set], wanted[set], n, groups.names.size(), kSetNames[set]));
  return set_of;
}

}  // namespace

std::vector<std::string> groups_of_names(const std::vector<std::string>& names, const std::string& pattern) {
  const std::regex expression = compiled(pattern);
  std::vector<std::string> groups;
  std::size_t matched = 0;
  for (const std::string& name : names) {
    if (name.size() > kLongestName)
      throw ArgumentError(format("split: a name of {} letters is too long for group_pattern; it may have {}", name.size(), kLongestName));
    std::smatch match;
    const bool found = std::regex_search(name, match, expression);
    matched += found;
    groups.push_back(!found ? name : match.size() > 1 && match[1].matched ? match[1].str() : match[0].str());
  }
  if (matched == 0 && !names.empty())
    throw ArgumentError(
        format("split: group_pattern \"{}\" matches none of the {} names, such as '{}'", pattern, names.size(), names.front()));
  return groups;
}

IndexSplit split_by_group(const SplitOptions& o, const std::vector<std::string>& words, std::uint64_t seed) {
  const Groups groups(words);
  const bool named = !o.validation_groups.empty() || !o.test_groups.empty();
  const auto set_of = named ? by_name(o, groups) : by_fraction(o, groups, std::ssize(words), seed);
  IndexSplit split;
  std::vector<std::int64_t>* sets[] = {&split.train, &split.validation, &split.test};
  for (std::size_t i = 0; i < words.size(); ++i) sets[set_of[groups.of[i]]]->push_back(static_cast<std::int64_t>(i));
  return split;
}

}  // namespace basewise::corpus
