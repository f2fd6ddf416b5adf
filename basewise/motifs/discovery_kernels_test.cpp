// The kernels of discovery against plain code, and against modisco-lite
// (tests/golden/discovery.json, made by tests/golden/discovery_golden.py).
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/json.h"
#include "basewise/core/random.h"
#include "basewise/motifs/detail/coarse_neighbors.h"
#include "basewise/motifs/detail/density.h"
#include "basewise/motifs/detail/gapped_kmers.h"
#include "basewise/motifs/detail/jaccard.h"
#include "basewise/motifs/detail/merge_patterns.h"
#include "basewise/motifs/detail/merge_seqlets.h"
#include "basewise/motifs/detail/subclusters.h"
#include "tests/support/error_text.h"

namespace basewise::motifs::detail {
namespace {

AttributionSet random_set(std::int64_t examples, std::int64_t length, std::uint64_t seed) {
  AttributionSet set = {examples, length, std::vector<seq::Token>(examples * length), std::vector<float>(examples * length),
                        std::vector<float>(examples * 4 * length)};
  Stream stream(seed);
  for (seq::Token& token : set.tokens) token = static_cast<seq::Token>(stream.below(4));
  for (float& score : set.hypothetical) score = static_cast<float>(stream.normal());
  for (std::int64_t e = 0; e < examples; ++e)
    for (std::int64_t p = 0; p < length; ++p)
      set.contributions[e * length + p] = set.hypothetical[(e * 4 + set.tokens[e * length + p]) * length + p];
  return set;
}

/// Each example as one seqlet.
std::vector<Seqlet> whole_examples(const AttributionSet& set) {
  std::vector<Seqlet> seqlets(set.examples);
  for (std::int64_t e = 0; e < set.examples; ++e) seqlets[e] = {.example = e, .start = 0, .end = set.length, .reverse = e % 3 == 1};
  return seqlets;
}

/// Gapped k-mers as text with dots, over all subsets of positions.
std::map<std::string, double> plain_kmers(const AttributionSet& set, const Seqlet& seqlet, double sign, const GappedKmerOptions& options) {
  const std::int64_t width = seqlet.end - seqlet.start;
  std::vector<std::pair<double, std::int64_t>> order;
  for (std::int64_t p = 0; p < width; ++p) order.emplace_back(-sign * position_of(set, seqlet, p).contribution, p);
  std::sort(order.begin(), order.end());
  std::vector<std::int64_t> top;
  for (std::int64_t i = 0; i < std::min(options.top_positions, width); ++i) top.push_back(order[i].second);
  std::sort(top.begin(), top.end());
  std::map<std::string, double> sums;
  for (std::uint32_t subset = 1; subset < 1u << top.size(); ++subset) {
    std::vector<std::int64_t> at;
    for (std::size_t i = 0; i < top.size(); ++i)
      if (subset >> i & 1u) at.push_back(top[i]);
    const auto k = static_cast<std::int64_t>(at.size());
    if (k < options.min_k || k > options.max_k || at.back() - at.front() >= options.max_len) continue;
    bool wide = false;
    std::string text(at.back() - at.front() + 1, '.');
    double value = 0;
    for (std::int64_t i = 0; i < k; ++i) {
      wide |= i > 0 && at[i] - at[i - 1] > options.max_gap;
      const SeqletPosition position = position_of(set, seqlet, at[i]);
      text[at[i] - at.front()] = seq::kLetters[position.token];
      value += sign * position.contribution;
    }
    if (!wide) sums[text] += value / static_cast<double>(k);
  }
  std::vector<std::pair<double, std::string>> heaviest;
  for (const auto& [text, value] : sums) heaviest.emplace_back(-std::abs(value), text);
  std::sort(heaviest.begin(), heaviest.end());
  for (std::size_t i = options.max_entries; i < heaviest.size(); ++i) sums.erase(heaviest[i].second);
  double squares = 0;
  for (const auto& [text, value] : sums) squares += value * value;
  for (auto& [text, value] : sums) value /= std::sqrt(squares);
  return sums;
}

double product(const std::map<std::string, double>& a, const std::map<std::string, double>& b) {
  double sum = 0;
  for (const auto& [text, value] : a)
    if (const auto found = b.find(text); found != b.end()) sum += value * found->second;
  return sum;
}

double plain_jaccard(const float* x, const float* y, std::int64_t size) {
  double agreement = 0, larger = 0;
  for (std::int64_t i = 0; i < size; ++i) {
    const double sign = (x[i] > 0 ? 1 : x[i] < 0 ? -1 : 0) * (y[i] > 0 ? 1 : y[i] < 0 ? -1 : 0);
    agreement += sign * std::min(std::abs(x[i]), std::abs(y[i]));
    larger += std::max(std::abs(x[i]), std::abs(y[i]));
  }
  return larger > 0 ? agreement / larger : 0;
}

/// Every offset, with zeros around the parent.
BestOffset plain_best(const float* parent, std::int64_t parent_width, const float* child, std::int64_t width, std::int64_t pad) {
  std::vector<float> padded((parent_width + 2 * pad) * kTracks, 0);
  std::copy_n(parent, parent_width * kTracks, padded.begin() + pad * kTracks);
  BestOffset best = {-2, 0};
  for (std::int64_t place = 0; place + width <= parent_width + 2 * pad; ++place) {
    const double value = plain_jaccard(child, padded.data() + place * kTracks, width * kTracks);
    if (value > best.similarity + 1e-6) best = {static_cast<float>(value), place - pad};
  }
  return best;
}

const GappedKmerOptions kSmall = {.top_positions = 9, .min_k = 3, .max_k = 4, .max_gap = 4, .max_len = 7, .max_entries = 40};

TEST(GappedKmers, EqualPlainCodeOnBothStrands) {
  const AttributionSet set = random_set(11, 13, 3);
  const auto seqlets = whole_examples(set);
  const GappedKmerSpace space(kSmall);
  for (const double sign : {1.0, -1.0}) {
    const GappedKmerRows rows = gapped_kmers(set, seqlets, sign, kSmall, space);
    const Neighbors found = coarse_neighbors(rows, space, 5);
    for (std::size_t i = 0; i < seqlets.size(); ++i) {
      const auto own = plain_kmers(set, seqlets[i], sign, kSmall);
      ASSERT_EQ(rows.row_begin[i + 1] - rows.row_begin[i], static_cast<std::int64_t>(own.size()));
      std::vector<std::pair<double, std::int32_t>> expected;
      for (std::size_t j = 0; j < seqlets.size(); ++j) {
        const double forward = product(own, plain_kmers(set, seqlets[j], sign, kSmall));
        const double reverse = product(own, plain_kmers(set, turned(seqlets[j]), sign, kSmall));
        expected.emplace_back(-std::max(forward, reverse), static_cast<std::int32_t>(j));
      }
      std::sort(expected.begin(), expected.end());
      EXPECT_EQ(found.index[found.row_begin[i]], static_cast<std::int32_t>(i));
      for (std::int64_t e = 0; e < 5; ++e) EXPECT_NEAR(found.similarity[i * 5 + e], -expected[e].first, 1e-6) << i << " " << e;
    }
  }
}

TEST(GappedKmers, NumbersTurnBack) {
  const GappedKmerSpace space(kSmall);
  EXPECT_EQ(space.size(), 15 * 64 + 20 * 256);  // C(6,2) 4^3 + C(6,3) 4^4
  std::vector<char> seen(space.size());
  for (std::uint32_t number = 0; number < space.size(); ++number) {
    EXPECT_EQ(space.turned(space.turned(number)), number);
    seen[space.turned(number)] = 1;
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), space.size());
}

TEST(GappedKmers, NMakesNone) {
  AttributionSet set = random_set(2, 13, 5);
  std::fill_n(set.tokens.begin(), 13, seq::kN);
  const GappedKmerSpace space(kSmall);
  const GappedKmerRows rows = gapped_kmers(set, whole_examples(set), 1, kSmall, space);
  EXPECT_EQ(rows.row_begin[1], 0);
  EXPECT_GT(rows.row_begin[2], 0);
  EXPECT_EQ(coarse_neighbors(rows, space, 2).similarity[0], 0);
}

TEST(GappedKmers, ATooLargeSpaceIsRefused) {
  GappedKmerOptions options;
  options.max_k = 8;
  options.max_len = 20;
  EXPECT_EQ(error_text<ArgumentError>([&] { GappedKmerSpace space(options); }),
            "max_k = 8 letters within max_len = 20 bases make more than 268435456 gapped k-mers; take smaller ones");
}

TEST(Jaccard, EqualsPlainCodeAtEveryOffset) {
  const AttributionSet set = random_set(7, 11, 8);
  const TrackRows rows = track_rows(set, whole_examples(set)), reverse = turned(rows);
  Neighbors all;
  for (std::int64_t i = 0; i < rows.count; ++i) {
    for (std::int64_t j = 0; j < rows.count; ++j) all.index.push_back(static_cast<std::int32_t>((i + j) % rows.count));
    all.row_begin.push_back((i + 1) * rows.count);
  }
  all.similarity.resize(all.index.size());
  fine_similarities(rows, 0.7, all);
  for (std::int64_t i = 0; i < rows.count; ++i)
    for (std::int64_t e = all.row_begin[i]; e < all.row_begin[i + 1]; ++e) {
      const float* other = rows.of(all.index[e]);
      const float forward = plain_best(rows.of(i), 11, other, 11, 3).similarity;
      const float backward = plain_best(rows.of(i), 11, reverse.of(all.index[e]), 11, 3).similarity;
      EXPECT_NEAR(all.similarity[e], std::max(forward, backward), 1e-6);
      EXPECT_NEAR(jaccard(rows.of(i), other, 88), plain_jaccard(rows.of(i), other, 88), 1e-6);
    }
}

TEST(Jaccard, FindsTheOffsetOfAShiftedChild) {
  const AttributionSet set = random_set(1, 40, 9);
  const std::vector<Seqlet> parent = {{.example = 0, .start = 3, .end = 33}};
  for (const std::int64_t start : {0, 3, 10, 18}) {
    const std::vector<Seqlet> child = {{.example = 0, .start = start, .end = start + 20}};
    PaddedTracks padded;
    const TrackRows own = track_rows(set, parent), other = track_rows(set, child);
    pad_tracks(own.of(0), 30, padding(20, 0.7, true), padded);
    EXPECT_EQ(best_offset(padded, other.of(0), 20, 2).offset, start - 3);
    EXPECT_EQ(plain_best(own.of(0), 30, other.of(0), 20, 6).offset, start - 3);
  }
}

TEST(Jaccard, PaddingIsThatOfDoubles) {
  EXPECT_EQ(padding(30, 0.7, false), 9);
  EXPECT_EQ(padding(30, 0.7, true), 10);  // 9.000000000000002
  EXPECT_EQ(padding(20, 0.7, true), 7);
  EXPECT_EQ(padding(50, 0.7, false), 15);
}

TEST(Jaccard, NeighborsAreTheMostAlike) {
  const AttributionSet set = random_set(70, 9, 10);
  const TrackRows rows = track_rows(set, whole_examples(set));
  const Neighbors found = jaccard_neighbors(rows, 4);
  for (std::int64_t i = 0; i < rows.count; ++i) {
    std::vector<double> all;
    for (std::int64_t j = 0; j < rows.count; ++j) all.push_back(plain_jaccard(rows.of(i), rows.of(j), 72));
    std::sort(all.rbegin(), all.rend());
    for (std::int64_t e = 0; e < 4; ++e) EXPECT_NEAR(found.similarity[i * 4 + e], all[e], 1e-6);
  }
}

TEST(Density, BetaHasThePerplexity) {
  Stream stream(4);
  std::vector<float> distances(37);
  for (float& distance : distances) distance = static_cast<float>(stream.uniform(0.2, 3));
  for (const bool self : {true, false}) {
    const double beta = search_beta(10, distances, self);
    double sum = self ? 1 : 0, entropy = 0;
    for (const double d : distances) sum += std::exp(-beta * d);
    if (self) entropy -= std::log(1 / sum) / sum;
    for (const double d : distances) entropy -= std::exp(-beta * d) / sum * std::log(std::exp(-beta * d) / sum);
    EXPECT_NEAR(std::exp(entropy), 10, 1e-3);
  }
  EXPECT_LT(search_beta(10, {}, true), 1e-20);  // nothing to be near to
}

TEST(Density, DistanceFallsWithSimilarity) {
  EXPECT_EQ(distance_of(1), 0);
  EXPECT_NEAR(distance_of(0.5), std::log(3), 1e-12);
  EXPECT_NEAR(distance_of(-0.3), std::log(2e7 - 1), 1e-9);
}

TEST(Density, RankCorrelationSharesTies) {
  // scipy 1.17
  EXPECT_NEAR(rank_correlation(std::vector<float>{1, 2, 2, 0, 5}, std::vector<float>{3, 4, 5, 9, 6}), 0.9486832980505138, 1e-12);
  EXPECT_TRUE(std::isnan(rank_correlation(std::vector<float>{1, 1}, std::vector<float>{3, 4})));
  EXPECT_TRUE(std::isnan(rank_correlation(std::vector<float>{0, 0, 2}, std::vector<float>{3, 4, 5})));
}

TEST(Density, GraphIsSymmetricWithItsDiagonal) {
  Neighbors neighbors;
  neighbors.row_begin = {0, 3, 5, 7, 8};
  neighbors.index = {0, 1, 2, 1, 0, 2, 1, 3};  // 2 names 1, 1 does not name 2; 3 has nobody
  neighbors.similarity = {1, 0.5f, 0.3f, 1, 0.4f, 1, 0.2f, 1};
  const SparseGraph graph = adapted_graph(neighbors, 1.5, DensityKernel::multiplied);
  check(graph);
  ASSERT_EQ(graph.row_begin, (std::vector<std::int64_t>{0, 3, 6, 9, 10}));
  EXPECT_EQ(graph.weight.back(), 1);  // alone: 1 / (0 + 1)
  const std::vector<float> of_0 = {static_cast<float>((distance_of(0.5) + distance_of(0.4)) / 2), static_cast<float>(distance_of(0.3))};
  const double beta = search_beta(1.5, of_0, true);
  EXPECT_NEAR(graph.weight[0], 1 / (1 + std::exp(-beta * of_0[0]) + std::exp(-beta * of_0[1])), 1e-6);
}

TEST(Auroc, CountsTiesHalf) {
  std::vector<float> within = {3, 1, 2}, between = {2, 0};
  EXPECT_DOUBLE_EQ(auroc(within, between), (2 + 1 + 1.5) / 6);
  std::vector<float> none;
  EXPECT_EQ(auroc(within, none), 0.5);
}

TEST(Correlation, FindsOffsetAndStrand) {
  Stream stream(6);
  std::vector<BaseVector> parent(30);
  for (BaseVector& row : parent)
    for (double& x : row) x = stream.normal();
  std::vector<BaseVector> child(parent.begin() + 7, parent.begin() + 27);
  EXPECT_EQ(best_correlation(parent, child, 0.7).offset, 7);
  std::reverse(child.begin(), child.end());
  for (BaseVector& row : child) std::reverse(row.begin(), row.end());
  const Alignment turned_child = best_correlation(parent, child, 0.7);
  EXPECT_EQ(turned_child.offset, 7);
  EXPECT_TRUE(turned_child.reverse);
  EXPECT_GT(turned_child.similarity, 0.99);
}

TEST(Golden, ModiscoLite) {
  const auto golden = read_json("tests/golden/discovery.json");
  AttributionSet set;
  set.examples = golden["examples"];
  set.length = golden["length"];
  for (const int token : golden["tokens"]) set.tokens.push_back(static_cast<seq::Token>(token));
  for (const int score : golden["hypothetical"]) set.hypothetical.push_back(static_cast<float>(score) / 32'768);
  for (std::int64_t e = 0; e < set.examples; ++e)
    for (std::int64_t p = 0; p < set.length; ++p)
      set.contributions.push_back(set.hypothetical[(e * 4 + set.tokens[e * set.length + p]) * set.length + p]);
  std::vector<Seqlet> seqlets(set.examples);
  for (std::int64_t e = 0; e < set.examples; ++e) seqlets[e] = {.example = e, .start = 0, .end = set.length};

  const GappedKmerOptions options;
  const GappedKmerSpace space(options);
  for (const double sign : {1.0, -1.0}) {
    const auto expected = golden[sign > 0 ? "cosine_positive" : "cosine_negative"];
    const Neighbors found = coarse_neighbors(gapped_kmers(set, seqlets, sign, options, space), space, set.examples);
    for (std::int64_t e = 0; e < set.examples * set.examples; ++e)
      EXPECT_NEAR(found.similarity[e], expected[e / set.examples][found.index[e]].get<double>(), 2e-6);
  }
  const TrackRows rows = track_rows(set, seqlets);
  Neighbors all;
  for (std::int64_t i = 0; i < set.examples; ++i) {
    for (std::int64_t j = 0; j < set.examples; ++j) all.index.push_back(static_cast<std::int32_t>(j));
    all.row_begin.push_back((i + 1) * set.examples);
  }
  all.similarity.resize(all.index.size());
  fine_similarities(rows, 0.7, all);
  for (std::int64_t e = 0; e < set.examples * set.examples; ++e)
    EXPECT_NEAR(all.similarity[e], golden["jaccard"][e / set.examples][e % set.examples].get<double>(), 2e-6);
  for (std::int64_t i = 0; i < set.examples; ++i)
    for (std::int64_t j = 0; j < set.examples; ++j)
      EXPECT_NEAR(jaccard(rows.of(i), rows.of(j), set.length * kTracks), golden["pairwise"][i][j].get<double>(), 2e-6);

  const SparseGraph graph = adapted_graph(all, golden["perplexity"], DensityKernel::divided);
  ASSERT_EQ(graph.row_begin.back(), set.examples * set.examples);
  for (std::size_t e = 0; e < graph.weight.size(); ++e) EXPECT_NEAR(graph.weight[e], golden["adapted"][e].get<double>(), 1e-4);
  const auto correlations = golden["spearman"];
  for (std::int64_t i = 0; i < set.examples; ++i) {
    std::vector<float> coarse;
    for (const double value : golden["cosine_positive"][i]) coarse.push_back(static_cast<float>(value));
    const std::span fine(all.similarity.data() + i * set.examples, static_cast<std::size_t>(set.examples));
    EXPECT_NEAR(rank_correlation(fine, coarse), correlations[i].get<double>(), 1e-3);
  }
}

}  // namespace
}  // namespace basewise::motifs::detail
