#include "basewise/data/examples.h"

#include <limits>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/detail/test_support.h"
#include "basewise/data/kept_values.h"
#include "basewise/data/loader.h"
#include "basewise/data/sequence_source.h"
#include "basewise/data/site_labels.h"
#include "basewise/data/views.h"
#include "basewise/seq/reverse_complement.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using seq::Interval;
using seq::Strand;
using testing::HasSubstr;
using testing_support::equal;
using testing_support::letters_of;
using testing_support::toy_genome;

const corpus::SiteTable kSites{{{0, 100, Strand::forward},
                        {0, 137, Strand::reverse},
                        {0, 401, Strand::forward},
                        {0, 401, Strand::reverse},
                        {1, 0, Strand::forward},
                        {1, 300, Strand::reverse}},
                       {"labels"}};

// What an epoch of tiles says about each (chromosome, position):
// how often unmasked, and the labels of both strands.
struct Seen {
  std::map<std::pair<std::int64_t, std::int64_t>, int> times;
  std::map<std::pair<std::int64_t, std::int64_t>, std::pair<float, float>> labels;
};

Seen look(const Dataset& set) {
  Seen seen;
  for (std::int64_t i = 0; i < set.size(); ++i) {
    const Bundle example = set.get(i, Stream(0));
    const auto chrom = example.at("chromosome").item<std::int64_t>();
    const auto start = example.at("position").item<std::int64_t>();
    const auto labels = example.at("labels").accessor<float, 2>();
    const auto mask = example.at("labels.mask").accessor<bool, 2>();
    for (std::int64_t k = 0; k < labels.size(1); ++k) {
      EXPECT_EQ(mask[0][k], mask[1][k]);
      if (!mask[0][k]) continue;
      ++seen.times[{chrom, start + k}];
      seen.labels[{chrom, start + k}] = {labels[0][k], labels[1][k]};
    }
  }
  return seen;
}

struct TileOptions {
  std::int64_t length = 2048;
  std::int64_t before = 0;
  std::int64_t after = 0;
  bool random_phase = false;
  bool tokens = false;
  bool both_strands = false;
};

DatasetPtr tiles(const seq::GenomePtr& genome, std::vector<Interval> regions, std::vector<SourcePtr> sources, const TileOptions& o) {
  sources.insert(sources.begin(), sequence_of(genome, {.before = o.before, .after = o.after, .tokens = o.tokens}));
  return examples(corpus::tiles_of(std::move(regions), genome->sizes(),
                                   {.length = o.length, .random_phase = o.random_phase, .both_strands = o.both_strands}),
                  std::move(sources));
}

TEST(Tiles, EvaluationCoversEveryBaseOnceWithItsLabels) {
  const auto genome = toy_genome();
  const auto set = tiles(genome, {{"chr1", 90, 500}, {"ring", 0, 301}}, {site_labels(kSites, genome->sizes())},
                                {.length = 37, .before = 6, .after = 11});
  EXPECT_EQ(set->size(), 12 + 9);
  EXPECT_EQ(to_string(set->get(0, Stream(0))),
            "sequence (4, 54) Float, labels (2, 37) Float, labels.mask (2, 37) Bool, position () Long, chromosome () Long, circle () Long");
  const Seen seen = look(*set);
  EXPECT_EQ(seen.times.size(), 711U);
  std::set<corpus::Site> found;
  for (const auto& [place, labels] : seen.labels) {
    EXPECT_EQ(seen.times.at(place), 1);
    if (labels.first == 1) found.insert({static_cast<std::size_t>(place.first), place.second, Strand::forward});
    if (labels.second == 1) found.insert({static_cast<std::size_t>(place.first), place.second, Strand::reverse});
  }
  EXPECT_EQ(found, std::set<corpus::Site>(kSites.sites.begin(), kSites.sites.end()));
}

