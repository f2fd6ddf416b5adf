#include "basewise/prepare/methylation_show.h"

#include <algorithm>
#include <limits>

#include "basewise/core/error.h"
#include "basewise/core/some_of.h"
#include "basewise/methylation/neighbours.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::prepare {
namespace {

using methylation::SiteList;

/// Sites [first, end).
struct Rows {
  std::int64_t first = 0;
  std::int64_t end = 0;
};

/// A region as text; a chromosome alone is all of it.
seq::Interval region_of(const std::string& text) {
  if (text.find(':') == std::string::npos) return {text, 0, std::numeric_limits<std::int64_t>::max()};
  try {
    return seq::parse_interval(text);
  } catch (const DataError& e) {
    throw ArgumentError(format("region: {}", e.what()));
  }
}

Rows rows_in(const SiteList& sites, const std::vector<std::string>& chromosomes, const std::string& text) {
  if (text.empty()) return {0, sites.size()};
  const seq::Interval region = region_of(text);
  seq::ChromSizes names;
  for (const std::string& name : chromosomes) names.add({.name = name});
  const auto chrom = names.find(region.chrom);
  if (!chrom) throw ArgumentError(format("region: no cell has calls on {}; there are {}", region.chrom, some_of(chromosomes)));
  const auto positions = sites.positions(*chrom);
  const auto before = [&](std::int64_t position) {
    const auto at = std::lower_bound(positions.begin(), positions.end(), position,
                                     [](std::uint32_t p, std::int64_t wanted) { return std::int64_t{p} < wanted; });
    return sites.first(*chrom) + (at - positions.begin());
  };
  return {before(region.start), before(region.end)};
}

std::string letters_around(const MethylationData& data, const methylation::Site& site, std::int64_t width) {
  if (!data.sequence) return {};
  const std::int64_t place = data.sequence->places_of({data.table.chromosomes()[site.chrom]}).front();
  std::vector<seq::Token> tokens(static_cast<std::size_t>(width));
  data.sequence->read(place, site.position - width / 2, tokens);
  return seq::decode(tokens);
}

ShownSite shown(const MethylationData& data, const SiteList& sites, std::int64_t row, const MethylationShowOptions& o) {
  const methylation::Site site = sites[row];
  ShownSite found = {
      .chromosome = data.table.chromosomes()[site.chrom], .position = site.position, .dna = letters_around(data, site, o.dna)};
  std::vector<float> shares(data.table.cells().size());
  const methylation::Neighbours neighbours(data.table, sites, std::max<std::int64_t>(o.neighbours / 2, 1));
  neighbours.labels({{row}}, shares);
  for (std::size_t cell = 0; cell < shares.size(); ++cell) {
    ShownCell& of_cell = found.cells.emplace_back(ShownCell{.share = shares[cell]});
    if (o.neighbours == 0) continue;
    of_cell.states.resize(static_cast<std::size_t>(o.neighbours));
    of_cell.distances.resize(of_cell.states.size());
    neighbours.fill_cell(cell, {{row}}, of_cell.states, of_cell.distances);
  }
  return found;
}

}  // namespace

void describe(Visitor& v, MethylationShowOptions& o) {
  describe(v, o.inputs);
  v("region", o.region, "chromosome:start-end, from 1 and the end included, or a chromosome; empty: all");
  v("most", o.most, "sites that are shown, the first of the region", counted(1));
  v("neighbours", o.neighbours, "measured sites around a site in every cell, half of them on each side; 0: none", between(0, 20'000));
  v("dna", o.dna, "bases around a site, with a genome", between(1, 1'000'001));
}

MethylationShowResult methylation_show(const MethylationShowOptions& options) {
  MethylationShowOptions copy = options;
  check(described(copy), "methylation show");
  if (options.neighbours % 2 != 0)
    throw ArgumentError(format("neighbours is {}; half of them lie on each side, so that the number is even", options.neighbours));
  if (options.dna % 2 == 0) throw ArgumentError(format("dna is {} bases, which have no middle; give an odd number", options.dna));
  const MethylationData data = read_methylation(options.inputs);
  const SiteList sites = measured_sites(data.table);
  const Rows rows = rows_in(sites, data.table.chromosomes(), options.region);
  MethylationShowResult result = {.cells = data.table.cells(), .in_region = rows.end - rows.first, .notes = data.notes};
  for (std::int64_t row = rows.first; row < std::min(rows.end, rows.first + options.most); ++row)
    result.sites.push_back(shown(data, sites, row, options));
  return result;
}

}  // namespace basewise::prepare
