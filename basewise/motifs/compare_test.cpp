// The comparison beside one written down straight from its definition, and laws that it keeps.
#include "basewise/motifs/compare.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "basewise/kernels/isa.h"
#include "basewise/motifs/detail/score_matrix.h"
#include "tests/support/error_text.h"

namespace basewise::motifs {
namespace {

using testing::HasSubstr;

/// Rows as databases have them: some sharp, some even, six digits.
MotifMatrix random_motif(std::int64_t width, Stream& stream, const std::string& name = "m") {
  MotifMatrix motif;
  motif.name = name;
  for (std::int64_t i = 0; i < width; ++i) {
    BaseVector row{};
    const double power = 0.3 + 4 * stream.uniform();
    double sum = 0;
    for (double& x : row) sum += x = std::pow(stream.uniform() + 1e-3, power);
    for (double& x : row) x = std::round(x / sum * 1e6) / 1e6;
    row[3] = 1 - row[0] - row[1] - row[2];
    if (row[3] < 0) row = {1, 0, 0, 0};
    if (stream.below(5) == 0) row = {0, 0, 1, 0};
    motif.rows.push_back(row);
  }
  return motif;
}

std::vector<MotifMatrix> random_motifs(std::int64_t n, std::int64_t least, std::int64_t most, std::uint64_t seed) {
  Stream stream(seed);
  std::vector<MotifMatrix> motifs;
  for (std::int64_t i = 0; i < n; ++i)
    motifs.push_back(random_motif(least + static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(most - least + 1))), stream,
                                  format("m{}", i)));
  return motifs;
}

using Distribution = std::map<std::int64_t, double>;

/// Complete scores from their definition: every pair of columns, every span, every offset.
class Definition {
 public:
  Definition(const MotifMatrix& query, const std::vector<MotifMatrix>& targets) : n_(query.width()), query_(query) {
    std::vector<BaseVector> columns;
    for (const MotifMatrix& target : targets) columns.insert(columns.end(), target.rows.begin(), target.rows.end());
    for (const MotifMatrix& target : targets)
      for (const BaseVector& row : reverse_complement(target).rows) columns.push_back(row);
    double least = 1e9, largest = -1e9;
    std::vector<std::vector<double>> raw;
    for (const BaseVector& row : query.rows) {
      std::vector<double> scores;
      for (const BaseVector& column : columns) scores.push_back(score(row, column));
      std::vector<double> sorted = scores;
      std::sort(sorted.begin(), sorted.end());
      medians_.push_back(sorted[sorted.size() / 2 - 1]);  // both orientations: an even number
      least = std::min(least, sorted.front() - medians_.back());
      largest = std::max(largest, sorted.back() - medians_.back());
      raw.push_back(scores);
    }
    offset_ = std::floor(least);
    scale_ = std::floor(100 / (largest - offset_));
    for (std::int64_t i = 0; i < n_; ++i) {
      Distribution distribution;
      for (const double x : raw[static_cast<std::size_t>(i)])
        distribution[integer(x, i)] += 1.0 / static_cast<double>(columns.size());
      nulls_.push_back(distribution);
    }
  }

  MotifMatch match(const MotifMatrix& target) const {
    const Best forward = best(target), reverse = best(reverse_complement(target));
    const bool turned = std::pair(reverse.score, reverse.overlap) > std::pair(forward.score, forward.overlap);
    MotifMatch match;
    const Best& b = turned ? reverse : forward;
    match.score = b.score;
    match.offset = b.offset;
    match.overlap = b.overlap;
    match.reverse = turned;
    match.p_value = p_value(b.score, target.width());
    return match;
  }

  /// P(sum over query columns i .. j, overhanging ones at their medians, >= score)
  double span(std::int64_t i, std::int64_t j, std::int64_t score) const {
    const std::vector<double>& sums = distribution(i, j);
    double sum = 0;
    for (std::int64_t x = 100 * n_; x >= 0 && x + (n_ - (j - i + 1)) * zero() >= score; --x) sum += sums[static_cast<std::size_t>(x)];
    return sum;
  }

