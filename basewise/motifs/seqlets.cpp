#include "basewise/motifs/seqlets.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <span>
#include <tuple>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/motifs/detail/span_calls.h"
#include "basewise/motifs/detail/span_null.h"
#include "basewise/motifs/detail/window_null.h"
#include "basewise/motifs/detail/window_thresholds.h"

namespace basewise::motifs {
namespace {

constexpr std::int64_t kExamplesAtOnce = 16;

void require(bool good, std::string_view option, const auto& value, std::string_view expected) {
  if (!good) throw ArgumentError(format("{} is {}; it must be {}", option, value, expected));
}

void check(const AttributionSet& set) {
  const std::int64_t cells = set.examples * set.length;
  if (static_cast<std::int64_t>(set.contributions.size()) != cells)
    throw ArgumentError(format("{} attributions are given for {} examples of {} positions", set.contributions.size(), set.examples,
                               set.length));
  const auto bad = std::find_if_not(set.contributions.begin(), set.contributions.end(), [](float x) { return std::isfinite(x); });
  if (bad == set.contributions.end()) return;
  const std::int64_t cell = bad - set.contributions.begin();
  throw ArgumentError(format("the attribution of example {}, position {}, is {}; seqlets need finite numbers (counted from 0)",
                             cell / set.length, cell % set.length, *bad));
}

/// Calls find(begin, end, into) over pieces of the examples;
/// what it appends comes in the order of examples.
template <class T>
std::vector<T> over_examples(std::int64_t examples, const auto& find) {
  const std::int64_t pieces = (examples + kExamplesAtOnce - 1) / kExamplesAtOnce;
  std::vector<std::vector<T>> found(pieces);
  parallel_for(pieces, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t p = begin; p < end; ++p) find(p * kExamplesAtOnce, std::min(examples, (p + 1) * kExamplesAtOnce), found[p]);
  });
  std::vector<T> all;
  for (std::vector<T>& piece : found) all.insert(all.end(), piece.begin(), piece.end());
  return all;
}

std::span<const float> row(const AttributionSet& set, std::int64_t example) {
  return {set.contribution(example), static_cast<std::size_t>(set.length)};
}

/// What a set without signal is called, nothing where there is some.
std::optional<std::string> no_signal(const AttributionSet& set, std::int64_t shortest) {
  if (set.examples == 0) return "no seqlets: there are no examples";
  if (set.length < shortest)
    return format("no seqlets: examples have {} positions, and a seqlet takes at least {}", set.length, shortest);
  const auto [low, high] = std::minmax_element(set.contributions.begin(), set.contributions.end());
  if (*low == *high) return format("no seqlets: all attributions are {}", *low);
  return std::nullopt;
}

void say_missing(SeqletResult& result, SeqletSigns signs) {
  if (signs != SeqletSigns::negative && result.positive == 0) result.notes.push_back("no positive seqlets");
  if (signs != SeqletSigns::positive && result.negative == 0) result.notes.push_back("no negative seqlets");
}

/// A called span and its example.
struct Called {
  std::int64_t example = 0;
  detail::SpanCall span;
};

std::vector<Called> call_spans(const AttributionSet& set, const RecursiveSeqletOptions& o, float sign) {
  const auto [least, most] = std::minmax_element(set.contributions.begin(), set.contributions.end());
  const float low = sign > 0 ? *least : -*most, high = sign > 0 ? *most : -*least;
  if (!std::isfinite(high - low))
    throw ArgumentError(format("attributions reach from {} to {}, which is beyond what bins can hold", *least, *most));
  const detail::SpanNull null(set.contributions, sign, low, high, o.bins, o.max_length);
  return over_examples<Called>(set.examples, [&](std::int64_t begin, std::int64_t end, std::vector<Called>& into) {
    detail::SpanCaller caller(null, sign, o.p_value, o.min_length, o.max_length);
    for (std::int64_t i = begin; i < end; ++i)
      for (const detail::SpanCall& call : caller.call(row(set, i))) into.push_back({i, call});
  });
}

/// Whether a span meets one of `others`, which are sorted by example and start and do not overlap.
bool overlaps(const Called& called, const std::vector<Called>& others) {
  const auto after = std::lower_bound(others.begin(), others.end(), called, [](const Called& a, const Called& b) {
    return std::tie(a.example, a.span.start) < std::make_tuple(b.example, b.span.start + b.span.length);
  });
  if (after == others.begin()) return false;
  const Called& last = *std::prev(after);
  return last.example == called.example && last.span.start + last.span.length > called.span.start;
}

