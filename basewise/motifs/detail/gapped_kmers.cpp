#include "basewise/motifs/detail/gapped_kmers.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/motifs/detail/seqlet_rows.h"

namespace basewise::motifs::detail {
namespace {

constexpr std::uint32_t kUnused = 0xffffffffu;
constexpr std::int64_t kMostNumbers = 1 << 28;

/// Sums by number, in a table that stays within a second-level cache.
class SumTable {
 public:
  void clear() {
    for (const std::uint32_t slot : used_) key_[slot] = kUnused;
    used_.clear();
  }

  void add(std::uint32_t number, double value) {
    if (used_.size() * 2 >= key_.size()) grow();
    const std::uint32_t slot = find(number);
    if (key_[slot] == kUnused) {
      key_[slot] = number;
      sum_[slot] = value;
      used_.push_back(slot);
    } else {
      sum_[slot] += value;
    }
  }

  /// (number, sum) in no order that matters.
  void take(std::vector<std::pair<std::uint32_t, double>>& entries) const {
    entries.clear();
    for (const std::uint32_t slot : used_) entries.emplace_back(key_[slot], sum_[slot]);
  }

 private:
  std::uint32_t find(std::uint32_t number) const {
    const std::uint32_t last = static_cast<std::uint32_t>(key_.size() - 1);
    std::uint32_t slot = (number * 2654435769u) >> shift_;
    while (key_[slot] != kUnused && key_[slot] != number) slot = (slot + 1) & last;
    return slot;
  }

  void grow() {
    std::vector<std::pair<std::uint32_t, double>> entries;
    take(entries);
    key_.assign(key_.size() * 2, kUnused);
    sum_.assign(key_.size(), 0);
    used_.clear();
    --shift_;
    for (const auto& [number, value] : entries) {
      const std::uint32_t slot = find(number);
      key_[slot] = number;
      sum_[slot] = value;
      used_.push_back(slot);
    }
  }

  std::vector<std::uint32_t> key_ = std::vector<std::uint32_t>(1 << 14, kUnused);
  std::vector<double> sum_ = std::vector<double>(1 << 14);
  std::vector<std::uint32_t> used_;
  int shift_ = 32 - 14;
};

struct Letter {
  std::int64_t position;
  std::uint32_t base;
  double value;
};

/// The letters of a seqlet that make gapped k-mers, by position.
void top_letters(const AttributionSet& set, const Seqlet& seqlet, double sign, std::int64_t most, std::vector<Letter>& letters) {
  letters.clear();
  for (std::int64_t p = 0; p < seqlet.end - seqlet.start; ++p) {
    const SeqletPosition position = position_of(set, seqlet, p);
    if (position.token < 4) letters.push_back({p, position.token, sign * position.contribution});
  }
  if (static_cast<std::int64_t>(letters.size()) > most) {
    const auto higher = [](const Letter& a, const Letter& b) { return a.value != b.value ? a.value > b.value : a.position < b.position; };
    std::nth_element(letters.begin(), letters.begin() + most, letters.end(), higher);
    letters.resize(most);
  }
  std::sort(letters.begin(), letters.end(), [](const Letter& a, const Letter& b) { return a.position < b.position; });
}

/// All gapped k-mers that begin with letter `first`, deeper by one letter with each call.
class Enumeration {
 public:
  Enumeration(const std::vector<Letter>& letters, const GappedKmerOptions& options, const GappedKmerSpace& space, SumTable& sums)
      : letters_(letters), options_(options), space_(space), sums_(sums) {}

  void from(std::size_t first) { extend(first, first, 1, 0, letters_[first].base, letters_[first].value); }

 private:
  void extend(std::size_t first, std::size_t last, std::int64_t k, std::uint32_t mask, std::uint32_t bases, double value) {
    for (std::size_t i = last + 1; i < letters_.size(); ++i) {
      const std::int64_t offset = letters_[i].position - letters_[first].position;
      if (offset >= options_.max_len || letters_[i].position - letters_[last].position > options_.max_gap) break;
      const std::uint32_t longer_mask = mask | 1u << (offset - 1);
      const std::uint32_t longer = bases | letters_[i].base << (2 * k);
      const double sum = value + letters_[i].value;
      if (k + 1 >= options_.min_k) sums_.add(space_.number(longer_mask, longer), sum / static_cast<double>(k + 1));
      if (k + 1 < options_.max_k) extend(first, i, k + 1, longer_mask, longer, sum);
    }
  }

