// The files of `merge_sites`: samples and peaks in, sites out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "basewise/prepare/detail/merge_peaks.h"
#include "basewise/prepare/peaks.h"
#include "basewise/seq/chrom_sizes.h"
#include "basewise/seq/interval.h"

namespace basewise::prepare::detail {

/// A line of the table of samples.
struct Sample {
  std::string name;
  std::filesystem::path file;
};

/// Name and file per line, by tabs or blanks; # begins a comment.
/// Relative files are relative to the folder of the table.
/// Errors: DataError "file:line: ..." for another number of columns and a repeated name; for an
/// empty table.
std::vector<Sample> read_samples(const std::filesystem::path& path);

/// The samples in the heading of an activity table.
/// Errors: DataError for a table without any.
std::vector<std::string> read_activity_heading(const std::filesystem::path& path);

/// A middle and the sample that is active there; -1: none.
struct Middle {
  std::int64_t position = 0;
  std::int32_t sample = -1;
};

/// Peaks of one chromosome and strand, to be merged.
struct PeakGroup {
  std::string chrom;
  seq::Strand strand = seq::Strand::none;
  std::optional<std::int64_t> length = {};
  std::vector<Middle> middles = {};
  std::vector<Peak> known = {};  ///< sites of an earlier table
};

/// What is said of names in single files at most: hundreds of samples have the same ones.
inline constexpr std::size_t kRemarks = 3;

/// All peaks by chromosome and strand.
class PeakGroups {
 public:
  /// `sizes`: nothing where lengths are not known. What is peculiar goes to `result`.
  PeakGroups(const SiteMergeOptions& options, const std::optional<seq::ChromSizes>& sizes, SiteMergeResult& result)
      : options_(options), sizes_(sizes), result_(result) {}

  /// Errors: those of `read_bed`.
  void add_sample(const Sample& sample, std::int32_t number);

  /// Errors also: DataError "file:line: ..." for a column 7 that is no list of numbers below
  /// `samples`.
  void add_known(const std::filesystem::path& file, std::int32_t samples);

  /// In the order of the chromosomes, else of the files; those of one chromosome beside each other.
  std::vector<PeakGroup>& groups();

 private:
  PeakGroup* group(const seq::Interval& interval);

  const SiteMergeOptions& options_;
  const std::optional<seq::ChromSizes>& sizes_;
  SiteMergeResult& result_;
  std::vector<PeakGroup> groups_;
  std::map<std::pair<std::string, seq::Strand>, std::size_t> by_name_;
};

/// Whether it is a chromosome of its own right: a number, also a Roman one, X, Y,
/// Z or W, with or without chr.
bool is_main_chromosome(std::string_view name);

/// Sites of a chromosome, of all strands, by their starts.
struct ChromSites {
  std::string chrom;
  std::vector<std::pair<Peak, seq::Strand>> sites;
};

/// OUT.bed, OUT_act.txt and OUT.tsv.
std::vector<std::filesystem::path> write_sites(const std::filesystem::path& out, const std::vector<ChromSites>& chroms,
                                               const std::vector<std::string>& samples);

/// The files that `write_sites` writes.
std::vector<std::filesystem::path> site_files(const std::filesystem::path& out);

}  // namespace basewise::prepare::detail
