#include "basewise/corpus/site_index.h"

#include <algorithm>

#include "basewise/core/error.h"

namespace basewise::corpus {

SiteIndex::SiteIndex(const SiteTable& table, const seq::ChromSizes& sizes) : positions_(2 * sizes.size()) {
  for (const Site& site : table.sites) {
    if (site.strand != seq::Strand::reverse) positions_[2 * site.chrom].push_back(site.position);
    if (site.strand != seq::Strand::forward) positions_[2 * site.chrom + 1].push_back(site.position);
  }
  for (std::vector<std::int64_t>& list : positions_) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  }
}

std::span<const std::int64_t> SiteIndex::range(std::size_t chrom, seq::Strand strand, std::int64_t start, std::int64_t end) const {
  const std::vector<std::int64_t>& list = positions_[2 * chrom + (strand == seq::Strand::reverse ? 1 : 0)];
  const auto first = std::lower_bound(list.begin(), list.end(), start);
  return {first, std::lower_bound(first, list.end(), end)};
}

std::int64_t SiteIndex::count(std::size_t chrom, std::int64_t start, std::int64_t end) const {
  return static_cast<std::int64_t>(range(chrom, seq::Strand::forward, start, end).size() +
                                   range(chrom, seq::Strand::reverse, start, end).size());
}

}  // namespace basewise::corpus
