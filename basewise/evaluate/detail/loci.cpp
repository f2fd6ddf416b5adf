#include "basewise/evaluate/detail/loci.h"

#include <algorithm>
#include <limits>

#include "basewise/tensor/tensors.h"

namespace basewise::evaluate::detail {
namespace {

/// Neighbouring rows [first, last).
struct Stretch {
  std::size_t first = 0;
  std::size_t last = 0;
  double sum = 0;
};

std::vector<Stretch> stretches_of(const std::vector<ExampleRow>& rows, bool ExampleRow::* wanted) {
  std::vector<Stretch> all;
  std::int64_t length = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const ExampleRow& row = rows[r];
    if (!(row.*wanted)) continue;
    const bool goes_on = !all.empty() && all.back().last == r && row.chromosome >= 0 && row.chromosome == rows[r - 1].chromosome &&
                         row.start == rows[r - 1].start + rows[r - 1].length && length + row.length <= kLocusBases;
    if (!goes_on) {
      all.push_back({r, r, 0});
      length = 0;
    }
    length += row.length;
    all.back().last = r + 1;
    all.back().sum += row.sum;
  }
  return all;
}

void append(std::vector<float>& to, std::span<const float> from) { to.insert(to.end(), from.begin(), from.end()); }

// Of the only example of a batch; NaN where nothing was measured.
std::vector<float> measured_targets(const PairBatch& pairs, std::int64_t channel) {
  const auto targets = pairs.targets(0, channel);
  std::vector<float> values(targets.begin(), targets.end());
  if (const bool* measured = pairs.measured(0, channel))
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!measured[i]) values[i] = std::numeric_limits<float>::quiet_NaN();
  return values;
}

results::LocusTracks tracks_of(const std::vector<ExampleRow>& rows, const Stretch& stretch, const char* choice, const LocusSource& from) {
  const ExampleRow& first = rows[stretch.first];
  results::LocusTracks locus{.choice = choice,
                             .chromosome = first.chromosome,
                             .example = first.example,
                             .start = first.start,
                             .length = 0,
                             .bases_per_value = from.bases_per_value,
                             .target_sum = stretch.sum,
                             .predicted = {},
                             .observed = {}};
  locus.predicted.resize(from.channels.size());
  locus.observed.resize(from.channels.size());
  for (std::size_t r = stretch.first; r < stretch.last; ++r) {
    const Bundle example = stack({from.source.dataset->get(rows[r].example, Stream(0))});
    const PairBatch pairs(from.head.output, from.head.target, from.source.score(example), example);
    for (std::size_t c = 0; c < from.channels.size(); ++c) {
      append(locus.predicted[c], pairs.scores(0, static_cast<std::int64_t>(from.channels[c])));
      append(locus.observed[c], measured_targets(pairs, static_cast<std::int64_t>(from.channels[c])));
    }
    locus.length += rows[r].length;
  }
  if (from.probability)
    for (auto& values : locus.predicted)
      for (float& p : values) p = static_cast<float>(metrics::sigmoid(p));
  return locus;
}

}  // namespace

std::vector<std::pair<const char*, std::size_t>> ranks_to_show(std::size_t count, std::size_t sparsest) {
  const std::size_t last = count - 1;
  std::vector<std::pair<const char*, std::size_t>> shown;
  for (const auto& [choice, rank] :
       {std::pair("densest", std::size_t{0}), {"upper quartile", last / 4}, {"median", last / 2}, {"sparsest", sparsest}})
    if (std::none_of(shown.begin(), shown.end(), [&, r = rank](const auto& s) { return s.second == r; })) shown.emplace_back(choice, rank);
  return shown;
}

ExampleRow row_of(const PairBatch& batch, std::int64_t example, std::int64_t number, std::int64_t bases_per_value) {
  ExampleRow row{.example = number,
                 .chromosome = batch.placed() ? batch.chromosome(example) : -1,
                 .start = batch.placed() ? batch.start(example) : 0,
                 .length = batch.length() * bases_per_value};
  bool first = false, last = false;
  for (std::int64_t c = 0; c < batch.channels(); ++c) {
    const auto targets = batch.targets(example, c);
    const bool* measured = batch.measured(example, c);
    for (std::size_t i = 0; i < targets.size(); ++i) {
      if (measured && !measured[i]) continue;
      row.measured = true;
      row.sum += targets[i];
    }
    first = first || !measured || measured[0];
    last = last || !measured || measured[targets.size() - 1];
  }
  row.spans = first && last;
  return row;
}

std::vector<results::LocusTracks> choose_loci(const std::vector<ExampleRow>& rows, const LocusSource& from) {
  std::vector<Stretch> all = stretches_of(rows, &ExampleRow::spans);
  if (all.empty()) all = stretches_of(rows, &ExampleRow::measured);
  if (all.empty()) return {};
  // A remainder at the end of a region would be the sparsest one for its length alone.
  std::size_t longest = 0;
  const auto size = [](const Stretch& s) { return s.last - s.first; };
  for (const Stretch& s : all) longest = std::max(longest, size(s));
  std::erase_if(all, [&](const Stretch& s) { return size(s) < longest; });
  std::stable_sort(all.begin(), all.end(), [](const Stretch& a, const Stretch& b) { return a.sum > b.sum; });
  const double least = all.back().sum;
  const auto sparsest =
      static_cast<std::size_t>(std::find_if(all.begin(), all.end(), [&](const Stretch& s) { return s.sum == least; }) - all.begin());
  std::vector<results::LocusTracks> loci;
  for (const auto& [choice, rank] : ranks_to_show(all.size(), sparsest)) loci.push_back(tracks_of(rows, all[rank], choice, from));
  return loci;
}

}  // namespace basewise::evaluate::detail
