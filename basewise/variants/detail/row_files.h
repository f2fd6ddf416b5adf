// The files of scored rows.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/corpus/variant_windows.h"
#include "basewise/io/tsv.h"
#include "basewise/io/vcf_writer.h"
#include "basewise/variants/detail/score_hdf5.h"
#include "basewise/variants/detail/score_layout.h"
#include "basewise/variants/detail/scorer_table.h"
#include "basewise/variants/variants.h"

namespace basewise::variants::detail {

/// Scores of each alternative allele as they are written, all columns of a layout, '.' for what is
/// no finite number; none for an allele without a window.
using AlleleTexts = std::vector<std::vector<std::string>>;

inline constexpr std::string_view kNoScore = ".";

/// One of them.
std::vector<std::string> texts_of(const std::vector<double>& scores);

/// What stands in a table in place of a number.
inline constexpr const char* kNotANumber = "nan";

/// Writes VCF, table and HDF5 row by row.
class RowFiles {
 public:
  /// Errors: ArgumentError for a table that the scores do not fill.
  RowFiles(const VariantOptions& options, const io::VcfHeader& header, const ScoreLayout& layout);

  void add(const io::VcfRecord& record, const corpus::PlacedVariant& variant, const AlleleTexts& scores);

  /// Files appear.
  std::vector<std::filesystem::path> close();

 private:
  /// A row of the table and of HDF5; `texts`: all columns, or none.
  void add_allele(const io::VcfRecord& record, const std::string& alt, const std::string& status, const std::vector<std::string>& texts);
  std::vector<std::string> own_columns() const;

  const VariantOptions& o_;
  const ScoreLayout& layout_;
  std::optional<ScorerTable> scorer_ = {};  ///< whose rows the table has
  std::optional<io::VcfWriter> vcf_ = {};
  std::optional<io::TsvWriter> table_ = {};
  std::optional<ScoreHdf5> hdf5_ = {};
};

/// What the key says of a row: ALLELE|STATUS|score|..., with commas between alleles; '.' for what
/// is no finite number. Characters of an allele that end a value stand as %3B and the like (VCF
/// 4.3, 1.2).
std::string key_value(const corpus::PlacedVariant& variant, const AlleleTexts& scores, std::size_t fields);

}  // namespace basewise::variants::detail