  const std::vector<Letter>& letters_;
  const GappedKmerOptions& options_;
  const GappedKmerSpace& space_;
  SumTable& sums_;
};

using Entries = std::vector<std::pair<std::uint32_t, double>>;

/// The entries that are kept, as a vector of length 1, by number.
void keep_heaviest(Entries& entries, std::int64_t most) {
  std::erase_if(entries, [](const auto& entry) { return entry.second == 0; });
  if (static_cast<std::int64_t>(entries.size()) > most) {
    std::nth_element(entries.begin(), entries.begin() + most, entries.end(), [](const auto& a, const auto& b) {
      const double x = std::abs(a.second), y = std::abs(b.second);
      return x != y ? x > y : a.first < b.first;
    });
    entries.resize(most);
  }
  std::sort(entries.begin(), entries.end());
  double squares = 0;
  for (const auto& entry : entries) squares += entry.second * entry.second;
  const double length = std::sqrt(squares);
  for (auto& entry : entries) entry.second /= length;
}

}  // namespace

GappedKmerSpace::GappedKmerSpace(const GappedKmerOptions& options) {
  const auto masks = std::uint32_t{1} << (options.max_len - 1);
  first_.assign(masks, 0);
  for (std::uint32_t mask = 0; mask < masks; ++mask) {
    const int k = std::popcount(mask) + 1;
    if (k < options.min_k || k > options.max_k) continue;
    first_[mask] = static_cast<std::uint32_t>(size_);
    mask_.push_back(mask);
    mask_first_.push_back(static_cast<std::uint32_t>(size_));
    size_ += std::int64_t{1} << (2 * k);
    if (size_ > kMostNumbers)
      throw ArgumentError(format("max_k = {} letters within max_len = {} bases make more than {} gapped k-mers; take smaller ones",
                                 options.max_k, options.max_len, kMostNumbers));
  }
}

std::uint32_t GappedKmerSpace::turned(std::uint32_t number) const {
  const auto after = std::upper_bound(mask_first_.begin(), mask_first_.end(), number);
  const std::uint32_t mask = mask_[after - mask_first_.begin() - 1];
  const std::uint32_t letters = number - *(after - 1);
  const int k = std::popcount(mask) + 1;
  // With the first letter as bit 0, the positions are read from the last one back.
  const std::uint32_t all = mask << 1 | 1u;
  const int span = std::bit_width(all);
  std::uint32_t turned_all = 0, turned_letters = 0;
  for (int i = 0; i < span; ++i)
    if (all >> i & 1u) turned_all |= 1u << (span - 1 - i);
  for (int i = 0; i < k; ++i) turned_letters |= (3u - (letters >> (2 * i) & 3u)) << (2 * (k - 1 - i));
  return this->number(turned_all >> 1, turned_letters);
}

GappedKmerRows gapped_kmers(const AttributionSet& set, std::span<const Seqlet> seqlets, double sign, const GappedKmerOptions& options,
                            const GappedKmerSpace& space) {
  const auto count = static_cast<std::int64_t>(seqlets.size());
  std::vector<std::uint32_t> number(count * options.max_entries);
  std::vector<float> weight(count * options.max_entries);
  std::vector<std::int64_t> size(count);
  parallel_for(count, 64, [&](std::int64_t begin, std::int64_t end) {
    SumTable sums;
    std::vector<Letter> letters;
    Entries entries;
    for (std::int64_t i = begin; i < end; ++i) {
      top_letters(set, seqlets[i], sign, options.top_positions, letters);
      sums.clear();
      Enumeration enumeration(letters, options, space, sums);
      for (std::size_t first = 0; first < letters.size(); ++first) enumeration.from(first);
      sums.take(entries);
      keep_heaviest(entries, options.max_entries);
      size[i] = static_cast<std::int64_t>(entries.size());
      for (std::int64_t e = 0; e < size[i]; ++e) {
        number[i * options.max_entries + e] = entries[e].first;
        weight[i * options.max_entries + e] = static_cast<float>(entries[e].second);
      }
    }
  });
  // Rows are moved together in place: most are full.
  GappedKmerRows rows;
  rows.row_begin.resize(count + 1);
  for (std::int64_t i = 0; i < count; ++i) {
    rows.row_begin[i + 1] = rows.row_begin[i] + size[i];
    std::copy_n(number.begin() + i * options.max_entries, size[i], number.begin() + rows.row_begin[i]);
    std::copy_n(weight.begin() + i * options.max_entries, size[i], weight.begin() + rows.row_begin[i]);
  }
  number.resize(rows.row_begin.back());
  weight.resize(rows.row_begin.back());
  rows.number = std::move(number);
  rows.weight = std::move(weight);
  return rows;
}

}  // namespace basewise::motifs::detail
