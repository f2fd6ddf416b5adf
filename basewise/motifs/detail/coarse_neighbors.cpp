#include "basewise/motifs/detail/coarse_neighbors.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "basewise/core/parallel.h"
#include "basewise/motifs/detail/bound_search.h"
#include "basewise/motifs/detail/kmer_columns.h"

namespace basewise::motifs::detail {
namespace {

/// Searches that threads take and give back: each has a table of all codes.
class Searches {
 public:
  Searches(const KmerMatrix& matrix, const BoundIndex& index, std::int64_t most)
      : matrix_(matrix), index_(index), most_(most), products_(byte_products(kernels::default_isa())) {}

  std::unique_ptr<BoundSearch> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        std::unique_ptr<BoundSearch> search = std::move(free_.back());
        free_.pop_back();
        return search;
      }
    }
    return std::make_unique<BoundSearch>(matrix_, index_, most_, products_);
  }

  void give_back(std::unique_ptr<BoundSearch> search) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(search));
  }

 private:
  const KmerMatrix& matrix_;
  const BoundIndex& index_;
  std::int64_t most_;
  ByteProducts products_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<BoundSearch>> free_;
};

}  // namespace

Neighbors coarse_neighbors(GappedKmerRows rows, const GappedKmerSpace& space, std::int64_t most, const RowsDone& done) {
  const KmerMatrix matrix = kmer_matrix(std::move(rows), space);
  const std::int64_t count = matrix.rows();
  most = std::min(most, count);
  Neighbors result;
  result.row_begin.resize(count + 1);
  for (std::int64_t i = 0; i <= count; ++i) result.row_begin[i] = i * most;
  result.index.resize(count * most);
  result.similarity.resize(count * most);
  const std::vector<std::int32_t> order = similar_together(matrix);
  const BoundIndex index(matrix, order);
  Searches searches(matrix, index, most);
  for (std::int64_t tile = 0; tile < index.tiles(); ++tile) {
    const std::span<const std::int32_t> queries = index.rows(tile);
    const auto asked = static_cast<std::int64_t>(queries.size());
    parallel_for((asked + BoundSearch::kQueries - 1) / BoundSearch::kQueries, 1, [&](std::int64_t begin, std::int64_t end) {
      std::unique_ptr<BoundSearch> search = searches.take();
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t first = i * BoundSearch::kQueries;
        const auto some = queries.subspan(first, std::min(BoundSearch::kQueries, asked - first));
        search->run(some, tile);
        for (std::size_t q = 0; q < some.size(); ++q) {
          std::int64_t at = some[q] * most;
          for (const auto& [similarity, other] : search->found(static_cast<std::int64_t>(q))) {
            result.similarity[at] = similarity;
            result.index[at++] = other;
          }
        }
      }
      searches.give_back(std::move(search));
    });
    if (done) done(tile * BoundIndex::kRows + asked, count);
  }
  return result;
}

}  // namespace basewise::motifs::detail
