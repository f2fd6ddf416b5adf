#include "basewise/methylation/site_list.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/core/random.h"

namespace basewise::methylation {
namespace {

constexpr std::uint64_t kOfAll = 0, kOfChromosomes = 1;  // streams of random numbers

/// Positions that at least so many cells have.
std::vector<std::uint32_t> measured(const CellTable& table, std::size_t chrom, std::int64_t least_cells) {
  std::vector<std::uint32_t> all;
  for (std::size_t cell = 0; cell < table.cells().size(); ++cell) {
    const auto positions = table.at(cell, chrom).positions();
    const auto middle = std::ssize(all);
    all.insert(all.end(), positions.begin(), positions.end());
    std::inplace_merge(all.begin(), all.begin() + middle, all.end());
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < all.size();) {
    const std::size_t first = i;
    while (i < all.size() && all[i] == all[first]) ++i;
    if (static_cast<std::int64_t>(i - first) >= least_cells) all[kept++] = all[first];
  }
  all.resize(kept);
  all.shrink_to_fit();
  return all;
}

/// Keeps `most` of the values at random, in their order (Knuth's selection sampling).
template <class T>
void sample(std::vector<T>& values, std::int64_t most, Stream stream) {
  if (most <= 0 || std::ssize(values) <= most) return;
  std::size_t kept = 0;
  std::uint64_t wanted = static_cast<std::uint64_t>(most);
  for (std::size_t i = 0; wanted > 0; ++i)
    if (stream.below(values.size() - i) < wanted) {
      values[kept++] = values[i];
      --wanted;
    }
  values.resize(kept);
}

}  // namespace

SiteList::SiteList(std::vector<std::vector<std::uint32_t>> positions) : positions_(std::move(positions)) {
  for (const auto& chrom : positions_) offsets_.push_back(offsets_.back() + std::ssize(chrom));
}

Site SiteList::operator[](std::int64_t row) const {
  if (row < 0 || row >= size()) throw ArgumentError(format("there is no site {}; there are {}", row, size()));
  const auto chrom = static_cast<std::size_t>(std::upper_bound(offsets_.begin(), offsets_.end(), row) - offsets_.begin() - 1);
  return {chrom, positions_[chrom][static_cast<std::size_t>(row - offsets_[chrom])]};
}

SiteList measured_sites(const CellTable& table, const SiteOptions& options) {
  std::vector<std::vector<std::uint32_t>> positions;
  for (std::size_t chrom = 0; chrom < table.chromosomes().size(); ++chrom) {
    positions.push_back(measured(table, chrom, options.least_cells));
    sample(positions.back(), options.sample_per_chromosome, Stream(options.seed, kOfChromosomes, chrom));
  }
  SiteList sites(std::move(positions));
  if (options.sample <= 0 || sites.size() <= options.sample) return sites;
  std::vector<std::int64_t> rows(static_cast<std::size_t>(sites.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int64_t>(i);
  sample(rows, options.sample, Stream(options.seed, kOfAll));
  std::vector<std::vector<std::uint32_t>> kept(table.chromosomes().size());
  for (const std::int64_t row : rows) {
    const Site site = sites[row];
    kept[site.chrom].push_back(static_cast<std::uint32_t>(site.position));
  }
  return SiteList(std::move(kept));
}

}  // namespace basewise::methylation
