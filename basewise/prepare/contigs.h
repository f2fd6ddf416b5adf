// The stretches of a genome that windows are cut from.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/seq/chrom_sizes.h"
#include "basewise/seq/interval.h"

namespace basewise::prepare {

/// [start, end) of chromosome number `chrom` of genome number `genome`, 0-based half-open.
struct Contig {
  std::size_t genome = 0;
  std::size_t chrom = 0;
  std::int64_t start = 0;
  std::int64_t end = 0;

  std::int64_t length() const { return end - start; }
  auto operator<=>(const Contig&) const = default;
};

/// Whether what published programs do by mistake is repeated, so that their sets can be made again.
enum class Faults { mended, repeated };
constexpr auto words_of(Faults) {
  return words<Faults>({{Faults::mended, "mended", "no"},
                        {Faults::repeated, "repeated",
                         "yes: the longest contig and the last exactly fitting window of each contig are lost, and "
                         "coverage is rounded to half precision before it is added"}});
}

/// Chromosomes without `gaps`, in the order of the genome. Gaps may overlap.
std::vector<Contig> contigs_without_gaps(const seq::ChromSizes& sizes, const std::vector<seq::Interval>& gaps, std::size_t genome = 0);

/// The parts of contigs that lie in `regions`, which may overlap.
std::vector<Contig> limited_to(const std::vector<Contig>& contigs, const std::vector<seq::Interval>& regions, const seq::ChromSizes& sizes);

/// Regions around peaks, of whole bins of `width` bases: each peak is widened to a bin at least, by
/// `crop` on both sides, peaks that overlap or touch are joined, and lengths rounded to the nearest
/// number of bins (halves to even) around their middle. Regions that overlap afterwards are joined
/// once more, so that no base is in two.
std::vector<seq::Interval> peak_regions(std::vector<seq::Interval> peaks, std::int64_t width, std::int64_t crop);

/// Halves the longest contig until none is longer than `longest`; ties in the order of names and
/// places. The order of the result is that of a binary heap, as published sets have it.
/// With repeated faults the longest contig of the result is left out.
std::vector<Contig> broken(const std::vector<Contig>& contigs, std::int64_t longest, const std::vector<seq::ChromSizes>& genomes,
                           Faults faults = Faults::mended);

/// Joins contigs that touch. Chromosomes keep the order of their first contig.
std::vector<Contig> rejoined(const std::vector<Contig>& contigs);

/// Bases that both have.
std::int64_t overlap(const Contig& a, const Contig& b);

/// Sum of lengths.
std::int64_t total_length(const std::vector<Contig>& contigs);

/// Whether contig `a` stands before `b` by genome, name of the chromosome (by letters) and place.
bool before(const Contig& a, const Contig& b, const std::vector<seq::ChromSizes>& genomes);

}  // namespace basewise::prepare
