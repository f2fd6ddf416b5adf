// GFF3 and GTF: 1-based and inclusive in the file, 0-based and half-open here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/io/read_report.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::io {

/// One feature.
struct GffRecord {
  seq::Interval interval;  ///< strand ? and . are `none`
  std::string source;
  std::string type;  ///< gene, CDS, exon, ...
  std::optional<double> score;
  std::optional<int> phase;  ///< 0, 1 or 2
  /// Keys with their values in the order of the file, percent-encoding undone. A text without a key
  /// (old GFF) has the key "".
  std::vector<std::pair<std::string, std::vector<std::string>>> attributes;
  std::int64_t line = 0;

  /// First value of a key, or an empty text.
  std::string_view attribute(std::string_view key) const;
};

/// How attributes are written.
enum class GffFormat { automatic, gff3, gtf };
constexpr auto words_of(GffFormat) {
  return words<GffFormat>({{GffFormat::automatic, "auto", "told by each attribute"},
                           {GffFormat::gff3, "gff3", "key=value"},
                           {GffFormat::gtf, "gtf", "key \"value\""}});
}

/// How an annotation is read.
struct GffOptions {
  GffFormat format = GffFormat::automatic;
  std::vector<std::string> types = {};  ///< keep these features only; empty keeps all
};
void describe(Visitor& v, GffOptions& o);

/// Reads features in order; plain or gzip. Comments, directives and features of other types are
/// counted. Reading ends at "##FASTA" or at a sequence.
///
/// GFF3: values are split at commas and percent-encoding is undone (in the chromosome's name too);
/// a '%' that starts no code stays and is noted.
/// Errors: DataError "file:line: ..." for another number of columns than 9, a start or end that is
/// no whole number, a start below 1, an end before the start, a strand other than + - . ?, a phase
/// other than 0 1 2 ., a score that is no number, an attribute without a key.
class GffReader {
 public:
  explicit GffReader(const std::filesystem::path& path, GffOptions options = {});
  ~GffReader();
  GffReader(GffReader&&) noexcept;

  bool next(GffRecord& record);
  const ReadReport& report() const;

  /// Sequences that "##sequence-region" lines declared so far, with their lengths; circular where a
  /// feature over the whole sequence says Is_circular=true.
  const std::vector<seq::Chrom>& regions() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// All features of a file.
struct GffResult {
  std::vector<GffRecord> records;
  std::vector<seq::Chrom> regions;
  ReadReport report;
  std::int64_t left_out = 0;  ///< features on sequences that a genome does not use
};
GffResult read_gff(const std::filesystem::path& path, const GffOptions& options = {});

/// The same for a genome: names become those of `sizes`, places are checked, features elsewhere are
/// left out as by `read_bed`; circular sequences may have features across the origin.
GffResult read_gff(const std::filesystem::path& path, const seq::ChromSizes& sizes, const GffOptions& options = {});

}  // namespace basewise::io
