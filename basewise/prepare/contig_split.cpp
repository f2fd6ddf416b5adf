#include "basewise/prepare/contig_split.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <set>

#include "basewise/core/error.h"

namespace basewise::prepare {
namespace {

/// As numpy.random.choice(n, p = weights / their sum): one uniform number against the running sums.
std::size_t draw(const std::vector<double>& weights, NumpyRandom& random) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<double> running(weights.size());
  double total = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) running[i] = total += weights[i] / sum;
  const double u = random.uniform();
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (u < running[i] / total) return i;
  return weights.size() - 1;
}

/// From the longest to the shortest; of equal ones the last by genome, name and place comes first.
std::vector<const std::vector<Contig>*> longest_first(const std::vector<std::vector<Contig>>& components,
                                                      const std::vector<seq::ChromSizes>& genomes) {
  std::vector<const std::vector<Contig>*> order;
  for (const auto& component : components) order.push_back(&component);
  const auto earlier = [&](const Contig& a, const Contig& b) { return before(a, b, genomes); };
  std::stable_sort(order.begin(), order.end(), [&](const auto* a, const auto* b) {
    const std::int64_t length_a = total_length(*a), length_b = total_length(*b);
    if (length_a != length_b) return length_a > length_b;
    return std::lexicographical_compare(b->begin(), b->end(), a->begin(), a->end(), earlier);
  });
  return order;
}

void put(const std::vector<Contig>& component, std::vector<Contig>& to) { to.insert(to.end(), component.begin(), component.end()); }

std::int64_t length_of_all(const std::vector<std::vector<Contig>>& components) {
  std::int64_t total = 0;
  for (const auto& component : components) total += total_length(component);
  return total;
}

std::set<std::size_t> places_of(const std::vector<std::string>& names, const seq::ChromSizes& sizes, std::string_view option) {
  std::set<std::size_t> places;
  for (const std::string& name : names) places.insert(sizes.index(name, option));
  return places;
}

}  // namespace

ContigSets three_sets() {
  return {.names = {std::string(kTrainSet), std::string(kValidSet), std::string(kTestSet)},
          .contigs = std::vector<std::vector<Contig>>(3)};
}

std::vector<std::vector<Contig>> alone(const std::vector<Contig>& contigs) {
  std::vector<std::vector<Contig>> components;
  for (const Contig& contig : contigs) components.push_back({contig});
  return components;
}

ContigSets split_by_fraction(const std::vector<std::vector<Contig>>& components, const std::vector<seq::ChromSizes>& genomes,
                             const FractionOptions& options, NumpyRandom& random) {
  if (!(options.validation >= 0) || !(options.test >= 0) || !(options.validation + options.test < 1))
    throw ArgumentError(format("fractions of {} for validation and {} for test leave nothing to train; their sum must be below 1",
                               options.validation, options.test));
  const auto total = static_cast<double>(length_of_all(components));
  const double wanted_valid = options.validation * total, wanted_test = options.test * total;
  const std::array<double, 3> wanted = {total - wanted_valid - wanted_test, wanted_valid, wanted_test};
  std::array<double, 3> has = {};
  ContigSets sets = three_sets();
  for (const std::vector<Contig>* component : longest_first(components, genomes)) {
    const auto length = static_cast<double>(total_length(*component));
    std::vector<double> lacks(3);
    for (std::size_t i = 0; i < 3; ++i) {
      lacks[i] = std::max(i == 0 ? 1.0 : 0.0, wanted[i] - has[i]);
      if (i > 0 && length > options.largest * lacks[i]) lacks[i] = 0;
    }
    const std::size_t set = draw(lacks, random);
    put(*component, sets.contigs[set]);
    has[set] += length;
  }
  return sets;
}

ContigSets split_to_folds(const std::vector<std::vector<Contig>>& components, const std::vector<seq::ChromSizes>& genomes,
                          std::int64_t folds, NumpyRandom& random) {
  if (folds < 2) throw ArgumentError(format("{} folds are no split; there must be 2 or more", folds));
  const std::int64_t share = (length_of_all(components) + folds - 1) / folds;
  const auto count = static_cast<std::size_t>(folds);
  ContigSets sets{.names = {}, .contigs = std::vector<std::vector<Contig>>(count)};
  for (std::size_t i = 0; i < count; ++i) sets.names.push_back(format("fold{}", i));
  std::vector<double> has(count);
  for (const std::vector<Contig>* component : longest_first(components, genomes)) {
    std::vector<double> lacks(count);
    for (std::size_t i = 0; i < count; ++i) lacks[i] = std::max(0.0, static_cast<double>(share) - has[i]);
    const std::size_t set = draw(lacks, random);
    put(*component, sets.contigs[set]);
    has[set] += static_cast<double>(total_length(*component));
  }
  return sets;
}

ContigSets split_by_chromosomes(const std::vector<Contig>& contigs, const seq::ChromSizes& sizes,
                                const std::vector<std::string>& validation, const std::vector<std::string>& test) {
  const auto valid_places = places_of(validation, sizes, "validation_chromosomes");
  const auto test_places = places_of(test, sizes, "test_chromosomes");
  for (const std::size_t place : valid_places)
    if (test_places.contains(place))
      throw ArgumentError(format("chromosome {} is named for validation and for test; name it once", sizes[place].name));
  ContigSets sets = three_sets();
  for (const Contig& contig : contigs)
    sets.contigs[test_places.contains(contig.chrom) ? 2 : valid_places.contains(contig.chrom) ? 1 : 0].push_back(contig);
  return sets;
}

}  // namespace basewise::prepare
