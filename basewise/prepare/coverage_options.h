// What the verb `data coverage` can be asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/io/fragments.h"

namespace basewise::prepare {

/// What of a read is counted.
enum class ReadCount { ends, reads, fragments };
constexpr auto words_of(ReadCount) {
  return words<ReadCount>({{ReadCount::ends, "ends", "1 at the 5' end of each read"},
                           {ReadCount::reads, "reads", "1 at every base that a read is aligned to"},
                           {ReadCount::fragments, "fragments", "1 at every base of a fragment, once for both reads of a pair"}});
}

/// Which tracks are written.
enum class StrandTracks { together, apart, forward, reverse };
constexpr auto words_of(StrandTracks) {
  return words<StrandTracks>({{StrandTracks::together, "together", "one track of both strands"},
                              {StrandTracks::apart, "apart", "two, NAME.plus and NAME.minus"},
                              {StrandTracks::forward, "forward", "one track of the forward strand"},
                              {StrandTracks::reverse, "reverse", "one track of the reverse strand"}});
}

/// Whose strand a read of a pair has.
enum class StrandOf { read, first_read, second_read };
constexpr auto words_of(StrandOf) {
  return words<StrandOf>({{StrandOf::read, "read", "each read its own"},
                          {StrandOf::first_read, "first", "both reads of a pair that of the first"},
                          {StrandOf::second_read, "second", "both that of the second, a single read the other one (dUTP libraries)"}});
}

/// Which reads of a pair count.
enum class Mates { both, first, second };
constexpr auto words_of(Mates) {
  return words<Mates>({{Mates::both, "both"}, {Mates::first, "first"}, {Mates::second, "second"}});
}

/// Where reads are moved, always along their own strand.
enum class ShiftKind { none, given, fragment, tn5, tn5_centre };
constexpr auto words_of(ShiftKind) {
  return words<ShiftKind>({{ShiftKind::none, "none", "nowhere"},
                           {ShiftKind::given, "given", "by shift_forward and shift_reverse"},
                           {ShiftKind::fragment, "fragment", "by half a fragment, to its middle"},
                           {ShiftKind::tn5, "tn5", "+4 on the forward and -5 on the reverse strand, as ATAC-seq pipelines do"},
                           {ShiftKind::tn5_centre, "tn5-centre", "+4 and -4: both cuts of one insertion come to the same base"}});
}

/// What happens to reads that fit several places equally well.
enum class MultiReads { as_placed, leave_out, share, model };
constexpr auto words_of(MultiReads) {
  return words<MultiReads>({{MultiReads::as_placed, "as-placed", "1 at the place that the aligner chose"},
                            {MultiReads::leave_out, "leave-out", "not counted"},
                            {MultiReads::share, "share", "1/n at each of n places"},
                            {MultiReads::model, "em", "a share at each place, by the coverage around it, found by iteration"}});
}

/// Where high values are cut.
enum class ClipWhat { none, multi, all };
constexpr auto words_of(ClipWhat) {
  return words<ClipWhat>({{ClipWhat::none, "none", "nowhere"},
                          {ClipWhat::multi, "multi", "only what reads with several places add"},
                          {ClipWhat::all, "all", "every base"}});
}

enum class Normalisation { none, cpm };
constexpr auto words_of(Normalisation) {
  return words<Normalisation>({{Normalisation::none, "none", "counts"},
                               {Normalisation::cpm, "cpm", "per million of what was counted (reads, or fragments)"}});
}

/// What stands for the bases of a bin.
enum class BinValue { mean, sum, max };
constexpr auto words_of(BinValue) {
  return words<BinValue>({{BinValue::mean, "mean"}, {BinValue::sum, "sum"}, {BinValue::max, "max"}});
}

/// What is written.
enum class CoverageFormat { automatic, bigwig, w5, bedgraph };
constexpr auto words_of(CoverageFormat) {
  return words<CoverageFormat>({{CoverageFormat::automatic, "auto", "by the name of the file"},
                                {CoverageFormat::bigwig, "bigwig"},
                                {CoverageFormat::w5, "w5", "HDF5 as Basenji reads it, one float16 per base"},
                                {CoverageFormat::bedgraph, "bedgraph"}});
}

/// Standard deviations of Gaussians are in bases; they end at three of them, and at the ends of
/// chromosomes the weights of what is there sum to 1.
struct CoverageOptions {
  std::vector<std::filesystem::path> reads = {};  ///< added together
  io::FragmentFormat text_format = io::FragmentFormat::automatic;
  std::filesystem::path out = {};
  CoverageFormat format = CoverageFormat::automatic;
  std::filesystem::path genome = {};        ///< FASTA with an index or bgzip; its sequences are the chromosomes
  std::filesystem::path sizes = {};         ///< table of the lengths of chromosomes
  std::vector<std::string> chromosomes = {};  ///< empty: all
  std::vector<std::string> exclude = {};

  ReadCount count = ReadCount::ends;
  StrandTracks strands = StrandTracks::together;
  StrandOf strand_of = StrandOf::read;
  Mates mates = Mates::both;
  std::int64_t min_quality = 0;
  bool keep_duplicates = false;
  bool proper_pairs = false;
  std::int64_t min_fragment = 0;
  std::int64_t max_fragment = 0;     ///< 0: no limit
  std::int64_t fragment_length = 0;  ///< of single reads; 0: not known
  std::filesystem::path barcodes = {};
  bool weigh_by_count = false;

  ShiftKind shift = ShiftKind::none;
  std::int64_t shift_forward = 0;
  std::int64_t shift_reverse = 0;

  MultiReads multi = MultiReads::as_placed;
  std::int64_t max_places = 20;
  double multi_smooth = 16;
  std::int64_t multi_iterations = 10;

  ClipWhat clip = ClipWhat::none;
  double clip_smooth = 16;
  double clip_tail = 0.01;

  bool gc_correct = false;
  double gc_smooth = 64;

  double smooth = 0;      ///< of what is written; 0: none
  double floor = 0.003;   ///< smaller values become 0
  Normalisation normalise = Normalisation::none;
  double scale = 1;
  std::int64_t bin = 1;
  BinValue bin_value = BinValue::mean;
};
void describe(Visitor& v, CoverageOptions& o);

/// What `describe` cannot say of single options.
/// Errors: ArgumentError for options that do not fit together.
void require_consistent(const CoverageOptions& o);

/// The format that `format` or the name of `out` says.
/// Errors: ArgumentError for a name that says none.
CoverageFormat output_format(const CoverageOptions& o);

/// The files that are written: `out`, or NAME.plus.END and NAME.minus.END.
std::vector<std::filesystem::path> output_files(const CoverageOptions& o);

}  // namespace basewise::prepare
