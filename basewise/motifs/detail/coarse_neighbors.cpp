#include "basewise/motifs/detail/coarse_neighbors.h"

#include <algorithm>

#include "basewise/core/parallel.h"
#include "basewise/motifs/detail/largest.h"

namespace basewise::motifs::detail {
namespace {

struct Posting {
  std::int32_t row;
  float weight;
};

/// Rows that hold a gapped k-mer, by its number.
struct InvertedIndex {
  std::vector<std::int64_t> begin;
  std::vector<Posting> postings;
};

InvertedIndex inverted(const GappedKmerRows& rows, std::int64_t numbers) {
  InvertedIndex index;
  index.begin.assign(numbers + 1, 0);
  for (const std::uint32_t number : rows.number) ++index.begin[number + 1];
  for (std::int64_t i = 0; i < numbers; ++i) index.begin[i + 1] += index.begin[i];
  index.postings.resize(rows.number.size());
  std::vector<std::int64_t> next(index.begin.begin(), index.begin.end() - 1);
  const auto count = static_cast<std::int64_t>(rows.row_begin.size()) - 1;
  for (std::int64_t row = 0; row < count; ++row)
    for (std::int64_t e = rows.row_begin[row]; e < rows.row_begin[row + 1]; ++e)
      index.postings[next[rows.number[e]]++] = {static_cast<std::int32_t>(row), rows.weight[e]};
  return index;
}

/// Dot products of one row with all.
class Products {
 public:
  Products(const GappedKmerRows& rows, const GappedKmerSpace& space, const InvertedIndex& index)
      : rows_(rows), space_(space), index_(index), forward_(rows.row_begin.size() - 1), turned_(rows.row_begin.size() - 1) {}

  void compute(std::int64_t row) {
    std::fill(forward_.begin(), forward_.end(), 0.0f);
    std::fill(turned_.begin(), turned_.end(), 0.0f);
    for (std::int64_t e = rows_.row_begin[row]; e < rows_.row_begin[row + 1]; ++e) {
      add(rows_.number[e], rows_.weight[e], forward_.data());
      add(space_.turned(rows_.number[e]), rows_.weight[e], turned_.data());
    }
  }

  float operator[](std::int64_t other) const { return std::max(forward_[other], turned_[other]); }

 private:
  void add(std::uint32_t number, float weight, float* sums) const {
    const Posting* posting = index_.postings.data() + index_.begin[number];
    const Posting* end = index_.postings.data() + index_.begin[number + 1];
    for (; posting != end; ++posting) sums[posting->row] += weight * posting->weight;
  }

  const GappedKmerRows& rows_;
  const GappedKmerSpace& space_;
  const InvertedIndex& index_;
  std::vector<float> forward_, turned_;
};

}  // namespace

Neighbors coarse_neighbors(const GappedKmerRows& rows, const GappedKmerSpace& space, std::int64_t most, const RowsDone& done) {
  const auto count = static_cast<std::int64_t>(rows.row_begin.size()) - 1;
  most = std::min(most, count);
  const InvertedIndex index = inverted(rows, space.size());
  Neighbors result;
  result.row_begin.resize(count + 1);
  for (std::int64_t i = 0; i <= count; ++i) result.row_begin[i] = i * most;
  result.index.resize(count * most);
  result.similarity.resize(count * most);
  constexpr std::int64_t kStretch = 4096;  // rows between two reports
  for (std::int64_t from = 0; from < count; from += kStretch) {
    const std::int64_t stretch = std::min(kStretch, count - from);
    parallel_for(stretch, 64, [&](std::int64_t begin, std::int64_t end) {
      Products products(rows, space, index);
      Largest largest(most);
      for (std::int64_t row = from + begin; row < from + end; ++row) {
        products.compute(row);
        largest.clear();
        for (std::int64_t other = 0; other < count; ++other) largest.offer(static_cast<std::int32_t>(other), products[other]);
        std::int64_t at = row * most;
        for (const auto& [similarity, neighbor] : largest.sorted()) {
          result.index[at] = neighbor;
          result.similarity[at++] = similarity;
        }
      }
    });
    if (done) done(from + stretch, count);
  }
  return result;
}

}  // namespace basewise::motifs::detail
