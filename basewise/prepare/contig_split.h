// Which contig belongs to which set, drawn as the published programs draw.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/numpy_random.h"
#include "basewise/prepare/contigs.h"

namespace basewise::prepare {

inline constexpr std::string_view kTrainSet = "train", kValidSet = "valid", kTestSet = "test";

/// Contigs of each set, in the order in which they came into it.
struct ContigSets {
  std::vector<std::string> names = {};  ///< train, valid, test; or fold0, fold1, ...
  std::vector<std::vector<Contig>> contigs = {};
};

/// Train, valid and test, without contigs.
ContigSets three_sets();

struct FractionOptions {
  double validation = 0.05;
  double test = 0.05;
  double largest = 0.2;  ///< share of what a set still lacks that one component may have at most, to be drawn for validation or test
};

/// Components (contigs that must stay together; mostly one each) go to train, valid and test by
/// bases: from the longest to the shortest, each to a set drawn with a probability in proportion to
/// what the set still lacks of its share. Train always lacks 1 base at least; validation and test
/// are no choice where the component is longer than `largest` times what they lack.
///
/// The draws are those of NumPy's `random.choice`, so that a seed gives the published split.
/// Errors: ArgumentError for fractions outside 0 to 1, or that leave nothing to train.
ContigSets split_by_fraction(const std::vector<std::vector<Contig>>& components, const std::vector<seq::ChromSizes>& genomes,
                             const FractionOptions& options, NumpyRandom& random);

/// The same to `folds` sets of equal shares, rounded up.
/// Errors: ArgumentError for fewer than 2 folds.
ContigSets split_to_folds(const std::vector<std::vector<Contig>>& components, const std::vector<seq::ChromSizes>& genomes,
                          std::int64_t folds, NumpyRandom& random);

/// By the chromosome that contigs lie on (any name that `ChromSizes` knows); the rest trains.
/// Errors: DataError for a name that the genome lacks;
/// ArgumentError for a chromosome in both lists.
ContigSets split_by_chromosomes(const std::vector<Contig>& contigs, const seq::ChromSizes& sizes,
                                const std::vector<std::string>& validation, const std::vector<std::string>& test);

/// Every contig as a component of its own.
std::vector<std::vector<Contig>> alone(const std::vector<Contig>& contigs);

}  // namespace basewise::prepare