  std::int64_t integer_score(const BaseVector& target_column, std::int64_t i) const {
    return integer(score(query_.rows[static_cast<std::size_t>(i)], target_column), i);
  }

 private:
  struct Best {
    std::int64_t score = -1, offset = 0, overlap = 0;
  };
  static double score(const BaseVector& a, const BaseVector& b) {
    double sum = 0;
    for (std::size_t c = 0; c < 4; ++c) sum += (a[c] - b[c]) * (a[c] - b[c]);
    return -std::sqrt(sum);
  }
  const std::vector<double>& distribution(std::int64_t i, std::int64_t j) const {
    std::vector<double>& sums = spans_[{i, j}];
    if (!sums.empty()) return sums;
    sums.assign(static_cast<std::size_t>(100 * n_ + 1), 0);
    if (j < i) {
      sums[0] = 1;
      return sums;
    }
    const std::vector<double>& before = distribution(i, j - 1);
    for (const auto& [s, f] : nulls_[static_cast<std::size_t>(j)])
      for (std::size_t x = 0; x + static_cast<std::size_t>(s) < sums.size(); ++x) sums[x + static_cast<std::size_t>(s)] += before[x] * f;
    return sums;
  }
  std::int64_t zero() const { return static_cast<std::int64_t>(-offset_ * scale_); }
  std::int64_t integer(double x, std::int64_t i) const {
    return static_cast<std::int64_t>(std::floor((x - medians_[static_cast<std::size_t>(i)] - offset_) * scale_ + 0.5));
  }
  Best best(const MotifMatrix& target) const {
    Best best;
    for (std::int64_t offset = 1 - n_; offset < target.width(); ++offset) {
      std::int64_t sum = 0, overlap = 0;
      for (std::int64_t i = 0; i < n_; ++i) {
        const std::int64_t t = offset + i;
        const bool inside = t >= 0 && t < target.width();
        overlap += inside;
        sum += inside ? integer(score(query_.rows[static_cast<std::size_t>(i)], target.rows[static_cast<std::size_t>(t)]), i) : zero();
      }
      if (std::pair(sum, overlap) > std::pair(best.score, best.overlap)) best = {sum, offset, overlap};
    }
    return best;
  }
  double p_value(std::int64_t score, std::int64_t width) const {
    double none = 1;  // of all offsets in both orientations
    for (std::int64_t offset = 1 - n_; offset < width; ++offset) {
      const std::int64_t i = std::max<std::int64_t>(0, -offset), j = std::min(n_ - 1, width - 1 - offset);
      none *= std::pow(1 - span(i, j, score), 2);
    }
    return 1 - none;
  }

  std::int64_t n_;
  MotifMatrix query_;
  std::vector<double> medians_;
  double offset_ = 0, scale_ = 0;
  std::vector<Distribution> nulls_;
  mutable std::map<std::pair<std::int64_t, std::int64_t>, std::vector<double>> spans_;
};

void expect_definition(const MotifMatrix& query, const std::vector<MotifMatrix>& targets) {
  const Definition definition(query, targets);
  const std::vector<MotifMatch> matches = MotifComparison(targets).matches(query);
  ASSERT_EQ(matches.size(), targets.size());
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const MotifMatch expected = definition.match(targets[t]);
    EXPECT_EQ(matches[t].score, expected.score);
    EXPECT_EQ(matches[t].offset, expected.offset);
    EXPECT_EQ(matches[t].overlap, expected.overlap);
    EXPECT_EQ(matches[t].reverse, expected.reverse);
    EXPECT_NEAR(matches[t].p_value, expected.p_value, 1e-12 + 1e-9 * expected.p_value);
    EXPECT_DOUBLE_EQ(matches[t].e_value, matches[t].p_value * static_cast<double>(targets.size()));
  }
}

TEST(Compare, FollowsItsDefinition) {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const auto targets = random_motifs(7, 1, 9, seed);
    for (const MotifMatrix& query : random_motifs(5, 1, 8, seed + 100)) expect_definition(query, targets);
  }
}