TEST(Tiles, SequenceStandsAroundTheLabels) {
  const auto genome = toy_genome();
  const auto set = tiles(genome, {{"chr1", 0, 1000}, {"ring", 0, 301}}, {site_labels(kSites, genome->sizes())},
                                {.length = 37, .before = 6, .after = 11});
  const std::string first = letters_of(set->get(0, Stream(0)).at("sequence"));
  EXPECT_EQ(first, "NNNNNN" + genome->letters({"chr1", 0, 48})) << "a linear chromosome begins at its first base";
  const Bundle ring = set->get(28, Stream(0));
  EXPECT_EQ(ring.at("chromosome").item<std::int64_t>(), 1);
  EXPECT_EQ(ring.at("circle").item<std::int64_t>(), 301);
  EXPECT_EQ(set->get(0, Stream(0)).at("circle").item<std::int64_t>(), 0);
  EXPECT_EQ(letters_of(ring.at("sequence")), genome->letters({"ring", -6, 48})) << "a circle has no beginning";
}

// A site's base is at the labelled index of its strand, whatever augmentation did.
TEST(Tiles, LabelsFollowTheSequenceOnBothStrands) {
  const auto genome = toy_genome();
  const auto plain = tiles(genome, {{"chr1", 90, 500}}, {site_labels(kSites, genome->sizes())},
                                  {.length = 37, .before = 8, .after = 8, .random_phase = true});
  const auto set = reverse_complement(plain, 0.5);
  for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
    const auto now = set->at_epoch(Stream(3, epoch), static_cast<std::int64_t>(epoch));
    ASSERT_NE(now, nullptr);
    ASSERT_EQ(now->size(), set->size());
    std::multiset<std::string> around;
    for (std::int64_t i = 0; i < now->size(); ++i) {
      const Bundle example = now->get(i, Stream(epoch, static_cast<std::uint64_t>(i)));
      const std::string letters = letters_of(example.at("sequence"));
      const at::Tensor sites = at::logical_and(example.at("labels") > 0, example.at("labels.mask")).nonzero();
      for (std::int64_t k = 0; k < sites.size(0); ++k) {
        const std::string nine = letters.substr(static_cast<std::size_t>(sites[k][1].item<std::int64_t>()) + 4, 9);
        around.insert(sites[k][0].item<std::int64_t>() == 0 ? nine : seq::reverse_complement(nine));
      }
    }
    std::multiset<std::string> expected;
    for (const corpus::Site& site : kSites.sites)
      if (site.chrom == 0) expected.insert(genome->letters({"chr1", site.position - 4, site.position + 5, site.strand}));
    EXPECT_EQ(around, expected) << "epoch " << epoch;
  }
}

TEST(Tiles, EpochsHaveOtherPhasesAndEveryBaseOnce) {
  const auto genome = toy_genome();
  const auto set = tiles(genome, {{"chr1", 90, 500}, {"ring", 0, 301}}, {site_labels(kSites, genome->sizes())},
                                {.length = 37, .random_phase = true});
  std::set<std::int64_t> firsts;
  for (std::uint64_t epoch = 0; epoch < 30; ++epoch) {
    const auto now = set->at_epoch(Stream(1, epoch), static_cast<std::int64_t>(epoch));
    firsts.insert(now->get(0, Stream(0)).at("position").item<std::int64_t>());
    const Seen seen = look(*now);
    ASSERT_EQ(seen.times.size(), 711U);
    for (const auto& [place, times] : seen.times) ASSERT_EQ(times, 1);
  }
  EXPECT_GT(firsts.size(), 12U);
  EXPECT_LE(*firsts.rbegin(), 90);
  EXPECT_GT(*firsts.begin(), 90 - 37);
}

TEST(Tiles, LoaderGivesTheSameBatchesForAnyWorkers) {
  const auto genome = toy_genome();
  const auto set = reverse_complement(tiles(genome, {{"chr1", 90, 500}, {"ring", 0, 301}}, {site_labels(kSites, genome->sizes())},
                                                   {.length = 37, .before = 5, .random_phase = true}),
                                      0.5);
  Loader reference(set, {.batch_size = 3, .workers = 0, .seed = 2});
  for (const std::int64_t workers : {1, 2, 8}) {
    Loader loader(set, {.batch_size = 3, .workers = workers, .seed = 2});
    for (const std::int64_t epoch : {0, 3}) {
      loader.start(epoch);
      for (std::int64_t k = 0; k < loader.batches(); ++k) ASSERT_TRUE(equal(*loader.next(), reference.batch(epoch, k)));
    }
  }
}

