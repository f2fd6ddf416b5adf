#include "basewise/motifs/compare.h"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <tuple>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/motifs/detail/best_offset.h"
#include "basewise/motifs/detail/incomplete.h"
#include "basewise/motifs/q_values.h"

namespace basewise::motifs {
namespace {

using namespace detail;

constexpr std::int64_t kWidestQuery = 320;            // sums of scores are kept in 16 bits
constexpr std::int64_t kWidestIncompleteQuery = 100;  // its distributions take memory with the cube of the width
constexpr std::int64_t kWidestSlide = 64;             // of CompareLoops::slide

/// Everything that a thread needs to work on one query after the other.
struct Memory {
  StatsMemory stats;
  ScoreMemory scores;
  ScoreMatrix matrix;
  NullMemory null;
  std::vector<std::vector<double>> raw;
  std::vector<std::int16_t> sums;
  std::vector<Placement> placements;
};

/// Memories that are not in use: pieces of parallel loops are many, threads are few.
class MemoryPool {
 public:
  std::unique_ptr<Memory> take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return std::make_unique<Memory>();
    std::unique_ptr<Memory> memory = std::move(free_.back());
    free_.pop_back();
    return memory;
  }
  void give(std::unique_ptr<Memory> memory) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(memory));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Memory>> free_;
};

struct Query {
  std::vector<MotifColumn> columns;
  std::vector<ColumnStats> stats;  ///< of Euclidean distances; empty for others
};

/// Whichever orientation has the smaller p-value, then the longer overlap, then forward, as MEME.
bool reverse_is_better(const Placement& forward, const Placement& reverse) {
  return std::tuple(reverse.p_value, -reverse.overlap) < std::tuple(forward.p_value, -forward.overlap);
}

}  // namespace

struct MotifComparison::Prepared {
  std::vector<MotifMatrix> targets;
  CompareOptions options;
  BaseVector background;
  TargetColumns columns;
  const CompareLoops& loops;

  Prepared(std::vector<MotifMatrix> motifs, const CompareOptions& o)
      : targets(std::move(motifs)), options(o), background(background_of(o)), columns(target_columns(targets, o)),
        loops(compare_loops(kernels::default_isa())) {}

  std::vector<Query> queries(std::span<const MotifMatrix> motifs) const;
  std::vector<MotifMatch> compare(const Query& query, Memory& memory) const;
  Scaling fill_matrix(const Query& query, Memory& memory) const;
  void complete(const Scaling& scaling, Memory& memory) const;
  void slide(std::int64_t t, const ScoreMatrix& matrix, std::int16_t* forward, std::int16_t* reverse) const;
  void incomplete(Memory& memory) const;
  std::vector<MotifMatch> matches_of(const std::vector<Placement>& placements) const;

  bool shift() const { return !options.incomplete_scores; }
  bool both() const { return !options.forward_only; }
};

/// Checks queries and looks into their columns, each column once.
std::vector<Query> MotifComparison::Prepared::queries(std::span<const MotifMatrix> motifs) const {
  std::vector<Query> result;
  std::vector<const MotifColumn*> all;
  for (const MotifMatrix& motif : motifs) {
    result.push_back({columns_of(motif, options), {}});
    const std::int64_t widest = options.incomplete_scores ? kWidestIncompleteQuery : kWidestQuery;
    if (motif.width() > widest)
      throw ArgumentError(format("motif '{}' has {} columns; a query may have {}", motif.name, motif.width(), widest));
  }
  if (options.distance != ColumnDistance::ed) return result;
  for (const Query& query : result)
    for (const MotifColumn& column : query.columns) all.push_back(&column);
  std::vector<std::uint32_t> order(all.size()), place(all.size());
  std::vector<MotifColumn> unique;
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return *all[a] < *all[b]; });
  for (const std::uint32_t at : order) {
    if (unique.empty() || *all[at] != unique.back()) unique.push_back(*all[at]);
    place[at] = static_cast<std::uint32_t>(unique.size() - 1);
  }
  std::vector<ColumnStats> stats(unique.size());
  MemoryPool pool;
  parallel_for(static_cast<std::int64_t>(unique.size()), 16, [&](std::int64_t begin, std::int64_t end) {
    std::unique_ptr<Memory> memory = pool.take();
    const auto first = static_cast<std::size_t>(begin), n = static_cast<std::size_t>(end - begin);
    const std::span<const MotifColumn> some = std::span(unique).subspan(first, n);
    euclidean_stats(some, columns, loops, memory->stats, std::span(stats).subspan(first, n));
    pool.give(std::move(memory));
  });
  std::size_t next = 0;
  for (Query& query : result)
    for (std::size_t i = 0; i < query.columns.size(); ++i) query.stats.push_back(stats[place[next++]]);
  return result;
}

