// Sites of one study in the coordinates and the assembly that its files have.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/corpus/sites.h"
#include "basewise/seq/chrom_sizes.h"
#include "basewise/seq/interval.h"

namespace basewise::corpus {

/// How the numbers of a table say where a site is.
enum class Coordinates { one_based, zero_based, half_open, inclusive };
constexpr auto words_of(Coordinates) {
  return words<Coordinates>({{Coordinates::one_based, "one_based", "column 'position', counted from 1"},
                             {Coordinates::zero_based, "zero_based", "column 'position', counted from 0"},
                             {Coordinates::half_open, "half_open", "columns 'start' and 'end', from 0, the end not included (as BED)"},
                             {Coordinates::inclusive, "inclusive", "columns 'start' and 'end', from 1, the end included (as GFF)"}});
}

/// Which end of an interval is the site.
enum class SiteEnd { start, end };
constexpr auto words_of(SiteEnd) { return words<SiteEnd>({{SiteEnd::start, "start", "the 5' end"}, {SiteEnd::end, "end", "the 3' end"}}); }

/// Files of one study, and how they are to be read.
struct SiteSourceOptions {
  std::string name = {};   ///< letters, digits, - and _: files are called by it
  std::string title = {};  ///< for people
  std::string terms = {};  ///< under which terms the files may be used
  FileList file = {};
  SiteFormat format = SiteFormat::automatic;
  std::string sequence = {};                            ///< sequence of the genome that all sites lie on, whatever the files call it
  std::filesystem::path liftover = {};                  ///< table of `read_liftover`, where the files are of another assembly
  SiteEnd point = SiteEnd::start;                       ///< of intervals
  std::vector<std::string> features = {};               ///< gff: types of features; empty: all
  bool header = true;                                   ///< table: its first line names the columns; else they are called 1, 2, ...
  std::int64_t skip_lines = 0;                          ///< table: lines before the heading, or before the rows where there is none
  std::string chromosome = {};                          ///< table: column; empty: all sites lie on one sequence
  Coordinates coordinates = Coordinates::one_based;     ///< table
  std::optional<Coordinates> reverse_coordinates = {};  ///< table: those of rows on the reverse strand, where they differ
  std::string position = "position";                    ///< table: column
  std::string start = "start";                          ///< table: column
  std::string end = "end";                              ///< table: column
  std::string strand = {};                              ///< table: column; empty: sites have no strand
  std::string no_position = {};                         ///< table: text of a position that is not known, beside the usual ones
  std::string score = {};                               ///< table: column; of BED and GFF the score is taken
  std::vector<std::string> where = {};                  ///< table: conditions "column=value", see `SiteOptions`
};
void describe(Visitor& v, SiteSourceOptions& o);

/// One base with what its study measured there.
struct ScoredSite {
  std::size_t chrom = 0;      ///< index in the chromosome sizes
  std::int64_t position = 0;  ///< 0-based
  seq::Strand strand = seq::Strand::none;
  std::optional<double> score = {};

  friend bool operator==(const ScoredSite&, const ScoredSite&) = default;
};

/// The sites of a source in rising order (chromosome, position, strand), each once.
struct SourceSites {
  std::vector<ScoredSite> sites;
  std::int64_t rows = 0;                  ///< rows read
  std::int64_t filtered = 0;              ///< rows that do not meet `where`
  std::int64_t unplaced = 0;              ///< rows without a position
  std::int64_t repeats = 0;               ///< rows equal to another one in chromosome, position and strand; the highest score is kept
  std::int64_t wrapped = 0;               ///< rows past the end of a circular sequence, counted on from its first base
  std::int64_t lost = 0;                  ///< rows on bases that the new assembly has not
  std::int64_t left_out = 0;              ///< rows on sequences that are not used
  std::vector<std::string> remarks = {};  ///< what is to say of names

  std::int64_t without_strand() const;  ///< sites, which are shared with others of no strand alone

  /// All of it in one line.
  std::string summary() const;
};

/// Reads the files of a source as one set. Strands of tables may be + - . or the words forward,
/// reverse, plus, minus, 1, -1. A position past the end of a circular sequence is counted on from
/// its first base and counted in `wrapped`; one that passes it twice is an error.
/// Errors: ArgumentError for options that do not fit the files; DataError "file:line: ..." for
/// numbers that are no place, positions outside of a linear sequence or of the liftover;
/// DataError where no site is left, which says what the conditions left out.
SourceSites read_source(const SiteSourceOptions& options, const seq::ChromSizes& sizes);

}  // namespace basewise::corpus