TEST(Tiles, RefusesWhatDoesNotFit) {
  const auto genome = toy_genome();
  const auto make = [&](Interval region, TileOptions o) { return error_text([&] { tiles(genome, {region}, {}, o); }); };
  EXPECT_THAT(make({"chr1", 900, 1001}, {.length = 37}), HasSubstr("region [900, 1001) of chr1 does not lie in [0, 1000)"));
  EXPECT_THAT(make({"ring", 0, 301}, {.length = 300, .before = 1, .after = 1}),
              HasSubstr("longer than the circular chromosome ring (301 bases)"));
  EXPECT_THAT(make({"chr1", 0, 10}, {.length = 0}), HasSubstr("a tile of 0 bases is too short"));
}

TEST(Tiles, BothStrandsAreStretchesThatAreReadFromTheirEnds) {
  const auto genome = toy_genome();
  const std::vector<Interval> regions{{"chr1", 40, 600}, {"ring", 0, 301}};
  const auto sources = std::vector<SourcePtr>{site_labels(kSites, genome->sizes())};
  for (const bool tokens : {false, true}) {
    const TileOptions one{.length = 50, .before = 5, .after = 5, .tokens = tokens};
    TileOptions two = one;
    two.both_strands = true;
    const auto plain = tiles(genome, regions, sources, one), both = tiles(genome, regions, sources, two);
    EXPECT_THAT(both->stretches(), testing::ElementsAre(12, 7, 12, 7));
    ASSERT_EQ(both->size(), 2 * plain->size());
    for (std::int64_t i = 0; i < plain->size(); ++i) {
      const std::int64_t turned = plain->size() + (i < 12 ? 11 - i : 12 + 18 - i);
      const Bundle tile = plain->get(i, Stream(0)), forward = both->get(i, Stream(0)), reverse = both->get(turned, Stream(0));
      const Bundle expected = reverse_complement(tile, *plain);
      for (const auto& [name, tensor] : tile) {
        EXPECT_TRUE(at::equal(forward.at(name), tensor)) << name << " " << i;
        EXPECT_TRUE(at::equal(reverse.at(name), expected.at(name))) << name << " " << i;
      }
      EXPECT_EQ(forward.at("strand").item<std::int64_t>(), 0);
      EXPECT_EQ(reverse.at("strand").item<std::int64_t>(), 1);
    }
  }
  // Before a tile and after it: as it is read.
  const auto uneven = tiles(genome, {{"chr1", 100, 150}}, {}, {.length = 50, .before = 9, .both_strands = true});
  EXPECT_EQ(letters_of(uneven->get(1, Stream(0)).at("sequence")), genome->letters({"chr1", 100, 159, Strand::reverse}));
}

TEST(Windows, CentreStrandJitterAndEdges) {
  const auto genome = toy_genome();
  const float missing = std::numeric_limits<float>::quiet_NaN();
  const std::vector<corpus::Locus> loci{
      {0, 500, Strand::none}, {0, 500, Strand::reverse}, {0, 2, Strand::none}, {1, 3, Strand::none}};
  const std::vector<SourcePtr> sources{
      sequence_of(genome), kept_values({.name = "labels", .shape = {3}, .role = Role::target},
                                       {1, 0, missing, 0, 0, 1, 0, 0, 0, 0, 1, 0})};
  const auto set = examples(corpus::windows_around(loci, genome->sizes(), {.length = 38}), sources);
  EXPECT_EQ(to_string(set->get(0, Stream(0))),
            "sequence (4, 38) Float, labels (3) Float, labels.mask (3) Bool, position () Long, chromosome () Long");
  EXPECT_EQ(letters_of(set->get(0, Stream(0)).at("sequence")), genome->letters({"chr1", 481, 519}));
  EXPECT_EQ(letters_of(set->get(1, Stream(0)).at("sequence")), genome->letters({"chr1", 481, 519, Strand::reverse}));
  EXPECT_EQ(letters_of(set->get(2, Stream(0)).at("sequence")), std::string(17, 'N') + genome->letters({"chr1", 0, 21}));
  EXPECT_EQ(letters_of(set->get(3, Stream(0)).at("sequence")), genome->letters({"ring", -16, 22}));
  const auto moving = examples(corpus::windows_around(loci, genome->sizes(), {.length = 38, .jitter = 4}), sources);
  std::set<std::int64_t> starts;
  for (std::uint64_t k = 0; k < 80; ++k) {
    const Bundle example = moving->get(0, Stream(k));
    starts.insert(example.at("position").item<std::int64_t>());
    EXPECT_EQ(letters_of(example.at("sequence")), genome->letters(Interval{"chr1", *example.at("position").data_ptr<std::int64_t>(),
                                                                           *example.at("position").data_ptr<std::int64_t>() + 38}));
  }
  EXPECT_EQ(starts.size(), 9U);
  EXPECT_EQ(*starts.begin(), 477);
}