/// Integer scores of all pairs of columns and their distributions.
Scaling MotifComparison::Prepared::fill_matrix(const Query& query, Memory& memory) const {
  if (options.distance == ColumnDistance::ed && shift()) {
    const Scaling scaling = scaling_of(query.stats, true);
    fill_euclidean_scores(query.columns, query.stats, scaling, columns, loops, memory.scores, memory.matrix);
    return scaling;
  }
  memory.raw.resize(query.columns.size());
  std::vector<ColumnStats> stats;
  for (std::size_t i = 0; i < query.columns.size(); ++i) {
    memory.raw[i].clear();
    for (const MotifColumn& target : columns.columns)
      memory.raw[i].push_back(column_score(options.distance, query.columns[i], target, background));
    stats.push_back(stats_of(memory.raw[i], columns, memory.scores.order));
  }
  const Scaling scaling = scaling_of(stats, shift());
  fill_scores(memory.raw, stats, scaling, shift(), columns, loops, memory.scores, memory.matrix);
  return scaling;
}

/// Finds the best placements of all targets, forward and reverse in turn. Sums are written for
/// several targets before they are looked at, so that no load waits for a store.
void MotifComparison::Prepared::complete(const Scaling& scaling, Memory& memory) const {
  constexpr std::int64_t kAtOnce = 8;
  const ScoreMatrix& matrix = memory.matrix;
  const BestScoreNull null(matrix, scaling.zero, columns.widths, loops, memory.null);
  const OffsetRanks ranks(matrix.width, columns.widths, options);
  const std::int64_t stride = columns.widths.back() + matrix.lanes + kBlock;
  memory.sums.resize(static_cast<std::size_t>(2 * kAtOnce * stride));
  memory.placements.resize(static_cast<std::size_t>(2 * columns.targets()));
  Placement* next = memory.placements.data();
  for (std::int64_t first = 0; first < columns.targets(); first += kAtOnce) {
    const std::int64_t last = std::min(first + kAtOnce, columns.targets());
    std::int16_t* sums = memory.sums.data();
    for (std::int64_t t = first; t < last; ++t, sums += 2 * stride) slide(t, matrix, sums, sums + stride);
    sums = memory.sums.data();
    for (std::int64_t t = first; t < last; ++t) {
      const std::uint32_t width = columns.width_of[static_cast<std::size_t>(t)];
      for (int strand = 0; strand < 2; ++strand, sums += stride) {
        Placement& placement = *next++;
        ranks.find_best(sums, width, loops, placement);
        placement.score += matrix.width * scaling.zero;
        placement.p_value = null.p_value(width, placement.score);
        // The best of both orientations, as two more independent tries.
        if (both()) placement.p_value *= 2 - placement.p_value;
      }
    }
  }
}

/// Sums of scores along the diagonals of target t, forward and reverse.
void MotifComparison::Prepared::slide(std::int64_t t, const ScoreMatrix& matrix, std::int16_t* forward, std::int16_t* reverse) const {
  const std::int64_t width = columns.width(t), start = columns.start[static_cast<std::size_t>(t)];
  const std::uint32_t* places[2] = {columns.forward.data() + start, columns.reverse.data() + start};
  if (matrix.lanes <= kWidestSlide) return loops.slide(matrix.scores.data(), matrix.lanes, places[0], places[1], width, forward, reverse);
  slide_wide(matrix, places[0], width, forward);
  slide_wide(matrix, places[1], width, reverse);
}

void MotifComparison::Prepared::incomplete(Memory& memory) const {
  const ScoreMatrix& matrix = memory.matrix;
  const SpanNull null(matrix, columns.widths.back());
  memory.placements.clear();
  for (std::int64_t t = 0; t < columns.targets(); ++t) {
    const std::int64_t width = columns.width(t), start = columns.start[static_cast<std::size_t>(t)];
    const OffsetRange range = offset_range(matrix.width, width, options);
    for (const std::uint32_t* places : {columns.forward.data() + start, columns.reverse.data() + start})
      memory.placements.push_back(best_incomplete(matrix, null, places, width, range, both() ? 2 : 1));
  }
}

