// Loci that are shown as tracks: chosen by their targets, then looked at again.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "basewise/evaluate/detail/pair_batch.h"
#include "basewise/evaluate/measure.h"
#include "basewise/results/figures.h"

namespace basewise::evaluate::detail {

/// Places in an order of ranks that are shown, with the reason: the first, at three quarters, in
/// the middle, the last. Each place once.
std::vector<std::pair<const char*, std::size_t>> ranks_to_show(std::size_t count, std::size_t sparsest);

/// An example along the sequence, for the choice of loci.
struct ExampleRow {
  std::int64_t example = 0;
  std::int64_t chromosome = -1;  ///< -1: the example has no position
  std::int64_t start = 0;
  std::int64_t length = 0;  ///< bases
  bool spans = true;        ///< the first and the last value were measured in one of the outputs
  bool measured = false;    ///< some value was
  double sum = 0;           ///< of the measured targets of all outputs
};
ExampleRow row_of(const PairBatch& batch, std::int64_t example, std::int64_t number, std::int64_t bases_per_value);

/// Bases of a locus: as many neighbouring examples as fill them.
inline constexpr std::int64_t kLocusBases = 8192;

/// What is looked at again where loci are.
struct LocusSource {
  const Source& source;
  HeadPlan head = {};
  std::vector<std::size_t> channels = {};  ///< those whose values are kept
  bool probability = false;                ///< predictions are made probabilities
  std::int64_t bases_per_value = 1;
};

/// At most four loci by the sum of their targets: the largest, at three quarters of the ranks, in
/// the middle, the smallest; the first one of the data set among equals. Neighbouring examples are
/// joined to kLocusBases; those that are not measured from end to end, as the last one of a region,
/// are taken only where there are no others. Observed values that were not measured are NaN. `rows`
/// are in the order of the data set.
std::vector<results::LocusTracks> choose_loci(const std::vector<ExampleRow>& rows, const LocusSource& from);

}  // namespace basewise::evaluate::detail
