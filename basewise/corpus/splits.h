// Who trains, who validates, who tests: splits of a genome or of a list,
// with a check that the sets are apart.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/seq/chrom_sizes.h"
#include "basewise/seq/interval.h"

namespace basewise::corpus {

/// A stretch of a chromosome as options name it: 0-based half-open.
/// On a circular chromosome `end` may run past the length.
struct RangeOptions {
  std::string chromosome = {};
  std::int64_t start = 0;
  std::int64_t end = -1;  ///< -1: the end of the chromosome
};
void describe(Visitor& v, RangeOptions& o);

/// How examples are told apart.
enum class SplitBy { fraction, chromosome, ranges, folds, column, group, contiguous };
constexpr auto words_of(SplitBy) {
  return words<SplitBy>({{SplitBy::fraction, "fraction", "at random"},
                         {SplitBy::chromosome, "chromosome", "by the chromosome that they lie on"},
                         {SplitBy::ranges, "ranges", "by stretches of chromosomes"},
                         {SplitBy::folds, "folds", "by chromosomes that a file lists"},
                         {SplitBy::column, "column", "by a column of their table"},
                         {SplitBy::group, "group", "at random, what belongs together in one set"},
                         {SplitBy::contiguous, "contiguous", "one stretch of the genome for each set, one behind the other"}});
}

struct SplitOptions {
  SplitBy by = SplitBy::fraction;
  double validation_fraction = 0.1;
  double test_fraction = 0.1;
  std::vector<std::string> validation_chromosomes = {};
  std::vector<std::string> test_chromosomes = {};
  std::vector<std::string> train_chromosomes = {};  ///< empty: all others
  std::vector<RangeOptions> validation_ranges = {};
  std::vector<RangeOptions> test_ranges = {};
  std::vector<RangeOptions> train_ranges = {};  ///< empty: the rest
  std::filesystem::path folds = {};             ///< JSON {"train": ["chr1", ...], "valid": [...], "test": [...]}
  std::int64_t separation = 0;                  ///< genome: bases of context around the later set that must also be free of the other
  std::string column = "split";                 ///< table column with train, validation (valid, val, dev), test
  std::string group = {};                       ///< by group: table column whose words are the groups
  std::string group_pattern = {};               ///< by group: instead of a column, a regular expression on names
  std::vector<std::string> validation_groups = {};  ///< by group: instead of a fraction, names of groups
  std::vector<std::string> test_groups = {};
  std::int64_t start = -1;      ///< contiguous: first base of the test set; -1: drawn
  std::int64_t start_seed = 0;  ///< contiguous: seed of that draw
};
void describe(Visitor& v, SplitOptions& o);

/// One of the three sets, in the order in which they are printed everywhere.
enum class SetName { train, validation, test };
constexpr auto words_of(SetName) {
  return words<SetName>(
      {{SetName::train, "train"}, {SetName::validation, "validation"}, {SetName::test, "test"}});
}

/// Their words, in the same order.
inline constexpr std::array<std::string_view, 3> kSetNames = {"train", "validation", "test"};

/// A split of a genome: stretches that do not wrap, sorted, disjoint.
struct RegionSplit {
  std::vector<seq::Interval> train;
  std::vector<seq::Interval> validation;
  std::vector<seq::Interval> test;
  std::vector<std::string> notes = {};  ///< names of a fold file that were translated or are not used

  /// By position in `kSetNames`.
  const std::vector<seq::Interval>& operator[](std::size_t set) const;
  std::string summary() const;
};

/// A split of a list: indices in rising order.
struct IndexSplit {
  std::vector<std::int64_t> train;
  std::vector<std::int64_t> validation;
  std::vector<std::int64_t> test;
  std::int64_t left_out = 0;  ///< items that belong to no set, or lie across a border

  const std::vector<std::int64_t>& operator[](std::size_t set) const;
  std::string summary() const;
};

/// Splits a genome by chromosome, ranges, folds or contiguous stretches. What no set names goes to
/// train unless train is named. A fold file may name chromosomes that are not used, as long as one
/// of its training set is.
///
/// Contiguous: a genome of one sequence of n bases, read as a circle. Test is [a,
/// a + floor(n * test_fraction)), validation the floor(n * validation_fraction) bases behind it,
/// train the rest. a is `start`, else numpy.random.RandomState(start_seed).randint(n), as in
/// Clauwaert et al. 2021, Briefings in Bioinformatics 22:bbab060.
/// Errors: ArgumentError for lengths and overlaps (within `separation`), for contiguous stretches
/// of several sequences or of 2^31 bases or more, and for sets of them without bases;
/// DataError for names and for a fold file.
RegionSplit split_genome(const SplitOptions& options, const seq::ChromSizes& sizes);

/// Splits n items at random: floor(n * test_fraction) test, floor(n * validation_fraction)
/// validation, the rest train. A pure function of (n, options, seed).
IndexSplit split_fraction(const SplitOptions& options, std::int64_t n, std::uint64_t seed);

/// Splits items by a word each ("train", "validation"/"valid"/"val"/"dev",
/// "test"; empty: left out).
/// Errors: DataError naming the first other word.
IndexSplit split_by_words(const std::vector<std::string>& words, std::string_view column);

/// Splits items by the chromosome that each lies on, whose names may be aliases (`seq::ChromSizes`)
/// of those of the options.
/// Errors: ArgumentError for a chromosome of the options on which no item lies,
/// and one that two sets name.
IndexSplit split_by_chromosome(const SplitOptions& options, const std::vector<std::string>& chromosomes);

/// Items whose interval lies wholly in one set; the others are counted as left out.
IndexSplit split_intervals(const std::vector<seq::Interval>& intervals, const RegionSplit& regions);

/// The chromosomes of a fold file in ChromBPNet's format.
/// Errors: DataError naming the file and what is wrong.
struct Fold {
  std::vector<std::string> train;
  std::vector<std::string> validation;
  std::vector<std::string> test;
};
Fold read_fold(const std::filesystem::path& file);

/// Checks that no base is in two sets when every stretch of the later set (test, validation) is
/// widened by `context` bases on both sides (over the origin of circular chromosomes).
/// Errors: ArgumentError that names both sets, the place and the number of shared bases.
void check_disjoint(const RegionSplit& split, const seq::ChromSizes& sizes, std::int64_t context = 0);

/// The same for any two sets.
void check_disjoint(const std::vector<seq::Interval>& a, std::string_view a_name, const std::vector<seq::Interval>& b,
                    std::string_view b_name, const seq::ChromSizes& sizes, std::int64_t context = 0);

}  // namespace basewise::corpus
