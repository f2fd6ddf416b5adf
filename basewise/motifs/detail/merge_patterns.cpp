#include "basewise/motifs/detail/merge_patterns.h"

#include <algorithm>
#include <array>
#include <set>

#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "basewise/motifs/detail/jaccard.h"
#include "basewise/motifs/detail/merge_seqlets.h"

namespace basewise::motifs::detail {
namespace {

/// Thresholds of how mixed up the seqlets are, and how the contributions correlate.
struct Threshold {
  double mixed, similar;
};
constexpr std::array kMerge = {Threshold{0.8, 0.8}, Threshold{0.5, 0.85}, Threshold{0.2, 0.9}};
constexpr std::array kRefuse = {Threshold{0.4, 0.75}, Threshold{0.2, 0.8}, Threshold{0.1, 0.85}, Threshold{0.0, 0.9}};
constexpr double kNotKnown = -1;

/// Of the pattern at i against that at j, once known.
struct Pair {
  Alignment alignment = {};
  bool compared = false;
  double auroc = kNotKnown;
};

/// The index of each row of `a` with each of `b`.
std::vector<float> all_pairs(const TrackRows& a, const TrackRows& b) {
  std::vector<float> result(a.count * b.count);
  parallel_for(a.count, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) jaccard_with_all(a.of(i), b, 0, b.count, result.data() + i * b.count);
  });
  return result;
}

/// One level: patterns, and what is known about their pairs.
class Comparison {
 public:
  Comparison(const AttributionSet& set, const DiscoveryOptions& options, std::vector<PatternPointer> patterns)
      : set_(&set), options_(&options), patterns_(std::move(patterns)), pairs_(patterns_.size() * patterns_.size()) {}

  const std::vector<PatternPointer>& patterns() const { return patterns_; }

  /// Takes over what `earlier` knows of patterns that are in both.
  void inherit(const Comparison& earlier) {
    const std::size_t n = patterns_.size();
    std::vector<std::size_t> before(n);
    for (std::size_t i = 0; i < n; ++i)
      before[i] = std::find(earlier.patterns_.begin(), earlier.patterns_.end(), patterns_[i]) - earlier.patterns_.begin();
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        if (before[i] < earlier.patterns_.size() && before[j] < earlier.patterns_.size())
          pairs_[i * n + j] = earlier.pairs_[before[i] * earlier.patterns_.size() + before[j]];
  }

  /// Correlations of all pairs.
  void align() {
    const auto n = static_cast<std::int64_t>(patterns_.size());
    std::vector<std::vector<BaseVector>> contributions;
    for (const PatternPointer& pattern : patterns_) contributions.push_back(pattern->contributions());
    parallel_for(n * n, 8, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t at = begin; at < end; ++at) {
        Pair& pair = pairs_[at];
        if (pair.compared || at / n == at % n) continue;
        pair.alignment = best_correlation(contributions[at / n], contributions[at % n], options_->min_overlap);
        pair.compared = true;
        if (!shifted(at / n, at % n, pair.alignment).empty()) continue;
        pair.alignment.similarity = 0;  // no seqlet of j stays in its example
        pair.auroc = 0.5;
      }
    });
  }

  double similarity(std::size_t i, std::size_t j) const {
    return (pairs_[i * patterns_.size() + j].alignment.similarity + pairs_[j * patterns_.size() + i].alignment.similarity) / 2;
  }

  bool may_merge(std::size_t i, std::size_t j) {
    const double r = similarity(i, j);
    if (std::none_of(kMerge.begin(), kMerge.end(), [&](const Threshold& t) { return r >= t.similar; })) return false;
    const double c = std::min(mixed(i, j), mixed(j, i));
    return std::any_of(kMerge.begin(), kMerge.end(), [&](const Threshold& t) { return c >= t.mixed && r >= t.similar; });
  }

  bool must_not_merge(std::size_t i, std::size_t j) {
    const double r = similarity(i, j);
    if (std::none_of(kRefuse.begin(), kRefuse.end(), [&](const Threshold& t) { return r <= t.similar; })) return false;
    const double c = (mixed(i, j) + mixed(j, i)) / 2;
    return std::any_of(kRefuse.begin(), kRefuse.end(), [&](const Threshold& t) { return c <= t.mixed && r <= t.similar; });
  }

 private:
  /// At most `merge_sample` seqlets of a pattern.
  std::vector<Seqlet> sample(std::int64_t i) const {
    const std::vector<Seqlet>& all = patterns_[i]->seqlets();
    if (patterns_[i]->size() <= options_->merge_sample) return all;
    constexpr std::uint64_t kPurpose = 0x6d65726765;
    const auto order = Stream(options_->seed, kPurpose).permutation(patterns_[i]->size());
    std::vector<Seqlet> result;
    for (std::int64_t k = 0; k < options_->merge_sample; ++k) result.push_back(all[order[k]]);
    return result;
  }

  /// Seqlets of j where those of i would be, by an alignment of j along i.
  std::vector<Seqlet> shifted(std::int64_t i, std::int64_t j, const Alignment& alignment) const {
    std::vector<Seqlet> result;
    const std::int64_t width = patterns_[j]->width();
    for (Seqlet seqlet : sample(j)) {
      if (alignment.reverse) seqlet = turned(seqlet);
      const auto moved = grown(seqlet, alignment.offset, patterns_[i]->width() - width - alignment.offset, set_->length);
      if (moved) result.push_back(*moved);
    }
    return result;
  }

  /// 2 (1 - AUROC), from 0 (apart) to 1 (mixed up).
  double mixed(std::size_t i, std::size_t j) {
    Pair& pair = pairs_[i * patterns_.size() + j];
    if (pair.auroc == kNotKnown) {
      const TrackRows own = track_rows(*set_, sample(i)), other = track_rows(*set_, shifted(i, j, pair.alignment));
      auto within = all_pairs(own, own), between = all_pairs(own, other);
      pair.auroc = auroc(within, between);
    }
    return 2 * (1 - std::max(pair.auroc, 0.5));
  }

  const AttributionSet* set_;
  const DiscoveryOptions* options_;
  std::vector<PatternPointer> patterns_;
  std::vector<Pair> pairs_;
};

