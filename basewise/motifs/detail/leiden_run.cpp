#include "basewise/motifs/detail/leiden_run.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

namespace basewise::motifs::detail {
namespace {

using Partition = std::vector<std::int32_t>;

// A move has to gain this share of the node's strength, or rounding could move it back and forth.
constexpr double kLeastGain = 1e-10;

/// Weight from a node to each community around it; `clear` costs only what was touched.
class Around {
 public:
  explicit Around(std::int32_t communities) : weight_(static_cast<std::size_t>(communities), 0.0) {}

  void add(std::int32_t community, double weight) {
    double& sum = weight_[community];
    if (sum == 0) touched_.push_back(community);
    sum += weight;
  }
  double operator[](std::int32_t community) const { return weight_[community]; }
  const std::vector<std::int32_t>& touched() const { return touched_; }
  void clear() {
    for (const std::int32_t c : touched_) weight_[c] = 0;
    touched_.clear();
  }

 private:
  std::vector<double> weight_;
  std::vector<std::int32_t> touched_;
};

std::vector<double> sum_by(const Partition& part, const std::vector<double>& values) {
  std::vector<double> sums(part.size(), 0.0);
  for (std::size_t v = 0; v < part.size(); ++v) sums[part[v]] += values[v];
  return sums;
}

/// Numbers communities in the order of their first nodes; returns how many there are.
std::int32_t renumber(Partition& part) {
  Partition number(part.size(), -1);
  std::int32_t count = 0;
  for (std::int32_t& c : part) {
    std::int32_t& n = number[c];
    if (n < 0) n = count++;
    c = n;
  }
  return count;
}

Partition singletons(std::int32_t nodes) {
  Partition part(static_cast<std::size_t>(nodes));
  std::iota(part.begin(), part.end(), 0);
  return part;
}

/// Local moving with a queue (MoveNodesFast of the paper).
class Mover {
 public:
  Mover(const LeidenLevel& level, double null_rate, Partition& part)
      : level_(level), null_rate_(null_rate), part_(part), strength_(sum_by(part, level.strength)),
        size_(part.size(), 0), around_(level.nodes()) {
    for (const std::int32_t c : part) ++size_[c];
    for (std::int32_t c = level.nodes() - 1; c >= 0; --c)
      if (size_[c] == 0) empty_.push_back(c);
  }

  /// Visits all nodes in random order, and again the neighbours of those that moved. Returns moves.
  std::int64_t run(Stream& stream) {
    const std::int64_t n = level_.nodes();
    std::vector<std::int32_t> queue(static_cast<std::size_t>(n));
    std::iota(queue.begin(), queue.end(), 0);
    stream.shuffle(std::span(queue));
    std::vector<bool> queued(static_cast<std::size_t>(n), true);
    std::int64_t moves = 0, head = 0, waiting = n;
    while (waiting > 0) {
      const std::int32_t v = queue[head];
      head = head + 1 == n ? 0 : head + 1;
      --waiting;
      queued[v] = false;
      if (!move(v)) continue;
      ++moves;
      for (std::int64_t e = level_.row_begin[v]; e < level_.row_begin[v + 1]; ++e) {
        const std::int32_t u = level_.neighbour[e];
        if (queued[u] || part_[u] == part_[v]) continue;
        queued[u] = true;
        queue[(head + waiting) % n] = u;
        ++waiting;
      }
    }
    return moves;
  }

 private:
  bool move(std::int32_t v) {
    const auto i = static_cast<std::size_t>(v);
    const double k = level_.strength[i];
    const std::int32_t own = part_[i];
    for (std::int64_t e = level_.row_begin[i]; e < level_.row_begin[i + 1]; ++e)
      around_.add(part_[level_.neighbour[e]], level_.weight[e]);
    strength_[own] -= k;
    const bool alone = size_[own] == 1;
    const auto gain = [&](std::int32_t c) { return around_[c] - null_rate_ * k * strength_[c]; };
    std::int32_t best = own;
    double most = (alone ? 0.0 : gain(own)) + kLeastGain * k;
    for (const std::int32_t c : around_.touched()) {
      if (c == own) continue;
      if (const double g = gain(c); g > most) best = c, most = g;
    }
    if (!alone && most < 0 && !empty_.empty()) best = empty_.back();
    around_.clear();
    strength_[best] += k;
    if (best == own) return false;
    if (size_[best]++ == 0) empty_.pop_back();
    if (--size_[own] == 0) {
      strength_[own] = 0;
      empty_.push_back(own);
    }
    part_[i] = best;
    return true;
  }

