#include "basewise/variants/detail/row_files.h"

#include <cmath>

#include "basewise/core/error.h"
#include "basewise/core/printable.h"
#include "basewise/core/version.h"

namespace basewise::variants::detail {
namespace {

constexpr int kDigits = 6;
constexpr std::string_view kNone = ".", kNotANumber = "nan";  // in VCF, in a table

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

std::string description(const VariantOptions& o, const std::vector<std::string>& fields) {
  return printable(format("Effects of the alternative alleles by basewise {} ({}, genome {}). Format: ALLELE|STATUS|{}", version(),
                          o.run.filename().string(), o.genome.filename().string(), fmt::join(fields, "|")));
}

std::vector<std::string> table_columns(const std::vector<std::string>& fields) {
  std::vector<std::string> columns = {"chrom", "pos", "id", "ref", "alt", "status"};
  columns.insert(columns.end(), fields.begin(), fields.end());
  return columns;
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

RowFiles::RowFiles(const VariantOptions& options, const io::VcfHeader& header, const std::vector<std::string>& fields)
    : o_(options), fields_(fields.size()) {
  if (!o_.out.empty()) vcf_.emplace(o_.out, header, io::VcfInfo{.key = o_.key, .number = "A", .description = description(o_, fields)});
  if (!o_.tsv.empty()) table_.emplace(o_.tsv, table_columns(fields));
}

void RowFiles::add(const io::VcfRecord& record, const corpus::PlacedVariant& variant, const AlleleTexts& scores) {
  if (vcf_) vcf_->add(record, key_value(variant, scores, fields_));
  if (table_) add_to_table(record, variant, scores);
}

void RowFiles::add_to_table(const io::VcfRecord& record, const corpus::PlacedVariant& variant, const AlleleTexts& scores) {
  const auto row = [&](const std::string& alt, const std::string& status) {
    return std::vector<std::string>{record.chrom, std::to_string(record.position + 1), record.id.empty() ? "." : record.id, record.ref, alt,
                                    status};
  };
  for (std::size_t i = 0; i < variant.alts.size(); ++i) {
    std::vector<std::string> line = row(variant.alts[i], status_text(variant, i));
    for (std::size_t f = 0; f < fields_; ++f)
      line.emplace_back(scores[i].empty() || scores[i][f] == kNone ? kNotANumber : std::string_view(scores[i][f]));
    table_->add(line);
  }
  if (!variant.alts.empty()) return;
  std::vector<std::string> line = row(".", std::string(to_word(corpus::AlleleStatus::missing)));
  line.resize(line.size() + fields_, std::string(kNotANumber));
  table_->add(line);
}

std::vector<std::filesystem::path> RowFiles::close() {
  std::vector<std::filesystem::path> files;
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
