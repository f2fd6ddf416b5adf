#include "basewise/motifs/filter_motifs.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "basewise/core/error.h"

namespace basewise::motifs {
namespace {

FilterRules preset_rules(FilterPreset preset) {
  switch (preset) {
    case FilterPreset::koo:
      return {};
    case FilterPreset::basset:
      return {
          .of = FilterThreshold::range, .window = 0, .margin = 0, .min_sites = 10, .pseudocount = 1, .trim = 0, .flank = 0, .gc = 0.415};
    case FilterPreset::deepcpg:
      return {.of = FilterThreshold::range, .inclusive = true, .most = 25'000, .window = 0, .margin = 0, .min_sites = 10, .trim = 0,
              .flank = 0};
  }
  throw InternalError("unknown preset of filters");
}

double entropy(double gc) {
  const auto term = [](double p) { return p > 0 ? p * std::log2(p) : 0.0; };
  return -2 * (term(gc / 2) + term((1 - gc) / 2));
}

}  // namespace

void describe(Visitor& v, FilterOptions& o) {
  v("preset", o.preset, "published rules, of which each can be replaced by the options that follow");
  v("of", o.of, "what the threshold of a filter is made of");
  v("share", o.share, "share of it", fraction());
  v("inclusive", o.inclusive, "sites reach the threshold; else they lie above it");
  v("most", o.most, "the threshold is no less than the activation of this rank, which bounds the sites; 0: no bound", counted(0));
  v("site_window", o.window, "bases of a site, around its place; 0: what the filter reads", counted(0));
  v("margin", o.margin, "bases that a site keeps from both ends of its sequence", counted(0));
  v("min_sites", o.min_sites, "a filter with fewer has no motif", counted(1));
  v("pseudocount", o.pseudocount, "added to the count of each letter", non_negative());
  v("trim", o.trim, "bits: columns outside of the first and the last one with more are cut off; 0: none", between(0, 2));
  v("flank", o.flank, "columns that are kept beside these", counted(0));
  v("gc", o.gc, "share of G and C of the background that information is measured against", between(0.01, 0.99));
  v("legacy", o.legacy, "filters without motif are written as uniform motifs, as the published code does; else they are left out and said");
}

FilterRules rules_of(const FilterOptions& o) {
  FilterRules r = preset_rules(o.preset);
  r.of = o.of.value_or(r.of);
  r.share = o.share.value_or(r.share);
  r.inclusive = o.inclusive.value_or(r.inclusive);
  r.most = o.most.value_or(r.most);
  r.window = o.window.value_or(r.window);
  r.margin = o.margin.value_or(r.margin);
  r.min_sites = o.min_sites.value_or(r.min_sites);
  r.pseudocount = o.pseudocount.value_or(r.pseudocount);
  r.trim = o.trim.value_or(r.trim);
  r.flank = o.flank.value_or(r.flank);
  r.gc = o.gc.value_or(r.gc);
  return r;
}

void ActivationSummary::add(std::span<const float> values) {
  if (values.empty()) return;
  const auto limit = static_cast<std::size_t>(2 * most_);
  float largest = values[0], smallest = values[0];
  double sum = 0;
  for (const float x : values) {
    largest = std::max(largest, x);
    smallest = std::min(smallest, x);
    sum += x;
  }
  // A sum is finite only if all of its terms are.
  finite_ = finite_ && std::isfinite(sum);
  largest_ = count_ > 0 ? std::max(largest_, largest) : largest;
  smallest_ = count_ > 0 ? std::min(smallest_, smallest) : smallest;
  sum_ += sum;
  count_ += std::ssize(values);
  if (most_ == 0 || !finite_) return;
  for (const float x : values) {
    if (!(x > floor_)) continue;
    top_.push_back(x);
    if (top_.size() >= limit) keep_top();
  }
}

void ActivationSummary::keep_top() const {
  if (std::ssize(top_) < most_) return;
  std::nth_element(top_.begin(), top_.begin() + (most_ - 1), top_.end(), std::greater<>());
  top_.resize(static_cast<std::size_t>(most_));
  floor_ = top_.back();
}

std::optional<float> ActivationSummary::of_rank() const {
  if (most_ == 0 || count_ == 0) return std::nullopt;
  if (count_ <= most_) return smallest_;
  keep_top();
  return floor_;
}

double threshold_of(const ActivationSummary& summary, const FilterRules& rules) {
  const double largest = summary.largest();
  const double mean = rules.of == FilterThreshold::range ? summary.mean() : 0;
  const double threshold = mean + rules.share * (largest - mean);
  const auto rank = summary.of_rank();
  return rank ? std::max(threshold, static_cast<double>(*rank)) : threshold;
}

void SiteCounts::add(std::span<const seq::Token> tokens, std::int64_t start, std::int64_t margin) {
  const std::int64_t width = std::ssize(columns_);
  if (start < margin || start + width > std::ssize(tokens) - margin) {
    ++left_out_;
    return;
  }
  const seq::Token* site = tokens.data() + start;
  for (std::int64_t i = 0; i < width; ++i)
    ++columns_[static_cast<std::size_t>(i)][std::min<std::size_t>(static_cast<std::size_t>(site[i]), 4)];
  ++sites_;
}

std::vector<BaseVector> SiteCounts::shares(double pseudocount) const {
  std::vector<BaseVector> rows;
  const double all = static_cast<double>(sites_) + 4 * pseudocount;
  for (const auto& column : columns_) {
    BaseVector& row = rows.emplace_back(kUniform);
    if (all <= 0) continue;
    for (std::size_t c = 0; c < 4; ++c)
      row[c] = (static_cast<double>(column[c]) + 0.25 * static_cast<double>(column[4]) + pseudocount) / all;
  }
  return rows;
}

FilterState state_of(const ActivationSummary& summary, const FilterRules& rules) {
  if (summary.count() == 0 || summary.largest() == summary.smallest()) return FilterState::dead;
  if (rules.of == FilterThreshold::maximum && summary.largest() <= 0) return FilterState::not_positive;
  return FilterState::kept;
}

double column_information(const BaseVector& column, double gc) {
  double bits = entropy(gc);
  for (const double p : column) bits += p * std::log2(p + 1e-9);
  return bits;
}

std::pair<std::int64_t, std::int64_t> informative_columns(std::span<const BaseVector> columns, const FilterRules& rules) {
  const std::int64_t width = std::ssize(columns);
  if (rules.trim <= 0) return {0, width};
  std::int64_t first = width, last = -1;
  for (std::int64_t i = 0; i < width; ++i) {
    if (!(column_information(columns[static_cast<std::size_t>(i)], rules.gc) > rules.trim)) continue;
    first = std::min(first, i);
    last = i;
  }
  if (last < 0) return {0, 0};
  return {std::max<std::int64_t>(0, first - rules.flank), std::min(width, last + 1 + rules.flank)};
}

FilterMotif filter_motif(const std::string& name, const ActivationSummary& summary, const SiteCounts& counts, const FilterRules& rules,
                         bool legacy) {
  FilterMotif result{.state = state_of(summary, rules), .sites = counts.sites(), .left_out = counts.left_out(), .mean = summary.mean(),
                     .largest = summary.largest()};
  const bool has_threshold = result.state == FilterState::kept;
  result.threshold = has_threshold ? threshold_of(summary, rules) : std::numeric_limits<double>::quiet_NaN();
  if (has_threshold && counts.sites() < rules.min_sites) result.state = FilterState::few_sites;
  std::vector<BaseVector> columns = counts.shares(rules.pseudocount);
  MotifMatrix motif;
  motif.name = name;
  motif.nsites = static_cast<double>(counts.sites());
  if (result.state == FilterState::kept) {
    auto [begin, end] = informative_columns(columns, rules);
    if (begin == end && rules.flank > 0) end = std::ssize(columns);
    if (begin == end) result.state = FilterState::uninformative;
    result.cut_left = begin;
    motif.rows.assign(columns.begin() + begin, columns.begin() + end);
    for (const BaseVector& column : motif.rows) result.information += column_information(column, rules.gc);
  }
  if (result.state != FilterState::kept && legacy) motif.rows.assign(columns.size(), kUniform);
  if (!motif.rows.empty()) result.motif = std::move(motif);
  return result;
}

}  // namespace basewise::motifs
