#include "basewise/variants/detail/allele_batch.h"

#include <algorithm>
#include <utility>

#include "basewise/core/fnv.h"

namespace basewise::variants::detail {
namespace {

constexpr std::size_t kMostRows = 4096;  // where few of them have windows

}  // namespace

std::int64_t AlleleBatch::add_window(const PendingRow& row, std::string_view allele, std::int64_t offset, std::int64_t base) {
  const corpus::PlacedVariant& variant = row.variant;
  const auto length = static_cast<std::size_t>(batch_.length), begin = batch_.tokens.size();
  batch_.tokens.resize(begin + length);
  const auto letters = std::span(batch_.tokens).subspan(begin);
  windows_.read(variant, allele, offset, letters, row.flanks ? &*row.flanks : nullptr);
  const std::uint64_t hash = fnv1a({reinterpret_cast<const char*>(letters.data()), length});
  for (auto [at, end] = known_.equal_range(hash); at != end; ++at) {
    if (!std::equal(letters.begin(), letters.end(), batch_.letters(at->second).begin())) continue;
    batch_.tokens.resize(begin);
    return at->second;
  }
  const auto window = std::ssize(batch_.windows);
  known_.emplace(hash, window);
  // The allele that the genome has is a window of its chromosome; N at the end are not.
  const bool of_genome = !row.flanks && allele == variant.in_genome && (offset == 0 || letters.back() != seq::kN);
  batch_.windows.push_back(of_genome
                               ? AlleleWindow{static_cast<std::int64_t>(variant.chrom), variant.position - windows_.left() + offset, base}
                               : AlleleWindow{next_sequence_, offset, base});
  return window;
}

PendingRow& AlleleBatch::add(io::VcfRecord record, RowTask task, const Stream* shuffle) {
  PendingRow& row = rows_.emplace_back(PendingRow{.record = std::move(record), .task = task});
  row.variant = windows_.place(row.record);
  const corpus::PlacedVariant& v = row.variant;
  row.alleles.resize(v.alts.size());
  if (task != RowTask::compute) return row;
  if (shuffle != nullptr && v.scored()) row.flanks = windows_.shuffled(v, *shuffle);
  // Others are changes of the window that the genome has: of swapped alleles the same one.
  const std::int64_t genome = v.scored() ? add_window(row, v.in_genome, 0, -1) : -1;
  if (v.scored()) row.reference = add_window(row, v.ref, 0, genome);
  --next_sequence_;
  for (std::size_t i = 0; i < v.alts.size(); ++i, --next_sequence_) {
    if (!corpus::has_window(v.status[i])) continue;
    PendingRow::Allele& allele = row.alleles[i];
    allele.window = add_window(row, v.alts[i], 0, genome);
    const std::int64_t longer = std::ssize(v.alts[i]) - std::ssize(v.ref);
    if (longer == 0 || compensation_ == IndelCompensation::none) continue;
    allele.second_of_reference = longer < 0;
    allele.second = longer < 0 ? add_window(row, v.ref, -longer, genome) : add_window(row, v.alts[i], longer, genome);
  }
  return row;
}

bool AlleleBatch::full() const { return std::ssize(batch_.windows) >= most_ || rows_.size() >= kMostRows; }

void AlleleBatch::clear() {
  rows_.clear();
  batch_.windows.clear();
  batch_.tokens.clear();
  known_.clear();
  next_sequence_ = -1;
}

std::vector<Prediction> AlleleBatch::predict(WindowPasses& passes, const Tracks& tracks) const {
  std::vector<Prediction> all(batch_.windows.size());
  passes(batch_, [&](const Bundle& outputs, std::span<const std::int64_t> windows) {
    std::vector<Prediction> some = tracks.predictions(outputs);
    for (std::size_t i = 0; i < windows.size(); ++i) all[static_cast<std::size_t>(windows[i])] = std::move(some[i]);
  });
  return all;
}

void compare(const PendingRow& row, std::size_t allele, const std::vector<Prediction>& predictions, const Tracks& tracks,
             const std::function<void(const Prediction& ref, const Prediction& alt)>& use) {
  const PendingRow::Allele& a = row.alleles[allele];
  if (a.window < 0) return;
  const auto of = [&](std::int64_t window) -> const Prediction& { return predictions[static_cast<std::size_t>(window)]; };
  if (a.second < 0) return use(of(row.reference), of(a.window));
  const Prediction longer = tracks.compensated(of(a.second_of_reference ? row.reference : a.window), of(a.second));
  a.second_of_reference ? use(longer, of(a.window)) : use(of(row.reference), longer);
}

}  // namespace basewise::variants::detail
