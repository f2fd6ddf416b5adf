// Filters of a network as motifs, made of the places where they are active.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/motifs/motif.h"

namespace basewise::motifs {

/// Published rules. Each sets the options of `FilterRules`.
enum class FilterPreset { koo, basset, deepcpg };
constexpr auto words_of(FilterPreset) {
  return words<FilterPreset>({{FilterPreset::koo, "koo", "Koo and Ploenzke 2021: above half of the largest, 20 bases"},
                              {FilterPreset::basset, "basset", "Kelley et al. 2016: above the middle of mean and largest, one count added"},
                              {FilterPreset::deepcpg, "deepcpg", "Angermueller et al. 2017: the same, of the 25,000 largest at most"}});
}

/// What the threshold of a filter is made of, with m the mean and M the largest of its activations.
enum class FilterThreshold { maximum, range };
constexpr auto words_of(FilterThreshold) {
  return words<FilterThreshold>({{FilterThreshold::maximum, "maximum", "share x largest"},
                                 {FilterThreshold::range, "range", "mean + share x (largest - mean)"}});
}

struct FilterRules {
  FilterThreshold of = FilterThreshold::maximum;
  double share = 0.5;
  bool inclusive = false;    ///< a site reaches the threshold; else it lies above it
  std::int64_t most = 0;     ///< the threshold is no less than the activation of this rank; 0: no such bound
  std::int64_t window = 20;  ///< bases of a site, [p - window / 2, p - window / 2 + window) around place p; 0: what the filter reads
  std::int64_t margin = 1;   ///< bases that a site keeps from both ends of its sequence
  std::int64_t min_sites = 2;
  double pseudocount = 0;  ///< added to the count of each letter
  double trim = 0.5;       ///< bits: columns outside of the first and last with more are cut off; 0: none
  std::int64_t flank = 3;  ///< columns that are kept on both sides of these
  double gc = 0.5;         ///< share of G and C of the background that information is measured against
};

/// The preset, and what is given in its place.
struct FilterOptions {
  FilterPreset preset = FilterPreset::koo;
  std::optional<FilterThreshold> of = {};
  std::optional<double> share = {};
  std::optional<bool> inclusive = {};
  std::optional<std::int64_t> most = {};
  std::optional<std::int64_t> window = {};
  std::optional<std::int64_t> margin = {};
  std::optional<std::int64_t> min_sites = {};
  std::optional<double> pseudocount = {};
  std::optional<double> trim = {};
  std::optional<std::int64_t> flank = {};
  std::optional<double> gc = {};
  bool legacy = false;  ///< filters without motif are written as uniform ones, as published code did
};
void describe(Visitor& v, FilterOptions& o);

/// koo: as `FilterRules` begins. basset: mean + 0.5 x (largest - mean), what the filter reads, at
/// least 10 sites, 1 added to each count, nothing cut off (`trim` 0.2 with its -t), a background of
/// 0.415 G and C. deepcpg: the same range, reached, of the 25,000 largest, at least 10 sites,
/// nothing added, nothing cut off.
FilterRules rules_of(const FilterOptions& options);

/// What one filter does over a set of sequences. Values come in any number of pieces; results
/// depend on their order alone.
class ActivationSummary {
 public:
  /// `most` as in `FilterRules`.
  explicit ActivationSummary(std::int64_t most = 0) : most_(most) {}

  void add(std::span<const float> values);

  std::int64_t count() const { return count_; }
  bool finite() const { return finite_; }
  double mean() const { return count_ > 0 ? sum_ / static_cast<double>(count_) : 0; }
  float largest() const { return largest_; }
  float smallest() const { return smallest_; }

  /// The value of rank `most`, the smallest where there are fewer; nothing without `most`.
  std::optional<float> of_rank() const;

 private:
  void keep_top() const;

  std::int64_t most_;
  std::int64_t count_ = 0;
  bool finite_ = true;
  double sum_ = 0;
  float largest_ = 0, smallest_ = 0;
  /// Of `top_` when it was last cut: no smaller value can be of that rank.
  mutable float floor_ = -std::numeric_limits<float>::infinity();
  mutable std::vector<float> top_ = {};  ///< between `most` and twice as many once there are so many
};

/// Where the sites of a filter begin.
double threshold_of(const ActivationSummary& summary, const FilterRules& rules);

/// Letters of the sites of one filter.
class SiteCounts {
 public:
  explicit SiteCounts(std::int64_t width = 0) : columns_(static_cast<std::size_t>(width)) {}

  /// The site [start, start + width) of a sequence. One that comes nearer than `margin` to an end
  /// is left out and counted.
  void add(std::span<const seq::Token> tokens, std::int64_t start, std::int64_t margin);

  std::int64_t sites() const { return sites_; }
  std::int64_t left_out() const { return left_out_; }

  /// Shares of the letters (width): (count + pseudocount) / (sites + 4 pseudocount). An N counts as
  /// a quarter of each letter.
  std::vector<BaseVector> shares(double pseudocount) const;

 private:
  std::vector<std::array<std::int64_t, 5>> columns_;
  std::int64_t sites_ = 0, left_out_ = 0;
};

enum class FilterState { kept, dead, not_positive, few_sites, uninformative };
constexpr auto words_of(FilterState) {
  return words<FilterState>({{FilterState::kept, "kept"},
                             {FilterState::dead, "dead", "the same activation everywhere"},
                             {FilterState::not_positive, "not_positive", "no activation above 0, of which a share could be taken"},
                             {FilterState::few_sites, "few_sites", "fewer sites than asked for"},
                             {FilterState::uninformative, "uninformative", "no column is left after cutting"}});
}

struct FilterMotif {
  FilterState state = FilterState::dead;
  std::int64_t sites = 0;
  std::int64_t left_out = 0;  ///< sites too near to an end of their sequence
  double threshold = 0;       ///< NaN where there is none
  double mean = 0;
  double largest = 0;
  double information = 0;     ///< bits of all columns of the motif
  std::int64_t cut_left = 0;  ///< columns cut off
  MotifMatrix motif = {};     ///< no rows unless kept, or with `legacy`
};

/// Whether sites are worth looking for; `kept` for the time being.
FilterState state_of(const ActivationSummary& summary, const FilterRules& rules);

/// Bits of a column against a background of the share `gc` of G and C:
/// sum p log2(p + 1e-9) - sum b log2 b.
double column_information(const BaseVector& column, double gc);

/// The columns [begin, end) that stay: from `flank` before the first one of more than `trim` bits
/// to `flank` behind the last one; none where no column has as much.
std::pair<std::int64_t, std::int64_t> informative_columns(std::span<const BaseVector> columns, const FilterRules& rules);

/// The motif of one filter. Where no column is informative, Koo's rule (`flank` > 0) keeps all, the
/// others none.
FilterMotif filter_motif(const std::string& name, const ActivationSummary& summary, const SiteCounts& counts, const FilterRules& rules,
                         bool legacy = false);

}  // namespace basewise::motifs