void append(const AttributionSet& set, const std::vector<Called>& calls, std::int64_t flank, SeqletResult& result) {
  std::vector<double> before(set.length + 1, 0.0);
  std::int64_t example = -1;
  for (const auto& [i, span] : calls) {
    if (i != example) {
      const std::span<const float> values = row(set, i);
      for (std::int64_t j = 0; j < set.length; ++j) before[j + 1] = before[j] + values[j];
      example = i;
    }
    const std::int64_t start = std::max<std::int64_t>(0, span.start - flank), end = std::min(set.length, span.start + span.length + flank);
    result.seqlets.push_back(
        {.example = i, .start = start, .end = end, .attribution = before[end] - before[start], .p_value = span.p_value});
  }
}

void check(const RecursiveSeqletOptions& o) {
  require(o.p_value > 0 && o.p_value <= 1, "p_value", o.p_value, "above 0 and at most 1");
  require(o.min_length >= 1, "min_length", o.min_length, "at least 1");
  require(o.max_length >= o.min_length && o.max_length <= 1000, "max_length", o.max_length, format("from {} to 1000", o.min_length));
  require(o.flank >= 0 && o.flank <= 1'000'000, "flank", o.flank, "from 0 to 1000000");
  require(o.bins >= 2 && o.bins <= 100'000, "bins", o.bins, "from 2 to 100000");
}

void check(const ModiscoSeqletOptions& o) {
  const auto is_share = [](double x) { return x >= 0 && x <= 1; };
  require(o.window >= 1 && o.window <= 1'000'000, "window", o.window, "from 1 to 1000000");
  require(o.flank >= 0 && o.flank <= 1'000'000, "flank", o.flank, "from 0 to 1000000");
  require(is_share(o.fdr), "fdr", o.fdr, "from 0 to 1");
  require(is_share(o.max_passing), "max_passing", o.max_passing, "from 0 to 1");
  require(o.min_passing >= 0 && o.min_passing <= o.max_passing, "min_passing", o.min_passing,
          format("from 0 to {} (max_passing)", o.max_passing));
  require(is_share(o.weak_quantile), "weak_quantile", o.weak_quantile, "from 0 to 1");
  require(o.null_samples >= 1 && o.null_samples <= 100'000'000, "null_samples", o.null_samples, "from 1 to 100000000");
  require(o.null_seed <= 0xffffffffu, "null_seed", o.null_seed, "below 2^32");
}

/// Windows of an example that become seqlets, strongest first:
/// each keeps those near it from becoming one.
void call_windows(const AttributionSet& set, std::int64_t example, const ModiscoSeqletOptions& o, const ModiscoNull& null,
                  std::vector<Seqlet>& into) {
  const std::vector<double> sums = detail::window_sums(row(set, example), o.window);
  const auto windows = static_cast<std::int64_t>(sums.size());
  std::vector<std::int64_t> passing;
  for (std::int64_t w = o.flank; w < windows - o.flank; ++w)
    if (sums[w] >= null.positive_threshold || sums[w] <= null.negative_threshold) passing.push_back(w);
  std::stable_sort(passing.begin(), passing.end(), [&](std::int64_t a, std::int64_t b) { return std::abs(sums[a]) > std::abs(sums[b]); });
  std::vector<bool> taken(windows, false);
  const std::int64_t reach = o.window / 2 + o.flank;
  const float* values = set.contribution(example);
  for (const std::int64_t w : passing) {
    if (taken[w]) continue;
    std::fill(taken.begin() + std::max<std::int64_t>(0, w - reach), taken.begin() + std::min(windows, w + reach + 1), true);
    const double sum = std::accumulate(values + w, values + w + o.window, 0.0);
    into.push_back({.example = example,
                    .start = w - o.flank,
                    .end = w + o.window + o.flank,
                    .attribution = sum,
                    .p_value = detail::tail(null, sum)});
  }
}

}  // namespace