/// Pairs to merge, the most similar first; a pair is taken where nothing among all that would so
/// become one forbids it.
std::vector<std::pair<std::size_t, std::size_t>> choose_pairs(Comparison& comparison) {
  const std::size_t n = comparison.patterns().size();
  std::vector<std::pair<std::size_t, std::size_t>> order, chosen;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j) order.emplace_back(i, j);
  std::stable_sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    return comparison.similarity(a.first, a.second) > comparison.similarity(b.first, b.second);
  });
  std::vector<std::set<std::size_t>> partners(n);
  for (std::size_t i = 0; i < n; ++i) partners[i] = {i};
  for (const auto& [i, j] : order) {
    if (!comparison.may_merge(i, j)) continue;
    std::set<std::size_t> all = partners[i];
    all.insert(partners[j].begin(), partners[j].end());
    bool refused = false;
    for (auto a = all.begin(); a != all.end() && !refused; ++a)
      for (auto b = std::next(a); b != all.end() && !refused; ++b) refused = comparison.must_not_merge(*a, *b);
    if (refused) continue;
    chosen.emplace_back(i, j);
    for (const std::size_t member : all) partners[member] = all;
  }
  return chosen;
}

/// What the patterns become; those that fall together are the same pointer.
std::vector<PatternPointer> merge_chosen(const AttributionSet& set, std::vector<PatternPointer> patterns,
                                         const std::vector<std::pair<std::size_t, std::size_t>>& chosen, const DiscoveryOptions& options,
                                         const PatternSizes& sizes) {
  for (const auto& [i, j] : chosen) {
    PatternPointer parent = patterns[i], child = patterns[j];
    if (parent == child) continue;
    if (parent->size() < child->size()) std::swap(parent, child);
    const AlignedSeqlets both = merged(set, *parent, child->seqlets(), Likeness::correlation, options.min_overlap);
    auto result = polished(both, sizes.trim, sizes.flank, sizes.background);
    if (!result) continue;
    const auto pointer = std::make_shared<const AlignedSeqlets>(std::move(*result));
    for (PatternPointer& pattern : patterns)
      if (pattern == parent || pattern == child) pattern = pointer;
  }
  return patterns;
}

}  // namespace

double auroc(std::vector<float>& within, std::vector<float>& between) {
  std::vector<float>* lists[] = {&within, &between};
  parallel_for(2, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) std::sort(lists[i]->begin(), lists[i]->end());
  });
  std::size_t lower = 0, not_higher = 0;
  double sum = 0;
  for (const float value : within) {
    while (lower < between.size() && between[lower] < value) ++lower;
    not_higher = std::max(not_higher, lower);
    while (not_higher < between.size() && between[not_higher] <= value) ++not_higher;
    sum += static_cast<double>(lower + not_higher) / 2;
  }
  return within.empty() || between.empty() ? 0.5 : sum / (static_cast<double>(within.size()) * static_cast<double>(between.size()));
}

std::vector<PatternPointer> merge_similar(const AttributionSet& set, std::vector<PatternPointer> patterns, const DiscoveryOptions& options,
                                          const PatternSizes& sizes) {
  const auto larger = [](const PatternPointer& a, const PatternPointer& b) { return a->size() > b->size(); };
  Comparison comparison(set, options, std::move(patterns));
  while (true) {
    comparison.align();
    const auto chosen = choose_pairs(comparison);
    std::vector<PatternPointer> next = merge_chosen(set, comparison.patterns(), chosen, options, sizes);
    const bool changed = next != comparison.patterns();
    std::stable_sort(next.begin(), next.end(), larger);
    std::vector<PatternPointer> once;
    for (const PatternPointer& pattern : next)
      if (std::find(once.begin(), once.end(), pattern) == once.end()) once.push_back(pattern);
    if (!changed) return once;
    Comparison following(set, options, std::move(once));
    following.inherit(comparison);
    comparison = std::move(following);
  }
}

}  // namespace basewise::motifs::detail
