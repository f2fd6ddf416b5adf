#include "basewise/motifs/detail/kmer_columns.h"

#include <algorithm>
#include <numeric>

#include "basewise/core/parallel.h"

namespace basewise::motifs::detail {

KmerColumns kmer_columns(const GappedKmerRows& rows, const GappedKmerSpace& space) {
  std::vector<std::uint32_t> frequency(space.size());
  for (const std::uint32_t number : rows.number) ++frequency[number];
  std::vector<std::uint32_t> used;
  for (std::uint32_t number = 0; number < frequency.size(); ++number)
    if (frequency[number] > 0) used.push_back(number);
  std::stable_sort(used.begin(), used.end(), [&](std::uint32_t a, std::uint32_t b) { return frequency[a] > frequency[b]; });
  KmerColumns result;
  result.count = static_cast<std::uint32_t>(used.size());
  std::vector<std::uint32_t>& column_of = frequency;  // the array is reused: both hold one value for each gapped k-mer
  std::fill(column_of.begin(), column_of.end(), result.count);
  for (std::uint32_t column = 0; column < result.count; ++column) column_of[used[column]] = column;
  std::vector<std::uint32_t> turned(result.count);
  parallel_for(result.count, 4096, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t column = begin; column < end; ++column) turned[column] = column_of[space.turned(used[column])];
  });
  result.column.resize(rows.number.size());
  result.turned.resize(rows.number.size());
  for (std::size_t e = 0; e < rows.number.size(); ++e) {
    result.column[e] = column_of[rows.number[e]];
    result.turned[e] = turned[result.column[e]];
  }
  return result;
}

std::vector<std::int32_t> similar_together(const GappedKmerRows& rows, const KmerColumns& columns) {
  std::vector<std::uint32_t> words = columns.column;
  const auto count = static_cast<std::int64_t>(rows.row_begin.size()) - 1;
  parallel_for(count, 256, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row)
      std::sort(words.begin() + rows.row_begin[row], words.begin() + rows.row_begin[row + 1]);
  });
  std::vector<std::int32_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  const auto word = [&](std::int64_t row) { return words.begin() + rows.row_begin[row]; };
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    return std::lexicographical_compare(word(a), word(a + 1), word(b), word(b + 1));
  });
  return order;
}

}  // namespace basewise::motifs::detail
