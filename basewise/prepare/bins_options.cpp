#include "basewise/prepare/bins_options.h"

#include <cmath>

#include "basewise/core/error.h"

namespace basewise::prepare {
namespace {

/// Bases of a stride that may be given as a share of the length; halves to even.
std::int64_t stride_in_bases(double stride, const BinsOptions& o) {
  return static_cast<std::int64_t>(std::nearbyint(stride <= 1 ? stride * static_cast<double>(o.length) : stride));
}

void describe_split(Visitor& v, BinsOptions& o) {
  v("split", o.split, "what is told apart into sets");
  v("validation_fraction", o.validation_fraction, "share of the bases (split = windows: of the windows) to validate with", fraction());
  v("test_fraction", o.test_fraction, "share of them to test with", fraction());
  v("validation_chromosomes", o.validation_chromosomes, "chromosomes to validate with, in place of fractions");
  v("test_chromosomes", o.test_chromosomes, "chromosomes to test with, in place of fractions");
  v("folds", o.folds, "number of equal sets in place of train, valid and test; 0: none", counted(0));
  v("sample", o.sample, "share of the windows of each set that is kept, at random",
    Constraint{.minimum = 0, .maximum = 1, .minimum_open = true});
  v("seed", o.seed, "seed of the split and of the order of windows; the published sets have 44", between(0, 4'294'967'295));
}

void describe_coverage(Visitor& v, BinsOptions& o) {
  v("blacklist", o.blacklist, "BED: coverage in these stretches, 20 bases wider, is kept within the baseline of its window");
  v("black_percentile", o.black_percentile, "the baseline of a window is this quantile of its bases", fraction());
  v("interpolate", o.interpolate, "straight lines across bases without value; else they get the baseline, which is 0 then");
  v("unmappable", o.unmappable, "BED: stretches where no read can be placed");
  v("unmappable_most", o.unmappable_most, "windows with this share of unmappable bins, or more, are dropped", fraction());
  v("unmappable_clip", o.unmappable_clip, "values of unmappable bins are kept below this quantile of their window; 1: as they are",
    fraction());
  v("mask", o.mask, "keep which bins are unmappable as feature umap (hdf5: always, as train_na)");
  v("transform", o.transform, "generation of the transforms of bins");
  v("clip_percentile", o.clip_percentile, "bins beyond this quantile of all bins of their target become that", fraction());
  v("decimals", o.decimals, "round values to so many decimals, so that files compress better; unset: no", between(0, 6));
  v("absent", o.absent, "chromosomes that a track does not have");
}

void check_shape(const BinsOptions& o) {
  const std::int64_t labelled = o.length - 2 * o.crop;
  if (labelled < o.width)
    throw ArgumentError(
        format("length {} without a crop of {} at both ends leaves {} bases, less than a bin of {}", o.length, o.crop, labelled, o.width));
  if (labelled % o.width != 0)
    throw ArgumentError(
        format("length {} without a crop of {} at both ends leaves {} bases, which are no whole bins of {}; the next length "
               "that fits is {}",
               o.length, o.crop, labelled, o.width, (labelled / o.width + 1) * o.width + 2 * o.crop));
  if (o.longest_contig > 0 && o.longest_contig < o.length)
    throw ArgumentError(format("longest_contig is {}, which holds no sequence of {} bases", o.longest_contig, o.length));
  for (const double stride : {o.stride_train, o.stride_test})
    if (stride_in_bases(stride, o) < 1) throw ArgumentError(format("a stride of {} is less than a base", stride));
  if (o.length % o.snap != 0) throw ArgumentError(format("length is {} bases, which is no multiple of the snap of {}", o.length, o.snap));
  if (o.format == BinsFormat::basset && bin_count(o) != 1)
    throw ArgumentError(
        format("windows have {} bins, but the layout of Basset has one label for each target; take a crop of {} or another "
               "format",
               bin_count(o), (o.length - o.width) / 2));
}

void check_split(const BinsOptions& o) {
  const bool by_chromosome = !o.validation_chromosomes.empty() || !o.test_chromosomes.empty();
  if (!o.contigs.empty() &&
      (by_chromosome || o.folds > 0 || o.split == BinsSplit::windows || o.peaks || !o.gaps.empty() || !o.limit.empty()))
    throw ArgumentError("contigs says where windows lie and in which set; leave out gaps, limit, peaks, folds, split and chromosomes");
  if (o.folds == 1) throw ArgumentError("1 fold is no split; take 2 or more, or 0 for train, valid and test");
  if (o.folds > 0 && by_chromosome) throw ArgumentError("folds and chromosomes are two ways to split; give one of them");
  if (o.split == BinsSplit::windows && (o.folds > 0 || by_chromosome))
    throw ArgumentError("split = windows goes by fractions; folds and chromosomes need split = contigs");
  if (o.format != BinsFormat::tfrecord && o.folds > 0) throw ArgumentError("folds are written as tfrecord only");
  if (!by_chromosome && o.folds == 0 && o.validation_fraction + o.test_fraction >= 1)
    throw ArgumentError(
        format("validation_fraction {} and test_fraction {} leave nothing to train", o.validation_fraction, o.test_fraction));
}

}  // namespace

void describe(Visitor& v, BinsOptions& o) {
  v("targets", o.targets, "table of targets: identifier, file, sum_stat, scale, clip, clip_soft, strand_pair, description", required());
  v("genome", o.genome, "FASTA file; plain ones are read by their index, compressed ones as a whole", required());
  v("out", o.out, "folder for the data set; a call that was stopped goes on there", required());
  v("format", o.format, "how the data set is written");
  v("length", o.length, "bases of a sequence", counted(1));
  v("crop", o.crop, "bases at both ends of a sequence that have no labels", counted(0));
  v("width", o.width, "bases of a bin", counted(1));
  v("stride_train", o.stride_train, "from window to window in bases, or up to 1 as a share of length; also of folds", positive());
  v("stride_test", o.stride_test, "the same for valid and test", positive());
  v("snap", o.snap, "the first window of a contig starts at a multiple of this", counted(1));
  v("longest_contig", o.longest_contig, "longer contigs are halved before they are split into sets; 0: none is", counted(0));
  v("gaps", o.gaps, "BED: gaps of the assembly, where no window lies");
  v("limit", o.limit, "BED: windows lie in these regions only");
  v("contigs", o.contigs,
    "BED of contigs with the name of their set in column 4, as contigs.bed and data contigs write it; in place of gaps, limit, peaks and "
    "all "
    "options of the split");
  v("peaks", o.peaks, "windows lie around the peaks of the targets only, which are BED files");
  describe_split(v, o);
  describe_coverage(v, o);
  v("per_file", o.per_file, "sequences of a file of records", counted(1));
  v("plan_only", o.plan_only, "write contigs.bed and sequences.bed, and stop");
  v("keep_coverage", o.keep_coverage, "leave seqs_cov, the coverage of each target as an HDF5 file");
  v("faults", o.faults, "whether faults of the published programs are repeated, to make their sets again");
}

void check(const BinsOptions& o) {
  BinsOptions copy = o;
  check(described(copy), "data bins");
  check_shape(o);
  check_split(o);
}

ModelWindowOptions window_options(const BinsOptions& o) {
  return {.length = o.length - 2 * o.crop,
          .stride_train = stride_in_bases(o.stride_train, o),
          .stride_test = stride_in_bases(o.stride_test, o),
          .snap = o.snap,
          .sample = o.sample,
          .seed = o.seed,
          .faults = o.faults};
}

FractionOptions fraction_options(const BinsOptions& o) { return {.validation = o.validation_fraction, .test = o.test_fraction}; }

CoverageRules coverage_rules(const BinsOptions& o) {
  return {.width = o.width,
          .interpolate = o.interpolate,
          .black_percentile = o.black_percentile,
          .clip_percentile = o.clip_percentile,
          .faults = o.faults};
}

}  // namespace basewise::prepare
