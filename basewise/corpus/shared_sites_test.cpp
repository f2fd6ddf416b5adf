#include "basewise/corpus/shared_sites.h"

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace basewise::corpus {
namespace {

using seq::Strand;
using testing::ElementsAre;

using Sets = std::vector<std::vector<ScoredSite>>;

seq::ChromSizes ring() { return seq::ChromSizes({{"ring", 100, true}}); }
seq::ChromSizes line() { return seq::ChromSizes({{"line", 100, false}}); }

Sets three_sets() {
  return {{{0, 10, Strand::forward, 1.0}, {0, 14, Strand::forward, 4.0}, {0, 40, Strand::reverse, 1.0}, {0, 98, Strand::forward}},
          {{0, 19, Strand::forward}, {0, 42, Strand::reverse}, {0, 70, Strand::forward}},
          {{0, 1, Strand::forward}, {0, 24, Strand::forward}, {0, 40, Strand::forward}}};
}

TEST(SharedSites, SingleLinkageByStrand) {
  const Sets sets = three_sets();
  const auto clusters = link_sites(sets, 5, line());
  std::vector<std::vector<std::int64_t>> places;
  for (const SiteCluster& c : clusters) places.push_back({c.start(), c.end(), static_cast<std::int64_t>(c.sets().size())});
  EXPECT_THAT(places, ElementsAre(ElementsAre(1, 2, 1), ElementsAre(10, 25, 3), ElementsAre(40, 41, 1), ElementsAre(70, 71, 1),
                                  ElementsAre(98, 99, 1), ElementsAre(40, 43, 2)));
  const SharedSites shared = count_shared(clusters, 3, 5);
  EXPECT_THAT(shared.clusters, ElementsAre(4, 1, 1));
  EXPECT_THAT(shared.shared, ElementsAre(2, 2, 1)) << "10 is linked to 19 over 14, but lies 9 bases away";
  EXPECT_THAT(shared.with, ElementsAre(ElementsAre(0, 2, 0), ElementsAre(2, 0, 1), ElementsAre(0, 1, 0)));
  EXPECT_EQ(shared.distances[0][1][5 + 5], 1) << "14 to 19, forward";
  EXPECT_EQ(shared.distances[0][1][5 - 2], 1) << "40 to 42 on the reverse strand is upstream";
  EXPECT_EQ(shared.distances[1][2][5 + 5], 1);
  EXPECT_TRUE(shared.distances[1][0].empty());
}

TEST(SharedSites, ClustersGoOverTheOriginOfACircle) {
  const Sets sets = three_sets();
  const auto clusters = link_sites(sets, 5, ring());
  ASSERT_EQ(clusters.size(), 5U);
  EXPECT_EQ(clusters[3].start(), 98);
  EXPECT_EQ(clusters[3].end(), 102);
  EXPECT_THAT(clusters[3].sets(), ElementsAre(0, 2));
  const SharedSites shared = count_shared(clusters, 3, 5);
  EXPECT_THAT(shared.shared, ElementsAre(3, 2, 2));
  EXPECT_EQ(shared.distances[0][2][5 + 3], 1) << "from 98 to 1";
}

TEST(SharedSites, OneSiteStandsForACluster) {
  const Sets sets = three_sets();
  const auto clusters = link_sites(sets, 5, line());
  EXPECT_EQ(representative(clusters[1], sets).position, 14) << "of the first set the one with the higher score";
  const Sets plain = {{}, {{0, 4, Strand::forward}, {0, 6, Strand::forward}}, {{0, 5, Strand::forward}}};
  const auto linked = link_sites(plain, 3, line());
  EXPECT_EQ(representative(linked[0], plain).position, 6) << "without scores the middle, of two the second";
  const Sets equal = {{{0, 4, Strand::forward, 2.0}, {0, 6, Strand::forward, 2.0}, {0, 8, Strand::forward}}};
  EXPECT_EQ(representative(link_sites(equal, 3, line())[0], equal).position, 4) << "of equal scores the first";
}

// Against all pairs, on a circle and a line.
TEST(SharedSites, EqualsBruteForceOnRandomSites) {
  std::mt19937 random(5);
  for (const bool circular : {false, true}) {
    const seq::ChromSizes sizes({{"a", 997, circular}});
    const std::int64_t distance = 4;
    Sets sets(4);
    for (auto& set : sets) {
      std::set<std::pair<std::int64_t, bool>> places;
      for (int i = 0; i < 60; ++i) places.emplace(random() % 997, random() % 2 == 0);
      for (const auto& [position, forward] : places) set.push_back({0, position, forward ? Strand::forward : Strand::reverse});
    }
    const auto gap = [&](const ScoredSite& a, const ScoredSite& b) {
      const std::int64_t d = std::abs(a.position - b.position);
      return a.strand != b.strand ? 997 : circular ? std::min(d, 997 - d) : d;
    };
    const SharedSites shared = count_shared(link_sites(sets, distance, sizes), 4, distance);
    for (std::size_t a = 0; a < 4; ++a) {
      std::int64_t any = 0;
      std::vector<std::int64_t> with(4, 0);
      for (const ScoredSite& site : sets[a]) {
        bool found = false;
        for (std::size_t b = 0; b < 4; ++b) {
          const auto is_near = [&](const ScoredSite& s) { return gap(site, s) <= distance; };
          const bool near = a != b && std::any_of(sets[b].begin(), sets[b].end(), is_near);
          with[b] += near ? 1 : 0;
          found = found || near;
        }
        any += found ? 1 : 0;
      }
      EXPECT_EQ(shared.shared[a], any);
      EXPECT_EQ(shared.with[a], with);
    }
  }
}

}  // namespace
}  // namespace basewise::corpus
