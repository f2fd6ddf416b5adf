// Sites of motifs as tables: the columns of FIMO, or BED.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "basewise/seq/interval.h"

namespace basewise::io {

/// One row; texts are those of the caller.
struct SiteRow {
  std::string_view motif;        ///< identifier
  std::string_view description;  ///< further name, may be empty
  std::string_view sequence;     ///< name of the sequence or chromosome
  std::int64_t start = 0;        ///< 0-based half-open
  std::int64_t end = 0;
  seq::Strand strand = seq::Strand::none;
  double score = 0;  ///< bits
  double p_value = 1;
  double q_value = 1;
  std::string_view letters;  ///< as the motif reads them
};

enum class SiteTable { fimo, bed };

/// Writes rows in order; bgzip if the name ends in .gz. The file appears at `close`, destroyed
/// before that it leaves nothing behind.
///  * fimo: the heading and columns of FIMO (MEME suite), motif_id motif_alt_id sequence_name start
///    stop strand score p-value q-value matched_sequence; positions from 1, the last one included.
///  * bed: chrom start end name score strand, positions from 0, the end not included; the score is
///    -10 log10 p, at most 1000; then, as four more columns, score in bits, p, q and the letters.
/// A tab or a line break in a name becomes a blank.
/// Errors: DataError naming the file.
class SiteTableWriter {
 public:
  SiteTableWriter(const std::filesystem::path& path, SiteTable format);
  ~SiteTableWriter();
  SiteTableWriter(SiteTableWriter&&) noexcept;
  void add(const SiteRow& row) { add(std::span(&row, 1)); }

  /// Many at once, formatted by several threads.
  void add(std::span<const SiteRow> rows);
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io