// What stands along the genome suits windows around loci as it suits tiles.
TEST(Windows, ShowLabelsOfEveryBaseOnTheirStrand) {
  const auto genome = toy_genome();
  const std::vector<corpus::Locus> loci{
      {0, 101, Strand::none}, {0, 101, Strand::reverse}, {0, 2, Strand::none}, {0, 999, Strand::none}, {1, 2, Strand::none}};
  const auto set = examples(corpus::windows_around(loci, genome->sizes(), {.length = 11}),
                            {sequence_of(genome, {.before = 2, .after = 3}), site_labels(kSites, genome->sizes())}, "of a test");
  const Bundle forward = set->get(0, Stream(0)), reverse = set->get(1, Stream(0));
  EXPECT_EQ(letters_of(forward.at("sequence")), genome->letters({"chr1", 94, 110}));
  EXPECT_EQ(letters_of(reverse.at("sequence")), genome->letters({"chr1", 93, 109, Strand::reverse}));
  EXPECT_TRUE(at::equal(forward.at("labels")[0].nonzero().flatten(), at::tensor({4}, at::kLong)));
  EXPECT_TRUE(at::equal(reverse.at("labels"), forward.at("labels").flip({0, 1})));
  EXPECT_EQ(forward.at("position").item<std::int64_t>(), reverse.at("position").item<std::int64_t>());
  const auto measured = [&](std::int64_t i) {
    const at::Tensor mask = set->get(i, Stream(0)).at("labels.mask")[0];
    std::string text;
    for (std::int64_t k = 0; k < mask.size(0); ++k) text += mask[k].item<bool>() ? '1' : '.';
    return text;
  };
  EXPECT_EQ(measured(2), "...11111111") << "before the first base";
  EXPECT_EQ(measured(3), "111111.....") << "behind the last one";
  EXPECT_EQ(measured(4), "11111111111") << "a circle has no beginning";
  const Bundle ring = set->get(4, Stream(0));
  EXPECT_EQ(ring.at("position").item<std::int64_t>(), 298);
  EXPECT_TRUE(at::equal(ring.at("labels")[0].nonzero().flatten(), at::tensor({3}, at::kLong))) << "base 0";
  EXPECT_TRUE(at::equal(ring.at("labels")[1].nonzero().flatten(), at::tensor({2}, at::kLong))) << "base 300";
  EXPECT_THAT(set->summary(), testing::StartsWith("5 windows of 11 bases of a test; sequence of toy.fa"));
}

TEST(Windows, RefuseWhatDoesNotFit) {
  const auto genome = toy_genome();
  const auto make = [&](std::vector<corpus::Locus> loci, const corpus::LocusWindowOptions& o, std::int64_t before = 0) {
    return error_text([&] {
      examples(corpus::windows_around(std::move(loci), genome->sizes(), o), {sequence_of(genome, {.before = before})});
    });
  };
  EXPECT_THAT(make({{2, 5}}, {}), HasSubstr("no chromosome 2 among the 2 of toy.fa"));
  EXPECT_THAT(make({{0, 5}}, {.length = 0}), HasSubstr("windows of 0 bases with a jitter of 0: expected at least 1 and 0"));
  EXPECT_THAT(make({{0, 5}}, {.length = 9, .jitter = -1}), HasSubstr("a jitter of -1"));
  EXPECT_THAT(make({{1, 5}}, {.length = 302}), HasSubstr("longer than the circular chromosome ring"));
  EXPECT_THAT(make({{0, 5}}, {.length = 9}, -1), HasSubstr("a context of -1 and 0 bases is negative"));
  EXPECT_THAT(error_text([&] {
                examples(corpus::windows_around({{0, 5}}, genome->sizes(), {}), {sequence_of(genome), sequence_of(genome)});
              }),
              HasSubstr("sequence"));
}

}  // namespace
}  // namespace basewise::data
