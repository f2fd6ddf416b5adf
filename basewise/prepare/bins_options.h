// What `basewise data bins` is asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/prepare/bin_transform.h"
#include "basewise/prepare/contigs.h"
#include "basewise/prepare/model_windows.h"
#include "basewise/prepare/target_coverage.h"

namespace basewise::prepare {

/// How a data set is written.
enum class BinsFormat { tfrecord, hdf5, basset };
constexpr auto words_of(BinsFormat) {
  return words<BinsFormat>(
      {{BinsFormat::tfrecord, "tfrecord", "tfrecords/SET-NUMBER.tfr, as Basenji and Borzoi read them"},
       {BinsFormat::hdf5, "hdf5", "data.h5 with train_in (N, L, 4), train_out (N, bins, targets), train_na (N, bins) and so on"},
       {BinsFormat::basset, "basset", "data.h5 with train_in (N, 4, 1, L), train_out (N, targets) and so on; one bin for each window"}});
}

/// What is told apart into sets.
enum class BinsSplit { contigs, windows };
constexpr auto words_of(BinsSplit) {
  return words<BinsSplit>({{BinsSplit::contigs, "contigs", "contigs, so that windows of two sets never overlap"},
                           {BinsSplit::windows, "windows", "windows at random, as in the data sets of 2017"}});
}

/// What happens to chromosomes that a track does not have.
enum class AbsentChromosomes { error, leave_out, zero };
constexpr auto words_of(AbsentChromosomes) {
  return words<AbsentChromosomes>({{AbsentChromosomes::error, "error", "an error that names both"},
                                   {AbsentChromosomes::leave_out, "leave_out", "no window lies on them"},
                                   {AbsentChromosomes::zero, "zero", "bins of 0, and they are counted"}});
}

struct BinsOptions {
  std::filesystem::path targets = {};  ///< table (targets_table.h)
  std::filesystem::path genome = {};   ///< FASTA
  std::filesystem::path out = {};      ///< folder
  BinsFormat format = BinsFormat::tfrecord;
  std::int64_t length = 131'072;  ///< bases of a sequence
  std::int64_t crop = 0;          ///< bases at both ends without labels
  std::int64_t width = 128;       ///< bases of a bin
  double stride_train = 1;        ///< bases, or share of `length` up to 1
  double stride_test = 1;
  std::int64_t snap = 1;
  std::int64_t longest_contig = 786'432;
  std::filesystem::path gaps = {};     ///< BED
  std::filesystem::path limit = {};    ///< BED
  std::filesystem::path contigs = {};  ///< BED with sets in column 4; in place of gaps, limit, peaks and splits
  bool peaks = false;                  ///< contigs are the peaks of the targets
  BinsSplit split = BinsSplit::contigs;
  double validation_fraction = 0.05;
  double test_fraction = 0.05;
  std::vector<std::string> validation_chromosomes = {};
  std::vector<std::string> test_chromosomes = {};
  std::int64_t folds = 0;  ///< 0: train, valid, test
  double sample = 1;
  std::uint64_t seed = 44;
  std::filesystem::path blacklist = {};  ///< BED
  double black_percentile = 0.5;
  bool interpolate = false;
  std::filesystem::path unmappable = {};  ///< BED
  double unmappable_most = 0.5;           ///< share of bins: windows with as much or more are dropped
  double unmappable_clip = 1;             ///< quantile of the window
  bool mask = false;                      ///< keep the mask as `umap`
  TransformForm transform = TransformForm::current;
  double clip_percentile = 0.9999999;
  std::optional<std::int64_t> decimals = {};
  std::int64_t per_file = 256;
  AbsentChromosomes absent = AbsentChromosomes::error;
  bool plan_only = false;      ///< stop behind contigs.bed and sequences.bed
  bool keep_coverage = false;  ///< leave seqs_cov/
  Faults faults = Faults::mended;
};
void describe(Visitor& v, BinsOptions& o);

/// Bins of a window.
inline std::int64_t bin_count(const BinsOptions& o) { return (o.length - 2 * o.crop) / o.width; }

/// Bounds and what must fit together: whole bins, strides and snap, contigs that hold a window,
/// fractions or chromosomes, formats.
/// Errors: ArgumentError.
void check(const BinsOptions& options);

/// The options of the steps.
ModelWindowOptions window_options(const BinsOptions& options);
FractionOptions fraction_options(const BinsOptions& options);
CoverageRules coverage_rules(const BinsOptions& options);

}  // namespace basewise::prepare
