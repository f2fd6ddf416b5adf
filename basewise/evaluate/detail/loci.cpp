#include <algorithm>
#include <numeric>

#include "basewise/evaluate/detail/figures.h"

namespace basewise::evaluate::detail {
namespace {

/// Neighbouring rows [first, last).
struct Stretch {
  std::size_t first = 0;
  std::size_t last = 0;
  double sum = 0;
};

std::vector<Stretch> stretches_of(const Gathered& data) {
  std::vector<Stretch> all;
  std::int64_t length = 0;
  for (std::size_t r = 0; r < data.rows.size(); ++r) {
    const GatheredRow& row = data.rows[r];
    if (!row.whole) continue;
    const bool goes_on = !all.empty() && all.back().last == r && row.chromosome >= 0 && row.chromosome == data.rows[r - 1].chromosome &&
                         row.start == data.rows[r - 1].start + row.length && length + row.length <= kLocusBases;
    if (!goes_on) {
      all.push_back({r, r, 0});
      length = 0;
    }
    length += row.length;
    all.back().last = r + 1;
    for (std::size_t c = 0; c < data.columns.size(); ++c) {
      const auto begin = data.columns[c].targets.begin() + static_cast<std::ptrdiff_t>(row.offset(c));
      all.back().sum += std::accumulate(begin, begin + row.length, 0.0);
    }
  }
  return all;
}

LocusTracks tracks_of(const Gathered& data, const std::vector<std::size_t>& channels, const Stretch& stretch, const char* choice,
                      bool probability) {
  const GatheredRow& first = data.rows[stretch.first];
  LocusTracks locus{.choice = choice,
                    .chromosome = first.chromosome,
                    .example = first.example,
                    .start = first.start,
                    .length = 0,
                    .target_sum = stretch.sum,
                    .predicted = {},
                    .observed = {}};
  for (std::size_t r = stretch.first; r < stretch.last; ++r) locus.length += data.rows[r].length;
  for (const std::size_t c : channels) {
    const Column& column = data.columns[c];
    std::vector<float> predicted, observed;
    for (std::size_t r = stretch.first; r < stretch.last; ++r) {
      const auto from = static_cast<std::ptrdiff_t>(data.rows[r].offset(c)), to = from + data.rows[r].length;
      predicted.insert(predicted.end(), column.scores.begin() + from, column.scores.begin() + to);
      observed.insert(observed.end(), column.targets.begin() + from, column.targets.begin() + to);
    }
    if (probability)
      for (float& p : predicted) p = static_cast<float>(metrics::sigmoid(p));
    locus.predicted.push_back(std::move(predicted));
    locus.observed.push_back(std::move(observed));
  }
  return locus;
}

}  // namespace

std::vector<LocusTracks> choose_loci(const Gathered& data, const std::vector<std::size_t>& channels, bool probability) {
  std::vector<Stretch> all = stretches_of(data);
  if (all.empty()) return {};
  // A remainder at the end of a region would be the sparsest one for its length alone.
  std::size_t longest = 0;
  const auto rows = [](const Stretch& s) { return s.last - s.first; };
  for (const Stretch& s : all) longest = std::max(longest, rows(s));
  std::erase_if(all, [&](const Stretch& s) { return rows(s) < longest; });
  std::stable_sort(all.begin(), all.end(), [](const Stretch& a, const Stretch& b) { return a.sum > b.sum; });
  const std::size_t last = all.size() - 1;
  const double sparsest = all.back().sum;
  const auto first_sparsest =
      static_cast<std::size_t>(std::find_if(all.begin(), all.end(), [&](const Stretch& s) { return s.sum == sparsest; }) - all.begin());
  std::vector<LocusTracks> loci;
  std::vector<std::size_t> taken;
  for (const auto& [choice, rank] :
       {std::pair("densest", std::size_t{0}), {"upper quartile", last / 4}, {"median", last / 2}, {"sparsest", first_sparsest}}) {
    if (std::find(taken.begin(), taken.end(), rank) != taken.end()) continue;
    taken.push_back(rank);
    loci.push_back(tracks_of(data, channels, all[rank], choice, probability));
  }
  return loci;
}

}  // namespace basewise::evaluate::detail
