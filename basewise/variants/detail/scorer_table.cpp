#include "basewise/variants/detail/scorer_table.h"

#include <array>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/variants/detail/row_files.h"

namespace basewise::variants::detail {
namespace {

using metrics::VariantScore;

constexpr std::array kVariant = {"chr", "pos", "allele1", "allele2", "variant_id"};
constexpr std::array kCounts = {"allele1_pred_counts", "allele2_pred_counts"};

}  // namespace

std::vector<VariantScore> scores_of_scorer_table() {
  return {VariantScore::ref, VariantScore::alt, VariantScore::logfc, VariantScore::jsd};
}

ScorerTable::ScorerTable(const ScoreLayout& layout)
    : layout_(layout), ref_(only("REF")), alt_(only("ALT")), logfc_(only("logfc")), jsd_(only("jsd")) {
  for (std::size_t f = 0; f < layout_.places.size(); ++f)
    if (layout_.places[f].name == kActiveAllele && layout_.places[f].track == layout_.places[logfc_].track) active_ = f;
}

std::size_t ScorerTable::only(const std::string& name) const {
  std::vector<std::string> names;
  std::size_t found = 0;
  for (std::size_t f = 0; f < layout_.places.size(); ++f) {
    if (layout_.places[f].name != name) continue;
    found = f;
    names.push_back(layout_.fields[f]);
  }
  if (names.size() != 1)
    throw ArgumentError(
        format("the table of variant-scorer has one track of counts and one profile; of {} there are {}{}: choose them "
               "(outputs, tracks)",
               name, names.size(), names.empty() ? "" : format(" ({})", fmt::join(names, ", "))));
  return found;
}

std::vector<std::pair<std::string, double>> ScorerTable::of_run(const std::vector<double>& scores, std::size_t first) const {
  const double logfc = scores[first + logfc_], jsd = scores[first + jsd_], size = std::abs(logfc);
  std::vector<std::pair<std::string, double>> all = {
      {"logfc", logfc}, {"abs_logfc", size}, {"jsd", jsd}, {"logfc_x_jsd", logfc * jsd}, {"abs_logfc_x_jsd", size * jsd}};
  if (!active_) return all;
  const std::vector<std::pair<std::string, double>> plain = all;
  const double active = scores[first + *active_];
  all.emplace_back(kActiveAllele, active);
  for (const auto& [name, value] : plain) all.emplace_back(format("{}_x_{}", name, kActiveAllele), value * active);
  return all;
}

std::vector<std::string> ScorerTable::columns() const {
  std::vector<std::string> all(kVariant.begin(), kVariant.end());
  if (layout_.folds() == 0) all.insert(all.end(), kCounts.begin(), kCounts.end());
  for (const auto& [name, value] : of_run(std::vector<double>(layout_.fields.size()), 0))
    all.push_back(layout_.folds() == 0 ? name : format("{}.mean", name));
  return all;
}

std::vector<std::string> ScorerTable::row(const io::VcfRecord& record, const std::string& alt, const std::vector<double>& scores) const {
  std::vector<std::string> all = {record.chrom, std::to_string(record.position + 1), record.ref, alt, record.id.empty() ? "." : record.id};
  if (scores.empty()) {
    all.resize(columns().size(), kNotANumber);
    return all;
  }
  std::vector<double> values;
  if (layout_.folds() == 0) values = {scores[ref_], scores[alt_]};
  const std::size_t counts = values.size(), runs = std::max<std::size_t>(layout_.folds(), 1);
  for (std::size_t run = 0; run < runs; ++run) {
    const auto one = of_run(scores, layout_.folds() == 0 ? 0 : (run + 1) * layout_.fields.size());
    values.resize(counts + one.size(), 0);
    for (std::size_t i = 0; i < one.size(); ++i) values[counts + i] += one[i].second / static_cast<double>(runs);
  }
  for (const double x : values) all.push_back(std::isfinite(x) ? format("{:.6g}", x) : kNotANumber);
  return all;
}

}  // namespace basewise::variants::detail
