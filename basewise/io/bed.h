// BED and its relatives narrowPeak, broadPeak and gappedPeak.
// The files are 0-based and half-open, as we are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/io/read_report.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::io {

/// One line. Absent columns are empty; '.' and '-' where a number or a name belongs are absent too.
struct BedRecord {
  seq::Interval interval;  ///< with the strand of column 6
  std::string name;        ///< column 4
  std::optional<double> score;
  std::optional<double> signal;        ///< narrowPeak column 7
  std::optional<double> p_value;       ///< column 8, -log10
  std::optional<double> q_value;       ///< column 9, -log10
  std::optional<std::int64_t> summit;  ///< column 10: offset of the peak from the start; absent where the file says -1
  std::vector<std::string> rest;       ///< columns behind the sixth of a file that is no narrowPeak, as text
  std::int64_t line = 0;               ///< in the file, from 1; 0 for a record that was not read

  /// The summit, or the centre of the interval where there is none (0-based).
  std::int64_t focus() const { return summit ? interval.start + *summit : interval.centre(); }
};

/// What the columns behind the sixth are.
enum class BedFormat { automatic, bed, narrow_peak };
constexpr auto words_of(BedFormat) {
  return words<BedFormat>(
      {{BedFormat::automatic, "auto", "by the name of the file, else narrow_peak if the first line has its ten columns"},
       {BedFormat::bed, "bed", "columns that are kept as text"},
       {BedFormat::narrow_peak, "narrow_peak", "signal, p-value, q-value and summit"}});
}

/// How a BED file is read.
struct BedOptions {
  BedFormat format = BedFormat::automatic;
};
void describe(Visitor& v, BedOptions& o);

/// Reads records in order; plain or gzip; columns by tabs, or by blanks in a line without tabs.
/// Lines that start with #, track or browser and blank lines are counted and passed over. A fifth
/// column that is no number (some files keep a name there) is noted and left absent.
///
/// Errors: DataError "file:line: ..." for fewer than 3 columns, another number of columns than
/// before, an empty name, a start or end that is no whole number or negative, an end before the
/// start, a strand other than + - ., a summit outside the peak; and those of `LineReader`. An empty
/// file is valid: no records.
class BedReader {
 public:
  explicit BedReader(const std::filesystem::path& path, BedOptions options = {});
  ~BedReader();
  BedReader(BedReader&&) noexcept;

  bool next(BedRecord& record);
  const ReadReport& report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// All records of a file.
struct BedResult {
  std::vector<BedRecord> records;
  ReadReport report;
  std::int64_t left_out = 0;  ///< records on sequences that a genome does not use
};
BedResult read_bed(const std::filesystem::path& path, const BedOptions& options = {});

/// The same for a genome: names become those of `sizes` (`seq::match_names`), every interval is
/// checked against them. Records on sequences that `sizes` has not, or that were not asked for, are
/// left out and counted as skipped; `report.remarks` say which names those were and which were
/// translated.
/// Errors also: DataError that names both files where no record is left; "file:line: ..." for an
/// interval that does not lie inside.
BedResult read_bed(const std::filesystem::path& path, const seq::ChromSizes& sizes, const BedOptions& options = {});

std::vector<seq::Interval> intervals(const std::vector<BedRecord>& records);

/// Writes as many columns as the records need (3 to 6, or 10 as narrowPeak if any has a signal,
/// p-value, q-value or summit), atomically; bgzip if the name ends in .gz.
/// Errors: ArgumentError for an unset name of a chromosome, start < 0, end < start, or a tab in a
/// text.
void write_bed(const std::filesystem::path& path, const std::vector<BedRecord>& records);
void write_bed(const std::filesystem::path& path, const std::vector<seq::Interval>& intervals);

}  // namespace basewise::io
