#include "basewise/corpus/detail/planter.h"

#include <algorithm>
#include <numeric>

#include "basewise/seq/reverse_complement.h"

namespace basewise::corpus::detail {

namespace {

// k different numbers out of 0..n-1 in rising order (Floyd's sampling).
std::vector<std::int64_t> distinct(std::int64_t k, std::int64_t n, Stream& stream) {
  std::vector<std::int64_t> chosen;
  for (std::int64_t top = n - k; top < n; ++top) {
    const auto drawn = static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(top) + 1));
    chosen.push_back(std::find(chosen.begin(), chosen.end(), drawn) == chosen.end() ? drawn : top);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

std::vector<seq::Token> draw_site(const Instance& instance, Stream& stream) {
  if (!instance.decoy) return motifs::sample(*instance.motif, stream);
  // Permuted anew for each instance: a fixed permutation would be a motif that gives the negatives
  // away.
  motifs::MotifMatrix permuted = *instance.motif;
  stream.shuffle(std::span(permuted.rows));
  return motifs::sample(permuted, stream);
}

}  // namespace

std::vector<std::int64_t> place(const std::vector<std::int64_t>& widths, std::int64_t room, Stream& stream) {
  const auto k = static_cast<std::int64_t>(widths.size());
  const std::int64_t free = room - std::accumulate(widths.begin(), widths.end(), std::int64_t{0});
  // Stars and bars: which of free + k places are blocks decides all gaps evenly.
  const std::vector<std::int64_t> bars = distinct(k, free + k, stream);
  const std::vector<std::int64_t> order = stream.permutation(k);
  std::vector<std::int64_t> starts(widths.size());
  std::int64_t used = 0;
  for (std::int64_t j = 0; j < k; ++j) {
    const auto block = static_cast<std::size_t>(order[static_cast<std::size_t>(j)]);
    starts[block] = bars[static_cast<std::size_t>(j)] - j + used;
    used += widths[block];
  }
  return starts;
}

std::vector<std::int64_t> place_in_turn(const std::vector<std::int64_t>& widths, std::int64_t room, Stream& stream) {
  constexpr int kTries = 10'000;
  std::vector<std::int64_t> starts;
  for (int tries = 0; starts.size() < widths.size() && tries < kTries; ++tries) {
    const std::int64_t width = widths[starts.size()];
    const auto start = static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(room - width) + 1));
    bool free = true;
    for (std::size_t b = 0; b < starts.size() && free; ++b) free = start + width <= starts[b] || starts[b] + widths[b] <= start;
    if (free) starts.push_back(start);
  }
  return starts.size() == widths.size() ? starts : place(widths, room, stream);
}

std::vector<Planted> plant(const std::vector<Block>& blocks, std::int64_t sequence, std::int64_t begin,
                           std::int64_t room, Placement placement, std::span<seq::Token> tokens, Stream& stream) {
  std::vector<std::int64_t> widths;
  for (const Block& block : blocks) widths.push_back(block.width);
  const bool in_turn = placement == Placement::in_turn;
  const std::vector<std::int64_t> starts = in_turn ? place_in_turn(widths, room, stream) : place(widths, room, stream);
  std::vector<Planted> planted;
  for (std::size_t b = 0; b < blocks.size(); ++b)
    for (const Instance& instance : blocks[b].instances) {
      const std::int64_t start = begin + starts[b] + instance.offset;
      std::vector<seq::Token> site = draw_site(instance, stream);
      planted.push_back(
          {sequence, instance.motif->name, start, start + instance.motif->width(), instance.strand, seq::decode(site), instance.decoy});
      if (instance.strand == seq::Strand::reverse) seq::reverse_complement_in_place(site);
      std::copy(site.begin(), site.end(), tokens.begin() + start);
    }
  std::sort(planted.begin(), planted.end(), [](const Planted& a, const Planted& b) { return a.start < b.start; });
  return planted;
}

}  // namespace basewise::corpus::detail
