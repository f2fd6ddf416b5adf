// Labelled places on a genome: read from tables, BED and narrowPeak, filtered,
// deduplicated, looked up by position.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/seq/chrom_sizes.h"
#include "basewise/seq/interval.h"

namespace basewise::corpus {

/// What a file with sites is.
enum class SiteFormat { automatic, table, bed, narrow_peak };
constexpr auto words_of(SiteFormat) {
  return words<SiteFormat>({{SiteFormat::automatic, "auto", "by the name of the file"},
                            {SiteFormat::table, "table"},
                            {SiteFormat::bed, "bed"},
                            {SiteFormat::narrow_peak, "narrowpeak"}});
}

/// Which base of an interval is the site.
enum class SitePoint { centre, summit, start };
constexpr auto words_of(SitePoint) {
  return words<SitePoint>({{SitePoint::centre, "centre", "the middle"},
                           {SitePoint::summit, "summit", "the summit of the peak, the middle where it has none"},
                           {SitePoint::start, "start", "the 5' end"}});
}

/// Where sites stand in a file.
struct SiteOptions {
  std::filesystem::path file = {};
  SiteFormat format = SiteFormat::automatic;
  std::string chromosome = {};          ///< table: column; empty: the genome has one sequence and all sites lie on it
  std::string position = "position";    ///< table: column
  std::int64_t position_base = 0;       ///< table: number of the first base, 0 or 1
  std::string strand = {};              ///< table: column with + and -; empty: not stranded
  std::vector<std::string> where = {};  ///< table: conditions "column=value"; rows that meet all of them are kept
  SitePoint point = SitePoint::centre;  ///< bed, narrowpeak
  std::string task = {};                ///< table column, or "name" for bed: one label per word found there; empty: one label
};
void describe(Visitor& v, SiteOptions& o);

/// One labelled base.
struct Site {
  std::size_t chrom = 0;  ///< index in the chromosome sizes
  std::int64_t position = 0;
  seq::Strand strand = seq::Strand::none;
  std::size_t task = 0;

  friend auto operator<=>(const Site&, const Site&) = default;
};

/// Sites in rising order (chromosome, position, strand, task), each once.
struct SiteTable {
  std::vector<Site> sites;
  std::vector<std::string> tasks;  ///< names; one named "labels" when no column tells them apart
  std::int64_t rows = 0;           ///< rows read
  std::int64_t filtered = 0;       ///< rows that do not meet `where`
  std::int64_t duplicates = 0;     ///< rows equal to another one in chromosome, position, strand and task

  std::string summary() const;
};

/// Errors: DataError with file and line: unknown columns, positions outside of the chromosome,
/// unknown chromosomes.
SiteTable read_sites(const SiteOptions& options, const seq::ChromSizes& sizes);

}  // namespace basewise::corpus
