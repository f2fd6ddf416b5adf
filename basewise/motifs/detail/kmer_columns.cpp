#include "basewise/motifs/detail/kmer_columns.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "basewise/core/parallel.h"

namespace basewise::motifs::detail {
namespace {

/// Entries of each row by code.
void sort_rows(KmerMatrix& matrix) {
  parallel_for(matrix.rows(), 256, [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::pair<std::uint32_t, float>> entries;
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t first = matrix.row_begin[row], last = matrix.row_begin[row + 1];
      entries.clear();
      for (std::int64_t e = first; e < last; ++e) entries.emplace_back(matrix.code[e], matrix.weight[e]);
      std::sort(entries.begin(), entries.end());
      for (std::int64_t e = first; e < last; ++e) std::tie(matrix.code[e], matrix.weight[e]) = entries[e - first];
    }
  });
}

}  // namespace

KmerMatrix kmer_matrix(GappedKmerRows rows, const GappedKmerSpace& space) {
  std::vector<std::uint32_t> table(space.size());  // entries of each gapped k-mer, later its code
  for (const std::uint32_t number : rows.number) ++table[number];
  std::vector<std::uint32_t> used;
  for (std::uint32_t number = 0; number < table.size(); ++number)
    if (table[number] > 0) used.push_back(number);
  std::vector<std::uint32_t> turned(used.size());
  parallel_for(static_cast<std::int64_t>(used.size()), 4096, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) turned[i] = space.turned(used[i]);
  });
  std::vector<std::uint32_t> lower;  // of each pair, the lower number
  for (std::size_t i = 0; i < used.size(); ++i)
    if (turned[i] < used[i]) {
      if (table[turned[i]] == 0) lower.push_back(turned[i]);
      table[turned[i]] += std::exchange(table[used[i]], 0);
    } else {
      lower.push_back(used[i]);
    }
  std::sort(lower.begin(), lower.end(),
            [&](std::uint32_t a, std::uint32_t b) { return table[a] != table[b] ? table[a] > table[b] : a < b; });

  KmerMatrix matrix;
  matrix.columns = static_cast<std::uint32_t>(lower.size());
  for (std::uint32_t column = 0; column < matrix.columns; ++column) table[lower[column]] = 2 * column;
  matrix.palindrome.assign(matrix.columns, 0);
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (turned[i] < used[i]) table[used[i]] = table[turned[i]] + 1;
    if (turned[i] == used[i]) matrix.palindrome[table[used[i]] >> 1] = 1;
  }
  for (std::uint32_t& number : rows.number) number = table[number];
  matrix.row_begin = std::move(rows.row_begin);
  matrix.code = std::move(rows.number);
  matrix.weight = std::move(rows.weight);
  sort_rows(matrix);
  return matrix;
}

std::vector<std::int32_t> similar_together(const KmerMatrix& matrix) {
  constexpr std::int64_t kLooked = 48;  // entries that are looked at
  std::vector<std::int32_t> order(matrix.rows());
  std::iota(order.begin(), order.end(), 0);
  const auto end = [&](std::int64_t row) { return std::min(matrix.row_begin[row + 1], matrix.row_begin[row] + kLooked); };
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    const auto code = matrix.code.begin();
    return std::lexicographical_compare(code + matrix.row_begin[a], code + end(a), code + matrix.row_begin[b], code + end(b),
                                        [](std::uint32_t x, std::uint32_t y) { return x >> 1 < y >> 1; });
  });
  return order;
}

}  // namespace basewise::motifs::detail
