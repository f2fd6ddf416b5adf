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
#include "basewise/variants/variants.h"

namespace basewise::variants::detail {

/// Scores of each alternative allele as they are written, '.' for what is no finite number; none
/// for an allele without a window.
using AlleleTexts = std::vector<std::vector<std::string>>;

/// One of them.
std::vector<std::string> texts_of(const std::vector<double>& scores);

/// Writes VCF and table row by row.
class RowFiles {
 public:
  RowFiles(const VariantOptions& options, const io::VcfHeader& header, const std::vector<std::string>& fields);

  void add(const io::VcfRecord& record, const corpus::PlacedVariant& variant, const AlleleTexts& scores);

  /// Files appear.
  std::vector<std::filesystem::path> close();

 private:
  void add_to_table(const io::VcfRecord& record, const corpus::PlacedVariant& variant, const AlleleTexts& scores);

  const VariantOptions& o_;
  std::size_t fields_;
  std::optional<io::VcfWriter> vcf_ = {};
  std::optional<io::TsvWriter> table_ = {};
};

/// What the key says of a row: ALLELE|STATUS|score|..., with commas between alleles; '.' for what
/// is no finite number. Characters of an allele that end a value stand as %3B and the like (VCF
/// 4.3, 1.2).
std::string key_value(const corpus::PlacedVariant& variant, const AlleleTexts& scores, std::size_t fields);

}  // namespace basewise::variants::detail