TEST(Compare, FollowsItsDefinitionForWideMotifs) {
  const auto targets = random_motifs(4, 3, 20, 5);
  for (const std::int64_t width : {16, 17, 33, 66}) {
    Stream stream(static_cast<std::uint64_t>(width));
    expect_definition(random_motif(width, stream), targets);
  }
}

// All ways in which the columns of a small query can meet columns of targets, one by one.
TEST(Compare, NullIsThatOfAllColumns) {
  const auto targets = random_motifs(2, 2, 3, 11);
  Stream stream(12);
  const MotifMatrix query = random_motif(2, stream);
  const Definition definition(query, targets);
  std::vector<BaseVector> columns;
  for (const MotifMatrix& target : targets)
    for (const MotifMatrix& m : {target, reverse_complement(target)}) columns.insert(columns.end(), m.rows.begin(), m.rows.end());
  for (std::int64_t score = 0; score <= 200; ++score) {
    std::size_t reached = 0;
    for (const BaseVector& a : columns)
      for (const BaseVector& b : columns) reached += definition.integer_score(a, 0) + definition.integer_score(b, 1) >= score;
    EXPECT_NEAR(definition.span(0, 1, score), static_cast<double>(reached) / static_cast<double>(columns.size() * columns.size()), 1e-12);
  }
}

TEST(Compare, ReverseComplementOfTheQueryMirrors) {
  const auto targets = random_motifs(60, 4, 15, 21);
  int compared = 0, mirrored = 0;  // of equal sums with equal overlaps the first is taken, whatever the orientation
  for (const MotifMatrix& query : random_motifs(6, 4, 20, 22)) {
    const MotifComparison comparison(targets);
    const auto forward = comparison.matches(query), turned = comparison.matches(reverse_complement(query));
    for (std::size_t t = 0; t < targets.size(); ++t) {
      EXPECT_NEAR(turned[t].p_value, forward[t].p_value, 1e-11 * forward[t].p_value);
      EXPECT_EQ(turned[t].score, forward[t].score);
      if (turned[t].reverse == forward[t].reverse) continue;  // alike in both orientations
      EXPECT_EQ(turned[t].overlap, forward[t].overlap);
      ++compared;
      mirrored += turned[t].offset + query.width() - 1 == targets[t].width() - 1 - forward[t].offset;
    }
  }
  EXPECT_GE(mirrored, 0.95 * compared);
  EXPECT_GE(compared, 300);
}

TEST(Compare, OrderOfTargetsAndThreadsDoNotMatter) {
  const auto targets = random_motifs(80, 4, 15, 31);
  const auto queries = random_motifs(9, 4, 20, 32);
  std::vector<MotifMatrix> turned(targets.rbegin(), targets.rend());
  set_threads(1);
  const auto one = MotifComparison(targets).best_matches(queries, 0);
  set_threads(8);
  const auto eight = MotifComparison(turned).best_matches(queries, 0);
  set_threads(0);
  for (std::size_t q = 0; q < queries.size(); ++q)
    for (std::size_t k = 0; k < targets.size(); ++k) {
      EXPECT_EQ(one[q][k].p_value, eight[q][k].p_value);
      EXPECT_EQ(one[q][k].q_value, eight[q][k].q_value);
      EXPECT_EQ(one[q][k].offset, eight[q][k].offset);
      EXPECT_EQ(one[q][k].target, static_cast<std::int64_t>(targets.size()) - 1 - eight[q][k].target);
    }
}

// A query of n sharp columns and its copy: nothing but full agreement scores as much, which chance
// gives with the product of the letters' shares, on either strand.
TEST(Compare, SmallProbabilitiesAreNotLost) {
  for (const std::int64_t width : {20, 120}) {
    Stream stream(41);
    std::vector<MotifMatrix> targets;
    for (int t = 0; t < 60; ++t) {
      MotifMatrix motif;
      motif.name = format("t{}", t);
      for (std::int64_t i = 0; i < width; ++i) {
        BaseVector row{};
        row[stream.below(4)] = 1;
        motif.rows.push_back(row);
      }
      targets.push_back(motif);
    }
    BaseVector letters{};
    for (const MotifMatrix& motif : targets)
      for (const MotifMatrix& m : {motif, reverse_complement(motif)})
        for (const BaseVector& row : m.rows)
          for (std::size_t c = 0; c < 4; ++c) letters[c] += row[c] / static_cast<double>(120 * width);
    double log_p = std::log(2.0);
    for (const BaseVector& row : targets[7].rows)
      for (std::size_t c = 0; c < 4; ++c) log_p += row[c] * std::log(letters[c]);
    const MotifMatch match = MotifComparison(targets).matches(targets[7])[7];
    EXPECT_NEAR(std::log(match.p_value), log_p, 1e-8) << width;
    EXPECT_EQ(match.overlap, width);
  }
}

