// Methylation calls of one cell or sample as text: profiles (chromosome, position, value),
// bedGraph, and the coverage files of Bismark.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "basewise/core/choice.h"
#include "basewise/core/options.h"
#include "basewise/io/read_report.h"

namespace basewise::io {

/// What a row says.
enum class MethylationFormat { automatic, profile, bedgraph, coverage };
constexpr auto words_of(MethylationFormat) {
  return words<MethylationFormat>({{MethylationFormat::automatic, "auto", "by the columns of the first row: 3, 4 or 6"},
                                   {MethylationFormat::profile, "profile", "chromosome, position, value, as DeepCpG reads them"},
                                   {MethylationFormat::bedgraph, "bedgraph", "chromosome, start, end, value"},
                                   {MethylationFormat::coverage, "coverage",
                                    "chromosome, start, end, percentage, methylated and unmethylated reads, as Bismark writes them"}});
}

/// What the values of profiles and bedGraph are; coverage files have counts.
enum class MethylationValues { share, percent };
constexpr auto words_of(MethylationValues) {
  return words<MethylationValues>({{MethylationValues::share, "share", "methylated share, 0 to 1"},
                                   {MethylationValues::percent, "percent", "methylated percentage, 0 to 100"}});
}

/// The number of the first base of a chromosome.
enum class FirstBase { automatic, zero, one };
constexpr auto words_of(FirstBase) {
  return words<FirstBase>({{FirstBase::automatic, "auto", "0 in bedGraph, 1 in profiles and coverage files"},
                           {FirstBase::zero, "0", "positions count from 0, and ends are not included"},
                           {FirstBase::one, "1", "positions count from 1, and ends are included"}});
}

/// How a file of methylation calls is read.
struct MethylationFileOptions {
  MethylationFormat format = MethylationFormat::automatic;
  MethylationValues values = MethylationValues::share;
  FirstBase first_base = FirstBase::automatic;
};
void describe(Visitor& v, MethylationFileOptions& o);

/// One row. On the forward strand the position is the C of a CpG; where a file lists both strands
/// apart, it may be the G, which is the C of the reverse strand.
struct MethylationCall {
  std::string chromosome = {};
  std::int64_t position = 0;  ///< 0-based
  double share = 0;           ///< methylated, 0 to 1
  std::int64_t coverage = 0;  ///< reads; 0 where the file does not say
  bool operator==(const MethylationCall&) const = default;
};

/// Reads the rows of a file in order, plain or gzip; columns by tabs, or by blanks in a row without
/// tabs. Of a row that covers both bases of a CpG the first base counts. Lines that start with #,
/// track or browser, blank lines, rows without a value (nan, NA, .) and rows without any read are
/// counted and passed over. The share of a coverage file is that of its reads; a percentage that
/// says something else is noted, and at the end of a file of percentages that none is above 1.
///
/// Errors: DataError "file:line: ..." for another number of columns, a position that is no whole
/// number or outside [0, 2^31), more than 2 bases in a row, a value outside [0, 1] (or 0 to 100), a
/// negative number of reads, rows that are not sorted by position within their chromosome, a
/// position that stands twice, rows of a chromosome in two places; in coverage files and with
/// `FirstBase::automatic` rows whose end is start + 1, which count from 0 or cover both bases; and
/// those of `LineReader`.
class MethylationReader {
 public:
  explicit MethylationReader(const std::filesystem::path& path, const MethylationFileOptions& options = {});
  ~MethylationReader();
  MethylationReader(MethylationReader&&) noexcept;

  bool next(MethylationCall& call);

  /// What the rows are; known after the first one.
  MethylationFormat format() const;
  /// DataError at the last row.
  [[noreturn]] void fail(const std::string& message) const;
  const ReadReport& report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes rows of one of these forms, atomically; bgzip (which is gzip) if the name ends in .gz.
/// Positions of profiles and coverage files count from 1. bedGraph begins with a track line and has
/// one base in a row. Values have as many digits as tell two floats apart.
/// Errors: ArgumentError for a share outside [0, 1], a name with white space,
/// or a coverage file of calls without reads.
class MethylationWriter {
 public:
  MethylationWriter(const std::filesystem::path& path, MethylationFormat format);
  ~MethylationWriter();
  MethylationWriter(MethylationWriter&&) noexcept;
  void add(std::string_view chromosome, std::int64_t position, float share, std::int64_t coverage = 0);
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io
