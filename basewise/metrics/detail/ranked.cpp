#include "basewise/metrics/detail/ranked.h"

#include <atomic>
#include <limits>

#include "basewise/metrics/detail/checks.h"
#include "basewise/metrics/detail/radix_sort.h"

namespace basewise::metrics::detail {
namespace {

template <class Record>
Record record_of(float score, std::int64_t index) {
  if constexpr (sizeof(Record) == 4) {
    return descending_key(score);
  } else {
    return (static_cast<std::uint64_t>(descending_key(score)) << 32) | static_cast<std::uint64_t>(index);
  }
}

struct PieceCount {
  std::int64_t positives = 0;
  std::int64_t first_bad = std::numeric_limits<std::int64_t>::max();
};

PieceCount count_piece(std::span<const float> scores, std::span<const std::uint8_t> labels, std::int64_t begin, std::int64_t end) {
  PieceCount count;
  bool bad = false;
  for (std::int64_t i = begin; i < end; ++i) {
    count.positives += labels[i];
    bad |= (labels[i] > 1) | (scores[i] != scores[i]);
  }
  if (bad)
    for (std::int64_t i = begin; i < end && count.first_bad > end; ++i)
      if (labels[i] > 1 || scores[i] != scores[i]) count.first_bad = i;
  return count;
}

template <class Record>
std::pair<std::vector<Record>, std::vector<Record>> split_and_sort(std::span<const float> scores, std::span<const std::uint8_t> labels) {
  check_size(scores.size(), labels.size(), "labels");
  if (scores.size() > std::numeric_limits<std::uint32_t>::max())
    throw ArgumentError(format("{} scores are more than one ranking holds (2^32 - 1): evaluate parts", scores.size()));
  const auto n = static_cast<std::int64_t>(scores.size());
  const std::int64_t pieces = piece_count(n);
  std::vector<PieceCount> counts(static_cast<std::size_t>(pieces));
  const auto over_pieces = [&](auto&& body) {
    parallel_for(pieces, 1, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t p = first; p < last; ++p) body(p, piece_begin(n, pieces, p), piece_begin(n, pieces, p + 1));
    });
  };
  over_pieces([&](std::int64_t p, std::int64_t begin, std::int64_t end) { counts[p] = count_piece(scores, labels, begin, end); });
  std::int64_t total = 0;
  std::vector<std::int64_t> before(counts.size());
  for (std::size_t p = 0; p < counts.size(); ++p) {
    if (const std::int64_t i = counts[p].first_bad; i < n) {
      if (labels[i] > 1) throw_label(labels[i], i);
      throw_nan("score", i);
    }
    before[p] = total;
    total += counts[p].positives;
  }
  std::pair<std::vector<Record>, std::vector<Record>> sorted{std::vector<Record>(total), std::vector<Record>(n - total)};
  over_pieces([&](std::int64_t p, std::int64_t begin, std::int64_t end) {
    // Written through a table instead of a branch: labels of real data are unpredictable.
    Record* next[2] = {sorted.second.data() + (begin - before[p]), sorted.first.data() + before[p]};
    for (std::int64_t i = begin; i < end; ++i) *next[labels[i]]++ = record_of<Record>(scores[i], i);
  });
  const auto key = [](Record r) { return key_of(r); };
  radix_sort(sorted.first, key);
  radix_sort(sorted.second, key);
  return sorted;
}

}  // namespace

SortedKeys sort_keys(std::span<const float> scores, std::span<const std::uint8_t> labels) {
  auto [positives, negatives] = split_and_sort<std::uint32_t>(scores, labels);
  return {std::move(positives), std::move(negatives)};
}

SortedPairs sort_pairs(std::span<const float> scores, std::span<const std::uint8_t> labels) {
  auto [positives, negatives] = split_and_sort<std::uint64_t>(scores, labels);
  return {std::move(positives), std::move(negatives)};
}

}  // namespace basewise::metrics::detail