TEST(Compare, SinglePrecisionDecidesNothing) {
  using namespace detail;
  const auto targets = random_motifs(90, 4, 15, 51);
  const TargetColumns columns = target_columns(targets, {});
  for (const kernels::Isa isa : kernels::supported_isas()) {
    const CompareLoops& loops = compare_loops(isa);
    for (const MotifMatrix& motif : random_motifs(8, 5, 21, 52)) {
      const std::vector<MotifColumn> query = columns_of(motif, {});
      std::vector<ColumnStats> fast(query.size()), plain;
      std::vector<std::vector<double>> raw;
      StatsMemory memory;
      std::vector<std::uint32_t> order;
      for (const MotifColumn& column : query) {
        raw.emplace_back();
        for (const MotifColumn& target : columns.columns) raw.back().push_back(euclidean_score(column.share, target.share));
        plain.push_back(stats_of(raw.back(), columns, order));
      }
      euclidean_stats(query, columns, loops, memory, fast);
      for (std::size_t i = 0; i < query.size(); ++i) {
        EXPECT_EQ(fast[i].median, plain[i].median);
        EXPECT_EQ(fast[i].lowest, plain[i].lowest);
        EXPECT_EQ(fast[i].highest, plain[i].highest);
      }
      const Scaling scaling = scaling_of(plain, true);
      ScoreMemory scores;
      ScoreMatrix a, b;
      fill_euclidean_scores(query, plain, scaling, columns, loops, scores, a);
      fill_scores(raw, plain, scaling, true, columns, compare_loops(kernels::Isa::portable), scores, b);
      EXPECT_EQ(a.scores, b.scores) << name(isa);
      EXPECT_EQ(a.distributions, b.distributions);
    }
  }
}

// Every column of the sample is like A, and hardly one of the others.
TEST(Compare, MediansAreExactWhereTheSampleMisleads) {
  using namespace detail;
  Stream stream(55);
  std::vector<MotifMatrix> targets;
  for (int t = 0; t < 200; ++t) {
    MotifMatrix motif = random_motif(kSampleStep / 2, stream, format("t{}", t));
    for (BaseVector& row : motif.rows) {
      const double x = 1e-3 * stream.uniform();
      row = {0.25 + x, 0.25 - x, 0.25 + x / 2, 0.25 - x / 2};
    }
    motif.rows.front() = {0.9 + 0.01 * stream.uniform(), 0.02, 0.02, 0};
    motif.rows.front()[3] = 0.96 - motif.rows.front()[0];
    targets.push_back(motif);
  }
  const TargetColumns columns = target_columns(targets, {});
  const std::vector<MotifColumn> query = columns_of(random_motif(9, stream), {});
  for (const kernels::Isa isa : kernels::supported_isas()) {
    StatsMemory memory;
    std::vector<ColumnStats> stats(query.size());
    std::vector<std::uint32_t> order;
    euclidean_stats(query, columns, compare_loops(isa), memory, stats);
    for (std::size_t i = 0; i < query.size(); ++i) {
      std::vector<double> scores;
      for (const MotifColumn& target : columns.columns) scores.push_back(euclidean_score(query[i].share, target.share));
      const ColumnStats plain = stats_of(scores, columns, order);
      EXPECT_EQ(stats[i].median, plain.median) << name(isa);
      EXPECT_EQ(stats[i].lowest, plain.lowest);
      EXPECT_EQ(stats[i].highest, plain.highest);
    }
  }
}

