// Sequenced fragments and reads as text: fragments of single cells (fragments.tsv.gz), BEDPE, and
// BED files of reads. All are 0-based and half-open, as we are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "basewise/core/choice.h"
#include "basewise/io/read_report.h"
#include "basewise/seq/interval.h"

namespace basewise::io {

/// What a line says.
enum class FragmentFormat { automatic, fragments, pairs, reads };
constexpr auto words_of(FragmentFormat) {
  return words<FragmentFormat>(
      {{FragmentFormat::automatic, "auto", "by the first line"},
       {FragmentFormat::fragments, "fragments", "chromosome, start, end; then, as in fragments.tsv.gz, barcode and number of read pairs"},
       {FragmentFormat::pairs, "bedpe", "chromosome, start, end of both reads, name, score, strands"},
       {FragmentFormat::reads, "reads", "BED with a strand in column 6, one read per line"}});
}

/// One end of a fragment, or one read.
struct FragmentRead {
  std::string chromosome = {};  ///< empty: this read is not aligned
  std::int64_t start = 0;
  std::int64_t end = 0;
  seq::Strand strand = seq::Strand::none;
};

/// One line.
struct Fragment {
  /// Of pairs the two reads. Of fragments the whole fragment, twice, on both strands;
  /// of reads, the read, and nothing.
  FragmentRead first = {}, second = {};
  bool is_pair = false;  ///< both reads lie on one chromosome: from the first base to the last is a fragment
  std::string barcode = {};   ///< of a cell; empty where there is none
  std::int64_t count = 1;     ///< read pairs that became this line; 1 where it is not said
};

/// Reads the lines of such a file in order, plain or gzip; columns by tabs, or by blanks in a line
/// without tabs. Lines that start with #, track or browser and blank lines are counted and passed
/// over. Strands that BEDPE does not give are those of a pair: the left read forward, the right one
/// reverse.
///
/// Errors: DataError "file:line: ..." for fewer columns than the format has, a start or end that is
/// no whole number or negative, an end that is not behind the start, a strand other than + - ., a
/// count below 1 or above a million, a line of reads without a strand; and those of `LineReader`.
class FragmentReader {
 public:
  explicit FragmentReader(const std::filesystem::path& path, FragmentFormat format = FragmentFormat::automatic);
  ~FragmentReader();
  FragmentReader(FragmentReader&&) noexcept;

  bool next(Fragment& fragment);

  /// What the lines are; known after the first one.
  FragmentFormat format() const;
  /// "file:line" of the last line, for errors.
  std::string where() const;
  const ReadReport& report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io
