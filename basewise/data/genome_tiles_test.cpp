#include "basewise/data/genome_tiles.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "basewise/data/detail/test_support.h"
#include "basewise/data/genome_windows.h"
#include "basewise/data/loader.h"
#include "basewise/data/views.h"
#include "basewise/io/bigwig.h"
#include "basewise/io/bigwig_writer.h"
#include "basewise/seq/reverse_complement.h"

namespace basewise::data {
namespace {

using seq::Interval;
using seq::Strand;
using testing::HasSubstr;
using testing_support::equal;
using testing_support::letters_of;
using testing_support::message_of;
using testing_support::toy_genome;

const corpus::SiteTable kSites{{{0, 100, Strand::forward},
                        {0, 137, Strand::reverse},
                        {0, 401, Strand::forward},
                        {0, 401, Strand::reverse},
                        {1, 0, Strand::forward},
                        {1, 300, Strand::reverse}},
                       {"labels"}};

// What an epoch of tiles says about each (chromosome, position): how often unmasked, and the labels of both strands.
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

TEST(Tiling, EveryBaseOnceForAnyRegionLengthAndPhase) {
  EXPECT_TRUE(rc::check([] {
    const auto length = *rc::gen::inRange<std::int64_t>(1, 40);
    const auto phase = *rc::gen::inRange<std::int64_t>(0, length);
    std::vector<Interval> regions;
    std::int64_t at = 0;
    for (int r = 0; r < 3; ++r) {
      at += *rc::gen::inRange<std::int64_t>(0, 30);
      const auto n = *rc::gen::inRange<std::int64_t>(0, 100);
      regions.push_back({"a", at, at + n});
      at += n;
    }
    const corpus::Tiling tiling(regions, length, true);
    std::map<std::int64_t, int> owned;
    for (std::int64_t i = 0; i < tiling.size(); ++i) {
      const corpus::Tile tile = tiling.tile(i, phase);
      RC_ASSERT(tile.owned_start >= tile.start || tile.owned_start == tile.owned_end);
      for (std::int64_t p = tile.owned_start; p < tile.owned_end; ++p) ++owned[p];
    }
    RC_ASSERT(static_cast<std::int64_t>(owned.size()) == seq::total_length(regions));
    for (const auto& [position, times] : owned) RC_ASSERT(times == 1);
  }));
  EXPECT_EQ(corpus::Tiling({{"a", 0, 64}, {"a", 70, 71}}, 32, false).size(), 3);
  EXPECT_THAT(message_of([] { corpus::Tiling({{"a", 0, 64}}, 32, false).tile(0, 5); }), HasSubstr("phase 5"));
}

TEST(GenomeTiles, EvaluationCoversEveryBaseOnceWithItsLabels) {
  const auto genome = toy_genome();
  const auto set = genome_tiles(genome, {{"chr1", 90, 500}, {"ring", 0, 301}}, {site_labels(kSites, genome->sizes())},
                                {.length = 37, .context_left = 6, .context_right = 11});
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

TEST(GenomeTiles, SequenceStandsAroundTheLabels) {
  const auto genome = toy_genome();
  const auto set = genome_tiles(genome, {{"chr1", 0, 1000}, {"ring", 0, 301}}, {site_labels(kSites, genome->sizes())},
                                {.length = 37, .context_left = 6, .context_right = 11});
  const std::string first = letters_of(set->get(0, Stream(0)).at("sequence"));
  EXPECT_EQ(first, "NNNNNN" + genome->letters({"chr1", 0, 48})) << "a linear chromosome begins at its first base";
  const Bundle ring = set->get(28, Stream(0));
  EXPECT_EQ(ring.at("chromosome").item<std::int64_t>(), 1);
  EXPECT_EQ(ring.at("circle").item<std::int64_t>(), 301);
  EXPECT_EQ(set->get(0, Stream(0)).at("circle").item<std::int64_t>(), 0);
  EXPECT_EQ(letters_of(ring.at("sequence")), genome->letters({"ring", -6, 48})) << "a circle has no beginning";
}

// A site's base is at the labelled index of its strand, whatever augmentation did.
TEST(GenomeTiles, LabelsFollowTheSequenceOnBothStrands) {
  const auto genome = toy_genome();
  const auto plain = genome_tiles(genome, {{"chr1", 90, 500}}, {site_labels(kSites, genome->sizes())},
                                  {.length = 37, .context_left = 8, .context_right = 8, .random_phase = true});
  const auto set = reverse_complement(plain, 0.5);
  for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
    const auto now = set->at_epoch(Stream(3, epoch));
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

TEST(GenomeTiles, EpochsHaveOtherPhasesAndEveryBaseOnce) {
  const auto genome = toy_genome();
  const auto set = genome_tiles(genome, {{"chr1", 90, 500}, {"ring", 0, 301}}, {site_labels(kSites, genome->sizes())},
                                {.length = 37, .random_phase = true});
  std::set<std::int64_t> firsts;
  for (std::uint64_t epoch = 0; epoch < 30; ++epoch) {
    const auto now = set->at_epoch(Stream(1, epoch));
    firsts.insert(now->get(0, Stream(0)).at("position").item<std::int64_t>());
    const Seen seen = look(*now);
    ASSERT_EQ(seen.times.size(), 711U);
    for (const auto& [place, times] : seen.times) ASSERT_EQ(times, 1);
  }
  EXPECT_GT(firsts.size(), 12U);
  EXPECT_LE(*firsts.rbegin(), 90);
  EXPECT_GT(*firsts.begin(), 90 - 37);
}

TEST(GenomeTiles, LoaderGivesTheSameBatchesForAnyWorkers) {
  const auto genome = toy_genome();
  const auto set = reverse_complement(genome_tiles(genome, {{"chr1", 90, 500}, {"ring", 0, 301}}, {site_labels(kSites, genome->sizes())},
                                                   {.length = 37, .context_left = 5, .random_phase = true}),
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

TEST(GenomeTiles, RefusesWhatDoesNotFit) {
  const auto genome = toy_genome();
  const auto make = [&](Interval region, GenomeTilesOptions o) { return message_of([&] { genome_tiles(genome, {region}, {}, o); }); };
  EXPECT_THAT(make({"chr1", 900, 1001}, {.length = 37}), HasSubstr("region [900, 1001) of chr1 does not lie in [0, 1000)"));
  EXPECT_THAT(make({"ring", 0, 301}, {.length = 300, .context_left = 1, .context_right = 1}),
              HasSubstr("longer than the circular chromosome ring (301 bases)"));
  EXPECT_THAT(make({"chr1", 0, 10}, {.length = 0}), HasSubstr("a tile of 0 bases is too short"));
}

class TrackTest : public testing::Test {
 protected:
  static std::filesystem::path write(const std::string& name, float scale, std::int64_t chr1_length = 1000) {
    const auto path = std::filesystem::path(testing::TempDir()) / "basewise_data_tracks" / name;
    std::filesystem::create_directories(path.parent_path());
    io::BigWigWriter writer(path, {{"1", chr1_length}});
    std::vector<float> values(60);
    for (std::size_t i = 0; i < 60; ++i) values[i] = scale * static_cast<float>(i);
    writer.add_run("1", 100, values);
    writer.close();
    return path;
  }
};

TEST_F(TrackTest, BinsAreMeansOfWhatWasMeasured) {
  const auto genome = toy_genome();
  const auto source = track_signal({.files = {write("a.bw", 1), write("b.bw", 10)}, .bin = 4, .paired = true}, genome->sizes());
  const auto set = genome_tiles(genome, {{"chr1", 98, 138}, {"ring", 0, 40}}, {source}, {.length = 20});
  const Bundle first = set->get(0, Stream(0));
  EXPECT_EQ(to_string(first),
            "sequence (4, 20) Float, profile (2, 5) Float, profile.mask (2, 5) Bool, position () Long, chromosome () Long, circle () Long");
  EXPECT_TRUE(at::equal(first.at("profile")[0], at::tensor({0.5F, 3.5F, 7.5F, 11.5F, 15.5F}))) << "bases 98 and 99 were not measured";
  EXPECT_TRUE(at::equal(first.at("profile")[1], first.at("profile")[0] * 10));
  EXPECT_TRUE(first.at("profile.mask").all().item<bool>());
  EXPECT_FALSE(set->get(2, Stream(0)).at("profile.mask").any().item<bool>()) << "the track has no ring";
  EXPECT_EQ(set->schema().strand_rule("profile"), StrandRule::paired);
  EXPECT_THAT(set->summary(), HasSubstr("1 chromosomes without values in a.bw"));
}

TEST_F(TrackTest, BinsAreSumsOrMaximaAndClipped) {
  const auto genome = toy_genome();
  const auto bins_of = [&](const TrackOptions& options) {
    const auto source = track_signal(options, genome->sizes());
    return genome_tiles(genome, {{"chr1", 98, 118}}, {source}, {.length = 20})->get(0, Stream(0)).at("profile")[0];
  };
  const auto file = write("s.bw", 1);
  EXPECT_TRUE(at::equal(bins_of({.files = {file}, .bin = 4, .statistic = "sum"}), at::tensor({1.0F, 14.0F, 30.0F, 46.0F, 62.0F})));
  EXPECT_TRUE(at::equal(bins_of({.files = {file}, .bin = 4, .statistic = "max"}), at::tensor({1.0F, 5.0F, 9.0F, 13.0F, 17.0F})));
  EXPECT_TRUE(at::equal(bins_of({.files = {file}, .bin = 4, .statistic = "sum", .clip = 40}),
                        at::tensor({1.0F, 14.0F, 30.0F, 40.0F, 40.0F})));
  EXPECT_EQ(bins_of({.files = {file}, .clip = 5}).max().item<float>(), 5);
}

TEST(GenomeTiles, BothStrandsAreStretchesThatAreReadFromTheirEnds) {
  const auto genome = toy_genome();
  const std::vector<Interval> regions{{"chr1", 40, 600}, {"ring", 0, 301}};
  const auto sources = std::vector<TargetSourcePtr>{site_labels(kSites, genome->sizes())};
  for (const bool tokens : {false, true}) {
    const GenomeTilesOptions one{.length = 50, .context_left = 5, .context_right = 5, .tokens = tokens};
    GenomeTilesOptions two = one;
    two.both_strands = true;
    const auto plain = genome_tiles(genome, regions, sources, one), both = genome_tiles(genome, regions, sources, two);
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
  const auto uneven = genome_tiles(genome, {{"chr1", 100, 150}}, {}, {.length = 50, .context_left = 9, .both_strands = true});
  EXPECT_EQ(letters_of(uneven->get(1, Stream(0)).at("sequence")), genome->letters({"chr1", 100, 159, Strand::reverse}));
}

TEST_F(TrackTest, MissingBasesAreMasked) {
  const auto genome = toy_genome();
  const auto set =
      genome_tiles(genome, {{"chr1", 140, 180}}, {track_signal({.files = {write("c.bw", 1)}}, genome->sizes())}, {.length = 40});
  const Bundle example = set->get(0, Stream(0));
  EXPECT_EQ(example.at("profile.mask").count_nonzero().item<std::int64_t>(), 20);
  EXPECT_EQ(example.at("profile").select(1, 30).item<float>(), 0);
  EXPECT_EQ(set->schema().strand_rule("profile"), StrandRule::mirrored);
}

TEST_F(TrackTest, AnotherAssemblyIsRefused) {
  const auto genome = toy_genome();
  EXPECT_THAT(message_of([&] { track_signal({.files = {write("d.bw", 1, 999)}}, genome->sizes()); }),
              HasSubstr("1 has 999 bases there, but 1000 in toy.fa"));
  EXPECT_THAT(message_of([&] { track_signal({.files = {"x.bw"}, .paired = true}, genome->sizes()); }),
              HasSubstr("1 files cannot be pairs"));
}

TEST(GenomeWindows, CentreStrandJitterAndEdges) {
  const auto genome = toy_genome();
  const float missing = std::numeric_limits<float>::quiet_NaN();
  const std::vector<LabelledPlace> places{{0, 500, Strand::none, {1, 0, missing}},
                                          {0, 500, Strand::reverse, {0, 0, 1}},
                                          {0, 2, Strand::none, {0, 0, 0}},
                                          {1, 3, Strand::none, {0, 1, 0}}};
  const auto set = genome_windows(genome, places, {.length = 38}, "sites");
  EXPECT_EQ(to_string(set->get(0, Stream(0))),
            "sequence (4, 38) Float, labels (3) Float, labels.mask (3) Bool, position () Long, chromosome () Long");
  EXPECT_EQ(letters_of(set->get(0, Stream(0)).at("sequence")), genome->letters({"chr1", 481, 519}));
  EXPECT_EQ(letters_of(set->get(1, Stream(0)).at("sequence")), genome->letters({"chr1", 481, 519, Strand::reverse}));
  EXPECT_EQ(letters_of(set->get(2, Stream(0)).at("sequence")), std::string(17, 'N') + genome->letters({"chr1", 0, 21}));
  EXPECT_EQ(letters_of(set->get(3, Stream(0)).at("sequence")), genome->letters({"ring", -16, 22}));
  const auto moving = genome_windows(genome, places, {.length = 38, .jitter = 4}, "sites");
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

}  // namespace
}  // namespace basewise::data
