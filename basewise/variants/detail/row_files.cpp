#include "basewise/variants/detail/row_files.h"

#include <cmath>
#include <cstdlib>

#include "basewise/core/error.h"
#include "basewise/core/printable.h"
#include "basewise/core/version.h"

namespace basewise::variants::detail {
namespace {

constexpr int kDigits = 6;
constexpr std::string_view kNone = kNoScore;
constexpr std::string_view kDescription = "Effects of the alternative alleles by basewise";

std::string encoded(std::string_view allele) {
  std::string text;
  for (const char c : allele) {
    const bool plain = static_cast<unsigned char>(c) > 0x20 && std::string_view(",;=%|").find(c) == std::string_view::npos;
    text += plain ? std::string(1, c) : format("%{:02X}", static_cast<unsigned char>(c));
  }
  return text;
}

std::string status_text(const corpus::PlacedVariant& variant, std::size_t allele) {
  const corpus::AlleleStatus status = variant.status[allele];
  return format("{}{}", status, variant.padded && corpus::has_window(status) ? "&padded" : "");
}

std::string description(const VariantOptions& o, const ScoreLayout& layout) {
  return printable(format("{} {} ({}, genome {}). Format: ALLELE|STATUS|{}", kDescription, version(), fmt::join(layout.runs, ", "),
                          o.genome.filename().string(), fmt::join(layout.fields, "|")));
}

/// Scores of an earlier call are replaced, what others wrote under the key is not.
void check_key(const io::VcfHeader& header, const std::string& key) {
  const std::string begin = format("##INFO=<ID={},", key);
  for (const std::string& line : header.lines)
    if (line.starts_with(begin) && line.find(kDescription) == std::string::npos)
      throw ArgumentError(
          format("the VCF file has a key {} of its own ({}), whose values would be lost; give another (key)", key, printable(line)));
}

/// Numbers of their texts, NaN for those that are none.
std::vector<double> numbers_of(const std::vector<std::string>& texts) {
  std::vector<double> numbers;
  for (const std::string& text : texts) numbers.push_back(text == kNone ? std::nan("") : std::strtod(text.c_str(), nullptr));
  return numbers;
}

}  // namespace

std::vector<std::string> texts_of(const std::vector<double>& scores) {
  std::vector<std::string> texts;
  for (const double x : scores) texts.push_back(std::isfinite(x) ? format("{:.{}g}", x, kDigits) : std::string(kNone));
  return texts;
}

std::string key_value(const corpus::PlacedVariant& variant, const AlleleTexts& scores, std::size_t fields) {
  std::string text;
  for (std::size_t i = 0; i < variant.alts.size(); ++i) {
    if (i > 0) text += ',';
    text += format("{}|{}", encoded(variant.alts[i]), status_text(variant, i));
    for (std::size_t f = 0; f < fields; ++f) text += format("|{}", scores[i].empty() ? kNone : std::string_view(scores[i][f]));
  }
  return text;
}

RowFiles::RowFiles(const VariantOptions& options, const io::VcfHeader& header, const ScoreLayout& layout) : o_(options), layout_(layout) {
  if (o_.table == VariantTable::variant_scorer && !o_.tsv.empty()) scorer_.emplace(layout);
  if (!o_.out.empty()) check_key(header, o_.key);
  if (!o_.out.empty()) vcf_.emplace(o_.out, header, io::VcfInfo{.key = o_.key, .number = "A", .description = description(o_, layout)});
  if (!o_.tsv.empty()) table_.emplace(o_.tsv, scorer_ ? scorer_->columns() : own_columns());
  if (!o_.hdf5.empty()) hdf5_.emplace(o_.hdf5, layout);
}

std::vector<std::string> RowFiles::own_columns() const {
  std::vector<std::string> columns = {"chrom", "pos", "id", "ref", "alt", "status"};
  const std::vector<std::string> scores = layout_.columns();
  columns.insert(columns.end(), scores.begin(), scores.end());
  return columns;
}

void RowFiles::add(const io::VcfRecord& record, const corpus::PlacedVariant& variant, const AlleleTexts& scores) {
  if (vcf_) vcf_->add(record, key_value(variant, scores, layout_.fields.size()));
  if (!table_ && !hdf5_) return;
  for (std::size_t i = 0; i < variant.alts.size(); ++i) add_allele(record, variant.alts[i], status_text(variant, i), scores[i]);
  if (variant.alts.empty()) add_allele(record, ".", std::string(to_word(corpus::AlleleStatus::missing)), {});
}

void RowFiles::add_allele(const io::VcfRecord& record, const std::string& alt, const std::string& status,
                          const std::vector<std::string>& texts) {
  if (hdf5_) hdf5_->add(record, alt, numbers_of(texts));
  if (!table_) return;
  if (scorer_) return table_->add(scorer_->row(record, alt, numbers_of(texts)));
  std::vector<std::string> line = {record.chrom, std::to_string(record.position + 1), record.id.empty() ? "." : record.id, record.ref, alt,
                                   status};
  for (const std::string& text : texts) line.emplace_back(text == kNone ? kNotANumber : text);
  line.resize(6 + layout_.columns().size(), kNotANumber);
  table_->add(line);
}

std::vector<std::filesystem::path> RowFiles::close() {
  std::vector<std::filesystem::path> files;
  if (hdf5_) {
    hdf5_->close();
    files.push_back(o_.hdf5);
  }
  if (table_) {
    table_->close();
    files.push_back(o_.tsv);
  }
  if (vcf_) {
    vcf_->close();
    if (!io::is_standard_stream(o_.out)) files.push_back(o_.out);
  }
  return files;
}

}  // namespace basewise::variants::detail
