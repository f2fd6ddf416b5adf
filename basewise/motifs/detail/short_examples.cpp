#include "basewise/motifs/detail/short_examples.h"

#include <algorithm>
#include <optional>

#include "basewise/motifs/detail/aligned_seqlets.h"

namespace basewise::motifs::detail {
namespace {

/// Positions [begin, end) of the pattern, over the seqlets that lie within their example there.
std::optional<Pattern> cut(const AttributionSet& set, const Pattern& pattern, std::int64_t begin, std::int64_t end, std::int64_t pad) {
  std::vector<Seqlet> kept;
  for (Seqlet seqlet : pattern.seqlets) {
    seqlet.start -= pad;
    seqlet.end -= pad;
    if (const auto within = grown(seqlet, -begin, end - pattern.width(), set.length)) kept.push_back(*within);
  }
  if (kept.empty()) return std::nullopt;
  Pattern result = AlignedSeqlets(set, kept).pattern(pattern.positive);
  result.name = pattern.name;
  return result;
}

}  // namespace

std::int64_t padding_of_examples(const AttributionSet& set, const DiscoveryOptions& options) {
  const std::int64_t width = options.trim_size + 2 * options.initial_flank;
  return set.length < 2 * width ? width : 0;
}

AttributionSet padded(const AttributionSet& set, std::int64_t pad) {
  AttributionSet result;
  result.examples = set.examples;
  result.length = set.length + 2 * pad;
  const auto spread = [&](const auto& rows, std::int64_t count, auto& to) {
    for (std::int64_t row = 0; row < count; ++row)
      std::copy_n(rows.begin() + row * set.length, set.length, to.begin() + row * result.length + pad);
  };
  result.tokens.assign(result.examples * result.length, seq::kN);
  result.contributions.assign(result.examples * result.length, 0);
  spread(set.tokens, set.examples, result.tokens);
  spread(set.contributions, set.examples, result.contributions);
  if (set.hypothetical.empty()) return result;
  result.hypothetical.assign(4 * result.examples * result.length, 0);
  spread(set.hypothetical, 4 * set.examples, result.hypothetical);
  return result;
}

std::vector<Pattern> without_padding(const AttributionSet& set, const std::vector<Pattern>& patterns, std::int64_t pad,
                                     const DiscoveryOptions& options, std::vector<std::string>& notes) {
  std::vector<Pattern> result;
  std::int64_t left_out = 0, small = 0;
  for (const Pattern& pattern : patterns) {
    const auto [begin, end] = core_of(pattern);
    auto core = cut(set, pattern, begin, end, pad);
    const auto held = core ? static_cast<std::int64_t>(core->seqlets.size()) : 0;
    left_out += static_cast<std::int64_t>(pattern.seqlets.size()) - held;
    if (held < options.min_cluster_size) {
      ++small;
      continue;
    }
    for (const Pattern& part : pattern.subpatterns)
      if (auto within = cut(set, part, begin, end, pad)) core->subpatterns.push_back(std::move(*within));
    result.push_back(std::move(*core));
  }
  if (!patterns.empty())
    notes.push_back(
        format("examples of {} bases are short for patterns of {} bases with {} on each side: patterns are cut to their cores; {} "
               "seqlets that leave their example there, and {} patterns with fewer than {} others, are left out",
               set.length, options.trim_size, options.initial_flank, left_out, small, options.min_cluster_size));
  return result;
}

}  // namespace basewise::motifs::detail
