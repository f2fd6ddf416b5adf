// The verb `data sites`: peaks of several samples in, one table of sites out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "basewise/core/options.h"

namespace basewise::prepare {

/// Which base of a peak is the middle of its site.
enum class PeakPoint { centre, summit };
constexpr auto words_of(PeakPoint) {
  return words<PeakPoint>({{PeakPoint::centre, "centre", "the middle"},
                           {PeakPoint::summit, "summit", "the summit of narrowPeak, the middle where there is none"}});
}

struct SiteMergeOptions {
  std::filesystem::path samples = {};  ///< table of names and files of peaks
  std::filesystem::path out = {};      ///< beginning of the names of the files written
  std::filesystem::path sizes = {};    ///< table of the lengths of chromosomes
  std::int64_t size = 600;             ///< bases of a site
  std::int64_t merge_overlap = 200;    ///< bases
  PeakPoint point = PeakPoint::centre;
  bool leave_out_y = false;
  bool leave_out_auxiliary = false;
  std::filesystem::path known = {};           ///< BED of sites with active samples in column 7
  std::filesystem::path known_activity = {};  ///< table whose heading names the samples of `known`
  bool forget_known = false;
};
void describe(Visitor& v, SiteMergeOptions& o);

/// A sample, known or new.
struct SampleSites {
  std::string name;
  std::int64_t peaks = 0;  ///< read; of a known one 0
  std::int64_t sites = 0;  ///< at which it is active
};

struct SiteMergeResult {
  std::vector<std::filesystem::path> files;
  std::vector<SampleSites> samples;
  std::int64_t peaks = 0;   ///< of all samples, and known sites, that were merged
  std::int64_t sites = 0;
  std::int64_t silent = 0;  ///< sites without an active sample
  std::map<std::string, std::int64_t> left_out;  ///< peaks by reason
  std::size_t remarks = 0;         ///< what was said of names in single files; `notes` have the first three
  std::vector<std::string> notes;
  double seconds = 0;
};

/// Merges peaks to sites of equal length (Kelley et al. 2016, Genome Research 26:990, and its
/// program preprocess_features).
///
/// A peak becomes `size` bases around its middle, moved into its chromosome at the ends. Within a
/// chromosome and strand (peaks without a strand are a group of their own), in the order of their
/// middles: while two neighbours overlap by `merge_overlap` bases or more, the two with the largest
/// overlap, of equal ones the leftmost, become one. Its middle is the mean of theirs with weights 1
/// + number of active samples, halves rounded up, and it is active where one of them was.
///
/// Files: OUT.bed (chromosome, start, end, ".", 1, strand, and in column 7 the numbers from 0 on of
/// the active samples, "." for none), OUT_act.txt (a column "chr:start-end(strand)", then 0 or 1
/// per sample) and OUT.tsv (one row per site and active sample: chromosome, position of the middle
/// from 0 on, strand, task), which `data.genome.sites` reads.
/// Errors: ArgumentError for options that do not fit together;
/// DataError for files, with line, and where no peak is left.
SiteMergeResult merge_sites(const SiteMergeOptions& options);

}  // namespace basewise::prepare
