#include "basewise/corpus/duplicates.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>

#include "basewise/core/error.h"
#include "basewise/core/format.h"

namespace basewise::corpus {

namespace {

// Finaliser of SplitMix64: spreads words evenly, so that keeping the small ones is a fair sample.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

std::uint64_t code(char letter) {
  switch (letter) {
    case 'A':
    case 'a':
      return 0;
    case 'C':
    case 'c':
      return 1;
    case 'G':
    case 'g':
      return 2;
    case 'T':
    case 't':
    case 'U':
    case 'u':
      return 3;
    default:
      return 4;
  }
}

// Hashes of the canonical words of `letters` in order.
template <class F>
void each_word(std::string_view letters, std::int64_t k, F&& use) {
  const std::uint64_t mask = (std::uint64_t{1} << (2 * k)) - 1;
  std::uint64_t forward = 0;
  std::uint64_t backward = 0;
  std::int64_t valid = 0;
  for (const char letter : letters) {
    const std::uint64_t base = code(letter);
    if (base > 3) {
      valid = 0;
      continue;
    }
    forward = ((forward << 2) | base) & mask;
    backward = (backward >> 2) | ((3 - base) << (2 * (k - 1)));
    if (++valid >= k) use(mix(std::min(forward, backward) + 1));
  }
}

// One number for a sequence and its reverse complement.
std::uint64_t whole_hash(std::string_view letters) {
  std::uint64_t forward = letters.size();
  std::uint64_t backward = letters.size();
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const std::uint64_t last = code(letters[letters.size() - 1 - i]);
    forward = mix(forward + code(letters[i]) + 1);
    backward = mix(backward + (last > 3 ? last : 3 - last) + 1);
  }
  return std::min(forward, backward);
}

using Entry = std::pair<std::uint64_t, std::uint32_t>;

// First entry with this hash, or null.
const Entry* find(const std::vector<Entry>& sorted, std::uint64_t hash) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), Entry{hash, 0});
  return at != sorted.end() && at->first == hash ? &*at : nullptr;
}

}  // namespace

void describe(Visitor& v, DuplicateOptions& o) {
  v("k", o.k, "length of the words that are compared", between(8, 31));
  v("containment", o.containment, "share of a sequence's words found in another set that makes it a near-duplicate", fraction());
  v("examples", o.examples, "pairs that the report names", non_negative());
  v("max_words", o.max_words, "words kept at most; larger sets are sampled", at_least(1000));
}

std::string DuplicateReport::to_string(std::string_view reference_set, std::string_view query_set) const {
  std::string text = exact + near == 0 ? format("none of the {} {} sequences occurs in {}", queries, query_set, reference_set)
                                       : format("{} of the {} {} sequences also occur in {}: {} exactly (either strand), {} nearly",
                                                exact + near, queries, query_set, reference_set, exact, near);
  for (std::size_t i = 0; i < examples.size(); ++i)
    text += format("{}{} of {} is {} {} of {}", i == 0 ? "; for example " : ", ", examples[i].query, query_set,
                   examples[i].exact ? std::string("a copy of") : format("to {:.0f} % in", 100 * examples[i].containment),
                   examples[i].reference, reference_set);
  if (skipped > 0) text += format("; {} too short to compare", skipped);
  return text;
}

DuplicateIndex::DuplicateIndex(std::int64_t bases, DuplicateOptions options) : options_(options) {
  check(described(options), "duplicates");
  sampling_ = std::max<std::int64_t>(1, bases / options_.max_words);
}

void DuplicateIndex::add(std::string name, std::string_view letters) {
  const auto id = static_cast<std::uint32_t>(names_.size());
  const std::uint64_t limit = ~std::uint64_t{0} / static_cast<std::uint64_t>(sampling_);
  names_.push_back(std::move(name));
  each_word(letters, options_.k, [&](std::uint64_t word) {
    if (word <= limit) words_.emplace_back(word, id);
  });
  wholes_.emplace_back(whole_hash(letters), id);
  sorted_ = false;
}

void DuplicateIndex::sort() {
  if (sorted_) return;
  std::sort(words_.begin(), words_.end());
  // One sequence is enough to name where a word comes from; repeats would cost memory and time.
  words_.erase(std::unique(words_.begin(), words_.end(), [](const Entry& a, const Entry& b) { return a.first == b.first; }), words_.end());
  std::sort(wholes_.begin(), wholes_.end());
  sorted_ = true;
}

void DuplicateIndex::look_up(std::string_view name, std::string_view letters) {
  sort();
  ++report_.queries;
  const auto note = [&](std::uint32_t reference, double share, bool exact) {
    (exact ? report_.exact : report_.near) += 1;
    if (static_cast<std::int64_t>(report_.examples.size()) < options_.examples)
      report_.examples.push_back({names_[reference], std::string(name), share, exact});
  };
  if (const Entry* copy = find(wholes_, whole_hash(letters))) return note(copy->second, 1, true);
  const std::uint64_t limit = ~std::uint64_t{0} / static_cast<std::uint64_t>(sampling_);
  std::int64_t words = 0;
  std::int64_t shared = 0;
  std::map<std::uint32_t, std::int64_t> votes;
  each_word(letters, options_.k, [&](std::uint64_t word) {
    if (word > limit) return;
    ++words;
    if (const Entry* known = find(words_, word)) {
      ++shared;
      ++votes[known->second];
    }
  });
  // Below four words a single chance match would decide.
  if (words < 4) {
    ++report_.skipped;
    return;
  }
  const double share = static_cast<double>(shared) / static_cast<double>(words);
  if (shared == 0 || share < options_.containment) return;
  const auto best = std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  note(best->first, share, false);
}

DuplicateReport find_duplicates(const std::vector<std::string>& reference, const std::vector<std::string>& query,
                                const DuplicateOptions& options) {
  std::int64_t bases = 0;
  for (const std::string& letters : reference) bases += static_cast<std::int64_t>(letters.size());
  DuplicateIndex index(bases, options);
  for (std::size_t i = 0; i < reference.size(); ++i) index.add(format("sequence {}", i), reference[i]);
  for (std::size_t i = 0; i < query.size(); ++i) index.look_up(format("sequence {}", i), query[i]);
  return index.report();
}

}  // namespace basewise::corpus