TEST(Compare, OverlapsAreAsAskedFor) {
  const auto targets = random_motifs(60, 4, 15, 61);
  for (const MotifMatrix& query : random_motifs(5, 4, 20, 62)) {
    for (const MotifMatch& match : MotifComparison(targets, {.min_overlap = 6}).matches(query))
      EXPECT_GE(match.overlap, std::min<std::int64_t>({6, query.width(), targets[static_cast<std::size_t>(match.target)].width()}));
    for (const MotifMatch& match : MotifComparison(targets, {.internal = true}).matches(query))
      EXPECT_EQ(match.overlap, std::min(query.width(), targets[static_cast<std::size_t>(match.target)].width()));
    for (const MotifMatch& match : MotifComparison(targets, {.forward_only = true}).matches(query)) EXPECT_FALSE(match.reverse);
  }
}

TEST(Compare, EveryDistanceFindsTheCopy) {
  auto targets = random_motifs(60, 6, 15, 71);
  targets[13] = random_motifs(1, 12, 12, 72)[0];
  for (const std::string& word : all_words<ColumnDistance>())
    for (const bool incomplete : {false, true}) {
      CompareOptions options;
      options.distance = parse_choice<ColumnDistance>(word, "distance");
      options.incomplete_scores = incomplete;
      options.pseudocount = 0.1;
      const MotifComparison comparison(targets, options);
      const auto best = comparison.best_matches(std::vector{targets[13], reverse_complement(targets[13])}, 1);
      EXPECT_EQ(best[0][0].target, 13) << word;
      EXPECT_EQ(best[1][0].target, 13) << word;
      EXPECT_FALSE(best[0][0].reverse);
      EXPECT_TRUE(best[1][0].reverse);
      EXPECT_EQ(best[0][0].offset, 0);
      EXPECT_LT(best[0][0].p_value, 1e-3);
      EXPECT_NEAR(best[0][0].p_value, best[1][0].p_value, 1e-9 * best[0][0].p_value);
    }
}

// Columns that are all alike tell nothing apart.
TEST(Compare, ColumnsWithoutDifferencesHaveNoSignificance) {
  MotifMatrix even;
  even.name = "even";
  even.rows = {kUniform, kUniform, kUniform};
  for (const MotifMatch& match : MotifComparison({even, even}).matches(even)) {
    EXPECT_EQ(match.p_value, 1);
    EXPECT_EQ(match.overlap, 3);
    EXPECT_EQ(match.q_value, 1);
    EXPECT_FALSE(match.reverse);
  }
}

TEST(Compare, ErrorsSayWhatIsWrong) {
  const auto targets = random_motifs(3, 4, 5, 81);
  EXPECT_THAT(error_text([] { MotifComparison{std::vector<MotifMatrix>{}}; }), HasSubstr("no targets"));
  EXPECT_THAT(error_text([&] { MotifComparison(targets, {.min_overlap = 0}); }), HasSubstr("min_overlap is 0"));
  EXPECT_THAT(error_text([&] { MotifComparison(targets, {.pseudocount = -1}); }), HasSubstr("pseudocount is -1"));
  EXPECT_THAT(error_text([&] { MotifComparison(targets, {.background = {0.5, 0.5}}); }), HasSubstr("expected four positive numbers"));
  EXPECT_THAT(error_text([&] { MotifComparison(targets).matches(MotifMatrix{}); }), HasSubstr("has no rows"));
  MotifMatrix sharp;
  sharp.name = "sharp";
  sharp.rows = {{1, 0, 0, 0}};
  EXPECT_THAT(error_text([&] { MotifComparison({sharp}, {.distance = ColumnDistance::kullback}); }),
              HasSubstr("motif 'sharp', row 1: a share is 0, of which kullback takes the logarithm; give a pseudocount"));
  Stream stream(82);
  EXPECT_THAT(error_text([&] { MotifComparison(targets).matches(random_motif(321, stream, "wide")); }),
              HasSubstr("motif 'wide' has 321 columns; a query may have 320"));
}

}  // namespace
}  // namespace basewise::motifs
