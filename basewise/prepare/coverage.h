// The verb `data coverage`: reads in, a track out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "basewise/prepare/coverage_options.h"

namespace basewise::prepare {

/// One track that was written.
struct CoverageTrack {
  std::filesystem::path file;
  double sum = 0;              ///< of its values, a bin once
  double highest = 0;
  std::int64_t above_zero = 0;  ///< values, of bases or bins
};

struct CoverageResult {
  std::vector<CoverageTrack> tracks;
  std::int64_t chromosomes = 0;
  std::int64_t bases = 0;
  std::int64_t records = 0;  ///< alignments, or lines
  std::int64_t used = 0;     ///< reads, or fragments, that were counted; one with several places once
  std::int64_t multi = 0;    ///< of these: shared among several places
  std::map<std::string, std::int64_t> left_out;  ///< records (of lines: reads), by reason
  std::int64_t moved_out = 0;                    ///< 5' ends that were moved out of their chromosome, and so not counted
  std::int64_t fragment = 0;  ///< bases, as known from pairs or estimated from the strands; 0: was not asked for
  std::int64_t shift_forward = 0, shift_reverse = 0;  ///< as done: to the right, to the left
  std::int64_t rounds = 0;                            ///< of the shares of reads with several places
  double scale = 1;                                   ///< factor of what was written
  std::vector<double> gc;                             ///< coefficients of the correction, of (share - 0.5)^k; empty: none
  std::vector<std::string> notes;                     ///< what the user should know; none is an error
  double seconds = 0;
};

/// Counts reads along a genome and writes tracks (Kelley et al.
/// 2018, Genome Research 28:739, and its program bam_cov).
///
/// The steps, in this order: reads are filtered; counted at their 5' ends, over their bases or over
/// their fragments; moved along their strand; reads with several places are shared among these
/// (`ShareModel`); values are clipped; divided by what the share of G and C explains (`GcModel`);
/// smoothed; set to 0 below `floor`; scaled; binned. Every base of the chromosomes has a value.
///
/// Reads are read once, in any order, and wait in a temporary file beside `out`, 8 bytes each:
/// memory holds the reads of one chromosome, and 16 bytes for every place of those that are shared
/// by iteration. Sums are float32 and double.
/// Errors: ArgumentError for options that do not fit together, or an output that is also an input;
/// DataError for files, and where no read is left.
CoverageResult coverage(const CoverageOptions& options);

}  // namespace basewise::prepare
