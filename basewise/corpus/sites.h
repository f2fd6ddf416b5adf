// Labelled places on a genome: read from tables, BED and its relatives, GFF and GTF, filtered,
// deduplicated, looked up by position.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/seq/chrom_sizes.h"
#include "basewise/seq/interval.h"

namespace basewise::corpus {

/// What a file with sites is.
enum class SiteFormat { automatic, table, bed, narrow_peak, gff };
constexpr auto words_of(SiteFormat) {
  return words<SiteFormat>({{SiteFormat::automatic, "auto", "by the name of the file, else by its first lines"},
                            {SiteFormat::table, "table"},
                            {SiteFormat::bed, "bed", "BED with any number of columns, also broadPeak and gappedPeak"},
                            {SiteFormat::narrow_peak, "narrowpeak"},
                            {SiteFormat::gff, "gff", "GFF3 or GTF"}});
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
  FileList file = {};
  FileList validation_file = {};  ///< further files of the same form: the sites of the validation set, wherever they lie
  FileList test_file = {};        ///< those of the test set
  SiteFormat format = SiteFormat::automatic;
  std::string chromosome = {};          ///< table: column; empty: the genome has one sequence and all sites lie on it
  std::string position = "position";    ///< table: column
  std::int64_t position_base = 0;       ///< table: number of the first base, 0 or 1
  std::string strand = {};              ///< table: column with + and -; empty: not stranded
  /// table: conditions "column=value"; rows that meet all of them are kept,
  /// where several name one column any of these
  std::vector<std::string> where = {};
  SitePoint point = SitePoint::centre;  ///< bed, narrowpeak
  /// gff: types of features; empty: gene, else transcript and mRNA, else the only type there is
  std::vector<std::string> features = {};
  SitePoint feature_point = SitePoint::start;  ///< gff
  /// Table column, "name" for bed, an attribute or "type" for gff: one label per word found there.
  /// "file" where there are several: one label per file, called as the file without its ending.
  /// Empty: one label.
  std::string task = {};
  std::int64_t shift = 0;  ///< bases by which sites are moved downstream (`move_downstream`)
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

/// The base of an interval that is its site, at forward coordinates; `summit` counts from its
/// start. The 5' end is the first base, on the reverse strand the last one.
std::int64_t site_position(SitePoint point, const seq::Interval& interval, std::optional<std::int64_t> summit = {});

/// Sites in rising order (chromosome, position, strand, task), each once.
struct SiteTable {
  std::vector<Site> sites;
  std::vector<std::string> tasks;  ///< names; one named "labels" when no column tells them apart
  std::int64_t rows = 0;           ///< rows read
  std::int64_t filtered = 0;       ///< rows that do not meet `where`
  std::int64_t duplicates = 0;     ///< rows equal to another one in chromosome, position, strand and task
  std::int64_t left_out = 0;       ///< rows on sequences that are not used
  std::vector<std::string> remarks = {};  ///< what else there is to say: names, summits, features

  /// All of it in one line.
  std::string summary() const;
};

/// Moves every site by `bases` along its own strand: to larger positions on the forward strand, to
/// smaller ones on the reverse strand; below 0 the other way. On a circular chromosome sites go
/// over the origin and stay on their strand; those that leave a linear one are left out and
/// counted.
///
/// A model that sees only what lies upstream of a position can so be shown the first bases behind a
/// site: its value at m then speaks of the site at m - bases.
/// Errors: ArgumentError where sites have no strand.
void move_downstream(SiteTable& table, std::int64_t bases, const seq::ChromSizes& sizes);

/// The sites of all files together, each read by its own format where that is automatic. Sites on
/// sequences that the genome has not, or that were not asked for, are left out and counted; names
/// are those of `seq::match_names`.
/// `tasks`: labels that are known already; others come behind them. The files of sets are not read.
/// Errors: DataError with file and line: unknown columns, positions outside of the chromosome; no
/// site on a sequence of the genome; features that the file has not.
SiteTable read_sites(const SiteOptions& options, const seq::ChromSizes& sizes, std::vector<std::string> tasks = {});

}  // namespace basewise::corpus
