#include "basewise/variants/detail/allele_batch.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/tensor/tokens.h"

namespace basewise::variants::detail {
namespace {

constexpr std::size_t kMostRows = 4096;  // where few of them have windows

}  // namespace

std::int64_t AlleleBatch::add_window(const corpus::PlacedVariant& variant, std::string_view allele, std::int64_t offset) {
  const auto length = static_cast<std::size_t>(windows_.length()), begin = tokens_.size();
  tokens_.resize(begin + length);
  windows_.read(variant, allele, offset, std::span(tokens_).subspan(begin));
  return static_cast<std::int64_t>(begin / length);
}

PendingRow& AlleleBatch::add(io::VcfRecord record, RowTask task) {
  PendingRow& row = rows_.emplace_back(PendingRow{.record = std::move(record), .task = task});
  row.variant = windows_.place(row.record);
  const corpus::PlacedVariant& v = row.variant;
  row.alleles.resize(v.alts.size());
  if (task != RowTask::compute) return row;
  if (v.scored()) row.reference = add_window(v, v.ref, 0);
  for (std::size_t i = 0; i < v.alts.size(); ++i) {
    if (!corpus::has_window(v.status[i])) continue;
    PendingRow::Allele& allele = row.alleles[i];
    allele.window = add_window(v, v.alts[i], 0);
    const std::int64_t longer = std::ssize(v.alts[i]) - std::ssize(v.ref);
    if (longer == 0 || compensation_ == IndelCompensation::none) continue;
    allele.second_of_reference = longer < 0;
    allele.second = add_window(v, longer < 0 ? v.ref : v.alts[i], std::abs(longer));
  }
  return row;
}

bool AlleleBatch::full() const {
  return std::ssize(tokens_) >= batch_size_ * windows_.length() || rows_.size() >= kMostRows;
}

void AlleleBatch::clear() {
  rows_.clear();
  tokens_.clear();
}

std::vector<Prediction> AlleleBatch::predict(const infer::ScoreFn& score, const Tracks& tracks) const {
  std::vector<Prediction> all;
  const std::int64_t windows = std::ssize(tokens_) / windows_.length();
  for (std::int64_t from = 0; from < windows; from += batch_size_) {
    const std::int64_t n = std::min(batch_size_, windows - from);
    const at::Tensor tokens = at::empty({n, windows_.length()}, at::kByte);
    std::copy_n(tokens_.begin() + from * windows_.length(), tokens.numel(), tokens.mutable_data_ptr<std::uint8_t>());
    for (Prediction& prediction : tracks.predictions(score({{"sequence", one_hot_of(tokens).contiguous()}})))
      all.push_back(std::move(prediction));
  }
  return all;
}

std::vector<double> scores_of(const PendingRow& row, std::size_t allele, const std::vector<Prediction>& predictions, const Tracks& tracks) {
  const PendingRow::Allele& a = row.alleles[allele];
  if (a.window < 0) return {};
  const auto of = [&](std::int64_t window) -> const Prediction& { return predictions[static_cast<std::size_t>(window)]; };
  if (a.second < 0) return tracks.scores(of(row.reference), of(a.window));
  const Prediction longer = tracks.compensated(of(a.second_of_reference ? row.reference : a.window), of(a.second));
  return a.second_of_reference ? tracks.scores(longer, of(a.window)) : tracks.scores(of(row.reference), longer);
}

}  // namespace basewise::variants::detail