  const LeidenLevel& level_;
  double null_rate_;
  Partition& part_;
  std::vector<double> strength_;  // of communities
  std::vector<std::int32_t> size_;
  std::vector<std::int32_t> empty_;  // communities without nodes, the next one last
  Around around_;
};

/// Refinement (MergeNodesSubset): single nodes join well-connected parts of their own community.
class Refiner {
 public:
  Refiner(const LeidenLevel& level, const LeidenSettings& settings, const Partition& part)
      : level_(level), settings_(settings), part_(part), whole_(sum_by(part, level.strength)), strength_(level.strength),
        outside_(part.size(), 0.0), merged_(part.size(), false), refined_(singletons(level.nodes())), around_(level.nodes()) {
    for (std::size_t v = 0; v < part.size(); ++v)
      for (std::int64_t e = level.row_begin[v]; e < level.row_begin[v + 1]; ++e)
        if (part[level.neighbour[e]] == part[v])
          outside_[v] += level.weight[e];
  }

  Partition run(Stream& stream) {
    for (const std::int64_t v : stream.permutation(level_.nodes()))
      if (!merged_[v] && well_connected(static_cast<std::int32_t>(v))) merge(static_cast<std::int32_t>(v), stream);
    return std::move(refined_);
  }

 private:
  // A part with at least as much weight to the rest of its community as the null expects; a part
  // keeps the number of its first node.
  bool well_connected(std::int32_t c) const {
    const auto i = static_cast<std::size_t>(c);
    const double expected = settings_.null_rate * strength_[i] * (whole_[part_[i]] - strength_[i]);
    return outside_[i] >= expected * (1 - kLeastGain);
  }

  void merge(std::int32_t v, Stream& stream) {
    const auto i = static_cast<std::size_t>(v);
    for (std::int64_t e = level_.row_begin[i]; e < level_.row_begin[i + 1]; ++e) {
      const auto u = static_cast<std::size_t>(level_.neighbour[e]);
      if (part_[u] == part_[i]) around_.add(refined_[u], level_.weight[e]);
    }
    parts_.assign(1, v);  // to stay alone gains nothing
    gains_.assign(1, 0.0);
    for (const std::int32_t c : around_.touched()) {
      const double gain = around_[c] - settings_.null_rate * level_.strength[i] * strength_[c];
      if (gain < 0 || !well_connected(c)) continue;
      parts_.push_back(c);
      gains_.push_back(gain);
    }
    const std::int32_t chosen = parts_[choose(stream)];
    if (chosen != v) {
      const auto c = static_cast<std::size_t>(chosen);
      outside_[c] += outside_[i] - 2 * around_[chosen];
      strength_[c] += level_.strength[i];
      merged_[c] = merged_[i] = true;
      refined_[i] = chosen;
    }
    around_.clear();
  }

  /// By probabilities proportional to exp(gain / temperature).
  std::size_t choose(Stream& stream) {
    const auto best = std::max_element(gains_.begin(), gains_.end());
    if (settings_.temperature == 0 || gains_.size() == 1) return static_cast<std::size_t>(best - gains_.begin());
    const double most = *best;
    for (double& g : gains_) g = std::exp((g - most) / settings_.temperature);
    return stream.choice(gains_);
  }

