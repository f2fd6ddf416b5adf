#include "basewise/prepare/model_windows.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "basewise/core/error.h"
#include "basewise/prepare/detail/python_random.h"

namespace basewise::prepare {
namespace {

constexpr double kRaggedShare = 0.1;  // of a bin

void check(const ModelWindowOptions& o) {
  if (o.length < 1 || o.snap < 1 || o.stride_train < 1 || o.stride_test < 1)
    throw ArgumentError(
        format("windows of {} bases every {} or {} with snap {}; all must be 1 or more", o.length, o.stride_train, o.stride_test, o.snap));
  const auto must_fit = [&](std::string_view name, std::int64_t value) {
    if (value % o.snap != 0) throw ArgumentError(format("{} is {} bases, which is no multiple of the snap of {}", name, value, o.snap));
  };
  must_fit("stride_train", o.stride_train);
  must_fit("stride_test", o.stride_test);
}

void cut(const std::vector<Contig>& contigs, std::int64_t stride, std::size_t set, const ModelWindowOptions& o,
         std::vector<ModelWindow>& windows) {
  for (const Contig& contig : contigs) {
    const std::int64_t last = contig.end - (o.faults == Faults::repeated ? 1 : 0);
    for (std::int64_t start = (contig.start + o.snap - 1) / o.snap * o.snap; start + o.length <= last; start += stride)
      windows.push_back({{contig.genome, contig.chrom, start, start + o.length}, set});
  }
}

void keep_sample(std::vector<ModelWindow>& windows, double share, detail::PythonRandom& random) {
  if (share >= 1) return;
  std::vector<ModelWindow> kept;
  for (const std::size_t i : random.sample(windows.size(), static_cast<std::size_t>(share * static_cast<double>(windows.size()))))
    kept.push_back(windows[i]);
  windows = std::move(kept);
}

}  // namespace

std::vector<ModelWindow> model_windows(const ContigSets& sets, const ModelWindowOptions& options) {
  check(options);
  detail::PythonRandom random(options.seed);
  std::vector<ModelWindow> all;
  for (std::size_t set = 0; set < sets.names.size(); ++set) {
    const bool held_out = sets.names[set] == kValidSet || sets.names[set] == kTestSet;
    std::vector<ModelWindow> windows;
    cut(sets.contigs[set], held_out ? options.stride_test : options.stride_train, set, options, windows);
    random.shuffle(windows);
    keep_sample(windows, options.sample, random);
    all.insert(all.end(), windows.begin(), windows.end());
  }
  return all;
}

std::vector<ModelWindow> windows_split_by_chance(const std::vector<Contig>& contigs, const ModelWindowOptions& options,
                                                 const FractionOptions& fractions) {
  check(options);
  detail::PythonRandom random(options.seed);
  std::vector<ModelWindow> windows;
  cut(contigs, options.stride_train, 0, options, windows);
  random.shuffle(windows);
  keep_sample(windows, options.sample, random);
  const auto share = [&](double fraction) { return static_cast<std::size_t>(fraction * static_cast<double>(windows.size())); };
  const std::size_t test = share(fractions.test), valid = share(fractions.validation);
  for (std::size_t i = 0; i < windows.size(); ++i) windows[i].set = i < test ? 2 : i < test + valid ? 1 : 0;
  std::stable_sort(windows.begin(), windows.end(), [](const ModelWindow& a, const ModelWindow& b) { return a.set < b.set; });
  return windows;
}

std::vector<std::uint8_t> unmappable_bins(std::int64_t start, std::int64_t end, std::int64_t width,
                                          std::span<const seq::Interval> unmappable) {
  std::vector<std::uint8_t> marked(static_cast<std::size_t>((end - start) / width), 0);
  const double least = kRaggedShare * static_cast<double>(width);
  for (const seq::Interval& stretch : unmappable) {
    const std::int64_t from = std::max(stretch.start, start) - start, to = std::min(stretch.end, end) - start;
    if (from >= to) continue;
    std::int64_t first = from / width, behind = (to + width - 1) / width;
    if (static_cast<double>((first + 1) * width - from) < least) ++first;
    if (static_cast<double>(to - (behind - 1) * width) < least) --behind;
    for (std::int64_t bin = first; bin < behind; ++bin) marked[static_cast<std::size_t>(bin)] = 1;
  }
  return marked;
}

}  // namespace basewise::prepare