void describe(Visitor& v, RecursiveSeqletOptions& o) {
  v("p_value", o.p_value, "every span inside a seqlet has a lower p-value", fraction());
  v("min_length", o.min_length, "shortest seqlet", at_least(1));
  v("max_length", o.max_length, "longest seqlet, without flanks", at_least(1));
  v("flank", o.flank, "positions added on both sides of a seqlet", at_least(0));
  v("bins", o.bins, "in which attributions are counted for the null", at_least(2));
  v("signs", o.signs, "seqlets that raise the output, that lower it, or both");
}

void describe(Visitor& v, ModiscoSeqletOptions& o) {
  v("window", o.window, "positions whose attributions are summed", at_least(1));
  v("flank", o.flank, "positions added on both sides of the window", at_least(0));
  v("fdr", o.fdr, "false discovery rate of windows", fraction());
  v("min_passing", o.min_passing, "share of windows that pass at least", fraction());
  v("max_passing", o.max_passing, "share of windows that pass at most", fraction());
  v("weak_quantile", o.weak_quantile, "quantile of absolute sums that is asked at most for a sign to count", fraction());
  v("null_samples", o.null_samples, "draws from the null", at_least(1));
  v("null_seed", o.null_seed, "seed of the draws");
  v("signs", o.signs, "seqlets that raise the output, that lower it, or both");
}

SeqletResult recursive_seqlets(const AttributionSet& set, const RecursiveSeqletOptions& options) {
  check(options);
  check(set);
  SeqletResult result;
  if (const auto reason = no_signal(set, options.min_length)) {
    result.notes.push_back(*reason);
    return result;
  }
  std::vector<Called> positive, negative;
  if (options.signs != SeqletSigns::negative) positive = call_spans(set, options, 1);
  if (options.signs != SeqletSigns::positive) negative = call_spans(set, options, -1);
  append(set, positive, options.flank, result);
  std::sort(positive.begin(), positive.end(), [](const Called& a, const Called& b) {
    return std::tie(a.example, a.span.start) < std::tie(b.example, b.span.start);
  });
  result.left_out = std::erase_if(negative, [&](const Called& called) { return overlaps(called, positive); });
  append(set, negative, options.flank, result);
  std::sort(result.seqlets.begin(), result.seqlets.end(), [](const Seqlet& a, const Seqlet& b) {
    return std::tie(a.p_value, a.example, a.start, a.end) < std::tie(b.p_value, b.example, b.start, b.end);
  });
  if (result.left_out > 0)
    result.notes.push_back(format("{} negative seqlets overlap positive ones and are left out", result.left_out));
  result.positive = static_cast<std::int64_t>(positive.size());
  result.negative = static_cast<std::int64_t>(negative.size());
  say_missing(result, options.signs);
  return result;
}

SeqletResult modisco_seqlets(const AttributionSet& set, const ModiscoSeqletOptions& options) {
  check(options);
  check(set);
  SeqletResult result;
  if (const auto reason = no_signal(set, options.window + 2 * options.flank)) {
    result.notes.push_back(*reason);
    return result;
  }
  std::vector<double> sums = detail::all_window_sums(set, options.window);
  const auto [low, high] = std::minmax_element(sums.begin(), sums.end());
  if (*low == *high) {
    result.notes.push_back(format("no seqlets: the attributions of all windows sum to {}", *low));
    return result;
  }
  result.null = detail::thresholds_of(std::move(sums), options, result.notes);
  const auto call = [&](std::int64_t begin, std::int64_t end, std::vector<Seqlet>& into) {
    for (std::int64_t i = begin; i < end; ++i) call_windows(set, i, options, result.null, into);
  };
  const std::vector<Seqlet> called = over_examples<Seqlet>(set.examples, call);
  for (const Seqlet& s : called) {
    const bool positive = s.attribution > result.null.sign_threshold, negative = s.attribution < -result.null.sign_threshold;
    result.left_out += !positive && !negative;
    if ((positive && options.signs == SeqletSigns::negative) || (negative && options.signs == SeqletSigns::positive)) continue;
    if (!positive && !negative) continue;
    ++(positive ? result.positive : result.negative);
    result.seqlets.push_back(s);
  }
  if (result.left_out > 0)
    result.notes.push_back(format("{} seqlets are left out: their sums are within +-{:.4g}, so that their sign does not count",
                                  result.left_out, result.null.sign_threshold));
  say_missing(result, options.signs);
  return result;
}

}  // namespace basewise::motifs