  const LeidenLevel& level_;
  const LeidenSettings& settings_;
  const Partition& part_;
  std::vector<double> whole_;     // strength of communities
  std::vector<double> strength_;  // of parts
  std::vector<double> outside_;   // weight of parts to the rest of their community
  std::vector<bool> merged_;      // node is in a part with others
  Partition refined_;
  Around around_;
  std::vector<std::int32_t> parts_;
  std::vector<double> gains_;
};

/// Connected pieces of communities.
Partition pieces(const LeidenLevel& level, const Partition& part) {
  Partition piece(part.size(), -1);
  std::vector<std::int32_t> open;
  for (std::int32_t v = 0; v < level.nodes(); ++v) {
    if (piece[v] >= 0) continue;
    piece[v] = v;
    open.assign(1, v);
    while (!open.empty()) {
      const auto u = static_cast<std::size_t>(open.back());
      open.pop_back();
      for (std::int64_t e = level.row_begin[u]; e < level.row_begin[u + 1]; ++e) {
        const std::int32_t w = level.neighbour[e];
        if (piece[w] >= 0 || part[w] != part[u]) continue;
        piece[w] = v;
        open.push_back(w);
      }
    }
  }
  return piece;
}

/// The graph of communities 0..count-1.
LeidenLevel aggregate(const LeidenLevel& level, const Partition& part, std::int32_t count) {
  std::vector<std::int32_t> begin(static_cast<std::size_t>(count) + 1, 0), member(part.size());
  for (const std::int32_t c : part) ++begin[c + 1];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  std::vector<std::int32_t> next(begin.begin(), begin.end() - 1);
  for (std::int32_t v = 0; v < level.nodes(); ++v) member[next[part[v]]++] = v;

  LeidenLevel above;
  above.loop.assign(static_cast<std::size_t>(count), 0.0);
  above.strength.assign(static_cast<std::size_t>(count), 0.0);
  Around around(count);
  for (std::int32_t c = 0; c < count; ++c) {
    const auto i = static_cast<std::size_t>(c);
    for (std::int32_t m = begin[i]; m < begin[i + 1]; ++m) {
      const auto v = static_cast<std::size_t>(member[m]);
      above.loop[i] += level.loop[v];
      above.strength[i] += level.strength[v];
      for (std::int64_t e = level.row_begin[v]; e < level.row_begin[v + 1]; ++e)
        around.add(part[level.neighbour[e]], level.weight[e]);
    }
    for (const std::int32_t d : around.touched()) {
      if (d == c) {
        above.loop[i] += around[d];
        continue;
      }
      above.neighbour.push_back(d);
      above.weight.push_back(around[d]);
    }
    around.clear();
    above.row_begin.push_back(static_cast<std::int64_t>(above.neighbour.size()));
  }
  return above;
}

/// One iteration from `part`, which it replaces; whether any node or part moved.
bool iterate(const LeidenLevel& base, const LeidenSettings& settings, Stream& stream, Partition& part) {
  Partition node = singletons(base.nodes());  // of the current level, by node of the base
  Partition current = part;
  LeidenLevel owned;
  const LeidenLevel* level = &base;
  bool moved = false;
  while (true) {
    moved |= Mover(*level, settings.null_rate, current).run(stream) > 0;
    if (renumber(current) == level->nodes()) break;
    Partition refined = Refiner(*level, settings, current).run(stream);
    std::int32_t count = renumber(refined);
    // Chance may leave all nodes alone; whole communities then go up, as far as they are connected.
    if (count == level->nodes()) {
      refined = pieces(*level, current);
      count = renumber(refined);
    }
    if (count == level->nodes()) {
      current = std::move(refined);
      break;
    }
    Partition above(static_cast<std::size_t>(count));
    for (std::size_t v = 0; v < refined.size(); ++v) above[refined[v]] = current[v];
    for (std::int32_t& n : node) n = refined[n];
    owned = aggregate(*level, refined, count);
    level = &owned;
    current = std::move(above);
  }
  for (std::size_t v = 0; v < part.size(); ++v) part[v] = current[node[v]];
  return moved;
}

}  // namespace

LeidenOutcome run_leiden(const LeidenLevel& base, const LeidenSettings& settings, Stream stream) {
  LeidenOutcome outcome;
  outcome.community = singletons(base.nodes());
  while (settings.iterations < 0 || outcome.iterations < settings.iterations) {
    ++outcome.iterations;
    if (!iterate(base, settings, stream, outcome.community)) break;
  }
  return outcome;
}

}  // namespace basewise::motifs::detail
