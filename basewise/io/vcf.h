// Variants: VCF as text, plain, gzip or bgzip, and BCF
// (https://samtools.github.io/hts-specs/VCFv4.4.pdf). 1-based in the file, 0-based here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/io/read_report.h"

namespace basewise::io {

/// What an allele is written as.
enum class AlleleKind { letters, ambiguous, symbolic, breakend, overlapped, missing };
constexpr auto words_of(AlleleKind) {
  return words<AlleleKind>({{AlleleKind::letters, "letters", "A, C, G, T and N"},
                            {AlleleKind::ambiguous, "ambiguous", "other IUPAC codes among them"},
                            {AlleleKind::symbolic, "symbolic", "<DEL>, <INS> and others without their letters"},
                            {AlleleKind::breakend, "breakend", "joined to another place"},
                            {AlleleKind::overlapped, "overlapped", "*, a deletion of another row is there"},
                            {AlleleKind::missing, "missing", "., there is none"}});
}

/// One row.
struct VcfRecord {
  std::string line = {};             ///< as the file has it, without its end; of BCF the row of VCF
  std::string chrom = {};
  std::int64_t position = 0;    ///< of the first base of `ref`, 0-based; -1: in front of the chromosome (POS 0)
  std::string id = {};               ///< "" where the file says '.'
  std::string ref = {};              ///< letters as written, large or small
  std::vector<std::string> alts = {};      ///< as written; empty where the file says '.'
  std::vector<AlleleKind> kinds = {};      ///< of `alts`
  std::string filter = {};           ///< "" where there is none
  std::string info = {};             ///< the text of the column; "" where there is none
  std::int64_t number = 0;      ///< line of the file, of BCF the record, from 1
};

/// What stands above the rows.
struct VcfHeader {
  std::vector<std::string> lines = {};  ///< "##...", as the file has them
  std::string columns = {};             ///< "#CHROM..." as the file has it; "" where there is none
  std::int64_t fields = 0;         ///< columns of the first row; 0: there is no row
};

/// Reads rows in order. Text may lack the header, the line #CHROM, and columns behind ALT; where no
/// tab is in a row, blanks part its columns. Each is noted. Blank lines and comments between rows
/// are counted as skipped. What a file is, its contents say; "-" is standard input. A bgzip file,
/// of text or BCF, that lacks its end-of-file block is warned of: cut between two blocks, it is
/// sound.
///
/// Errors: DataError "file:line: ..." (of BCF "file: record n: ...") for fewer than 5 columns, more
/// columns than the line #CHROM (or without it the first row) has, or fewer where it names samples,
/// an empty chromosome, a position that is no whole number or negative, alleles that are neither
/// letters nor of another kind; for a file without a byte; for BCF that is damaged or cut short;
/// and those of `LineReader`.
class VcfReader {
 public:
  explicit VcfReader(const std::filesystem::path& path);
  ~VcfReader();
  VcfReader(VcfReader&&) noexcept;

  const VcfHeader& header() const;
  bool next(VcfRecord& record);
  const ReadReport& report() const;
  const std::string& name() const;
  /// What `VcfRecord::number` counts: "line" or, of BCF, "record".
  std::string_view counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether a path is "-", which stands for standard input or output.
bool is_standard_stream(const std::filesystem::path& path);

}  // namespace basewise::io
