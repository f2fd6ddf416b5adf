// Windows that are in no set, by reason, and where windows of a set may move.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/corpus/splits.h"
#include "basewise/corpus/windows.h"
#include "basewise/data/build.h"
#include "basewise/seq/genome.h"

namespace basewise::data::detail {

/// "62 windows were left out: they have fewer than 5 reads", if there are any: a note, and what is
/// said where a set is empty. `what`: what they are windows of, as "windows of negatives".
void note_left_out(DataSplits& splits, std::int64_t count, const std::string& why, const std::string& what = "windows");

/// The same of windows that `indices` puts into no set: those that leave their chromosome or go
/// over the origin of a circular one, lie across a border between sets, or lie in no set.
void note_unplaced(DataSplits& splits, const std::vector<seq::Interval>& windows, const corpus::IndexSplit& indices,
                   const std::string& what = "windows");

/// Warns of windows of a set whose sequence is nothing but N, as of a genome with masked repeats:
/// what a model learns of them is to tell N.
void warn_of_unknown(const seq::Genome& genome, std::string_view set, const std::vector<seq::Interval>& windows);

/// The stretches of a genome in which windows of the training set may move without seeing a base of
/// the other two sets.
class TrainingRoom {
 public:
  /// `separation`: bases that stay between the sets.
  TrainingRoom(const corpus::RegionSplit& regions, const seq::ChromSizes& sizes, std::int64_t separation);

  /// From the last base of another set before [start, end) to the next one behind it, on circular
  /// chromosomes over the origin. Where there is none it has no bound:
  /// it goes on beyond the ends of the chromosome.
  corpus::Stretch around(std::size_t chrom, std::int64_t start, std::int64_t end) const;

 private:
  std::vector<std::vector<corpus::Stretch>> others_;  // by chromosome: sorted, disjoint
  std::vector<std::int64_t> circles_;                 // by chromosome: its length if it is circular, else 0
};

}  // namespace basewise::data::detail
