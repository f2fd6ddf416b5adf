#include <algorithm>
#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/prepare/detail/multi_places.h"

namespace basewise::prepare::detail {
namespace {

using Counts = std::vector<std::vector<double>>;  // by chromosome and base

/// The rounds in plain loops over all bases.
std::vector<double> plain_shares(const MultiPlaces& reads, const Counts& single, double sd, const ShareOptions& o, std::int64_t& rounds) {
  const auto radius = static_cast<std::int64_t>(3 * sd + 0.5);
  std::vector<double> shares;
  for (std::size_t r = 0; r < reads.reads(); ++r) {
    const std::size_t n = reads.first()[r + 1] - reads.first()[r];
    shares.insert(shares.end(), n, 1.0 / static_cast<double>(n));
  }
  for (rounds = 1; rounds <= o.iterations; ++rounds) {
    Counts all = single;
    for (std::size_t i = 0; i < shares.size(); ++i) all[reads.places()[i].chrom][reads.places()[i].position] += shares[i];
    const auto mean = [&](const Place& p) {
      double sum = 0, weights = 0;
      for (std::int64_t at = 0; at < static_cast<std::int64_t>(all[p.chrom].size()); ++at) {
        const auto d = static_cast<double>(at - p.position);
        if (std::abs(at - static_cast<std::int64_t>(p.position)) > radius) continue;
        const double weight = std::exp(-d * d / (2 * sd * sd));
        weights += weight;
        sum += weight * all[p.chrom][static_cast<std::size_t>(at)];
      }
      return sum / weights;
    };
    double moved = 0;
    for (std::size_t r = 0; r < reads.reads(); ++r) {
      double total = 0;
      for (std::size_t i = reads.first()[r]; i < reads.first()[r + 1]; ++i) total += mean(reads.places()[i]) + o.pseudocount;
      for (std::size_t i = reads.first()[r]; i < reads.first()[r + 1]; ++i) {
        const double share = (mean(reads.places()[i]) + o.pseudocount) / total;
        moved += std::abs(share - shares[i]);
        shares[i] = share;
      }
    }
    if (moved / static_cast<double>(reads.reads()) < o.tolerance) return shares;
  }
  --rounds;
  return shares;
}

TEST(ShareModel, IsThatOfPlainLoops) {
  std::mt19937 draw(5);
  const std::vector<std::int64_t> lengths = {300, 90, 151};
  for (const double sd : {2.0, 16.0}) {
    Counts single;
    std::vector<std::vector<Event>> events(3);
    for (std::size_t c = 0; c < 3; ++c) {
      single.emplace_back(static_cast<std::size_t>(lengths[c]), 0.0);
      for (int i = 0; i < 40; ++i) {
        const auto at = static_cast<std::uint32_t>(draw() % static_cast<std::uint32_t>(lengths[c]));
        single[c][at] += 1;
        events[c].push_back({at, 1});
      }
    }
    MultiPlaces reads;
    for (int r = 0; r < 37; ++r) {
      std::vector<Place> places;
      for (std::size_t i = 0, n = 1 + draw() % 5; i < n; ++i) {
        const auto chrom = static_cast<std::uint32_t>(draw() % 3);
        places.push_back({chrom, static_cast<std::uint32_t>(draw() % static_cast<std::uint32_t>(lengths[chrom])), draw() % 2 == 0, false});
      }
      reads.add_read(places);
    }
    reads.close();
    const Gaussian gaussian(sd);
    for (const ShareOptions& o : {ShareOptions{.tolerance = 0, .iterations = 7}, ShareOptions{}}) {
      ShareModel model(reads, gaussian, lengths);
      for (std::size_t c = 0; c < 3; ++c) model.add_single(c, events[c]);
      std::int64_t rounds = 0, plain_rounds = 0;
      const auto shares = model.fit(o, rounds);
      const auto expected = plain_shares(reads, single, sd, o, plain_rounds);
      EXPECT_EQ(rounds, plain_rounds);
      ASSERT_EQ(shares.size(), expected.size());
      for (std::size_t i = 0; i < shares.size(); ++i) EXPECT_NEAR(shares[i], expected[i], 1e-9) << i;
    }
  }
}

TEST(MultiPlaces, RecordsOfOneReadComeTogether) {
  MultiPlaces reads;
  const auto a = read_number("a", false), b = read_number("b", false), second = read_number("a", true);
  EXPECT_NE(a, second);
  reads.add_read(std::vector<Place>{{0, 9, false, false}, {1, 3, true, true}});
  reads.add_record(a, {0, 5, false, false});
  reads.add_record(b, {0, 6, false, false});
  reads.add_record(a, {2, 7, true, true});
  reads.add_record(second, {0, 8, false, false});
  reads.close();
  ASSERT_EQ(reads.reads(), 4U);
  std::vector<std::size_t> sizes;
  for (std::size_t r = 0; r < 4; ++r) sizes.push_back(reads.first()[r + 1] - reads.first()[r]);
  EXPECT_EQ(sizes[0], 2U);
  std::sort(sizes.begin(), sizes.end());
  EXPECT_THAT(sizes, testing::ElementsAre(1, 1, 2, 2));
}

}  // namespace
}  // namespace basewise::prepare::detail