std::vector<MotifMatch> MotifComparison::Prepared::matches_of(const std::vector<Placement>& placements) const {
  const auto n = static_cast<std::size_t>(columns.targets());
  std::vector<MotifMatch> matches(n);
  std::vector<double> p(n), strands;
  for (std::size_t i = 0; i < n; ++i) {
    const bool reverse = both() && reverse_is_better(placements[2 * i], placements[2 * i + 1]);
    const Placement& best = placements[2 * i + reverse];
    const std::uint32_t t = columns.number[i];
    matches[t] = {static_cast<std::int64_t>(t), best.p_value, best.p_value * static_cast<double>(n), 1, best.score, best.offset,
                  best.overlap, reverse};
    p[t] = best.p_value;
  }
  if (options.q_values == QValues::benjamini_hochberg) {
    const std::vector<double> q = q_values(p);
    for (std::size_t t = 0; t < n; ++t) matches[t].q_value = q[t];
    return matches;
  }
  for (std::size_t i = 0; i < placements.size(); i += both() ? 1 : 2) strands.push_back(placements[i].p_value);
  const std::vector<double> q = q_values(strands, true_null_share(strands));
  for (std::size_t i = 0; i < n; ++i) {
    MotifMatch& match = matches[columns.number[i]];
    match.q_value = both() ? q[2 * i + match.reverse] : q[i];
  }
  return matches;
}

std::vector<MotifMatch> MotifComparison::Prepared::compare(const Query& query, Memory& memory) const {
  const Scaling scaling = fill_matrix(query, memory);
  options.incomplete_scores ? incomplete(memory) : complete(scaling, memory);
  return matches_of(memory.placements);
}

void describe(Visitor& v, CompareOptions& o) {
  v("distance", o.distance, "how alike two columns are; unchecked: no other program has confirmed the values");
  v("min_overlap", o.min_overlap, "columns that must lie on each other; of a narrower motif all", counted(1));
  v("internal", o.internal, "the narrower motif must lie wholly inside the wider one");
  v("forward_only", o.forward_only, "compare targets as they are written, not their reverse complements");
  v("incomplete_scores", o.incomplete_scores, "leave columns that overhang out of scores");
  v("pseudocount", o.pseudocount, "sites added to every motif, spread as the background; MEME adds 0.1", non_negative());
  v("background", o.background, "probabilities of A, C, G, T for pseudocounts, allr and blic; empty takes each motif's own, or even ones",
    between(0, 1));
  v("q_values", o.q_values, "what q-values are made from");
}

MotifComparison::MotifComparison(std::vector<MotifMatrix> targets, const CompareOptions& options) {
  CompareOptions checked = options;
  basewise::check([&](Visitor& v) { describe(v, checked); }, "comparison of motifs");
  prepared_ = std::make_unique<const Prepared>(std::move(targets), checked);
}

MotifComparison::~MotifComparison() = default;
MotifComparison::MotifComparison(MotifComparison&&) noexcept = default;
MotifComparison& MotifComparison::operator=(MotifComparison&&) noexcept = default;

const std::vector<MotifMatrix>& MotifComparison::targets() const { return prepared_->targets; }

std::vector<MotifMatch> MotifComparison::matches(const MotifMatrix& query) const {
  Memory memory;
  return prepared_->compare(prepared_->queries({&query, 1}).front(), memory);
}

void MotifComparison::each_query(std::span<const MotifMatrix> queries,
                                 const std::function<void(std::int64_t, std::vector<MotifMatch>)>& receive) const {
  const std::vector<Query> ready = prepared_->queries(queries);
  MemoryPool pool;
  parallel_for(static_cast<std::int64_t>(ready.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    std::unique_ptr<Memory> memory = pool.take();
    for (std::int64_t i = begin; i < end; ++i) receive(i, prepared_->compare(ready[static_cast<std::size_t>(i)], *memory));
    pool.give(std::move(memory));
  });
}

std::vector<std::vector<MotifMatch>> MotifComparison::best_matches(std::span<const MotifMatrix> queries, std::int64_t best,
                                                                   const std::function<void(std::int64_t)>& done) const {
  std::vector<std::vector<MotifMatch>> result(queries.size());
  each_query(queries, [&](std::int64_t query, std::vector<MotifMatch> matches) {
    sort_matches(matches, targets());
    if (best > 0 && static_cast<std::size_t>(best) < matches.size()) matches.resize(static_cast<std::size_t>(best));
    matches.shrink_to_fit();
    result[static_cast<std::size_t>(query)] = std::move(matches);
    if (done) done(1);
  });
  return result;
}

void sort_matches(std::vector<MotifMatch>& matches, std::span<const MotifMatrix> targets) {
  const auto key = [&](const MotifMatch& m) {
    return std::tuple<double, std::int64_t, const std::string&, std::int64_t>(m.p_value, -m.overlap,
                                                                              targets[static_cast<std::size_t>(m.target)].name, m.target);
  };
  std::sort(matches.begin(), matches.end(), [&](const MotifMatch& a, const MotifMatch& b) { return key(a) < key(b); });
}

}  // namespace basewise::motifs
