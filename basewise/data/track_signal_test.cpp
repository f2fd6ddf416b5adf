#include "basewise/data/track_signal.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/detail/test_support.h"
#include "basewise/io/bigwig_writer.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using seq::Interval;
using testing::EndsWith;
using testing::HasSubstr;
using testing_support::toy_genome;

DatasetPtr tiles(const seq::GenomePtr& genome, std::vector<Interval> regions, const SourcePtr& source, std::int64_t length) {
  return examples(corpus::tiles_of(std::move(regions), genome->sizes(), {.length = length}), {source});
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
  const auto set = tiles(genome, {{"chr1", 98, 138}, {"ring", 0, 40}}, source, 20);
  const Bundle first = set->get(0, Stream(0));
  EXPECT_EQ(to_string(first),
            "profile (2, 5) Float, profile.mask (2, 5) Bool, position () Long, chromosome () Long, circle () Long");
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
    return tiles(genome, {{"chr1", 98, 118}}, source, 20)->get(0, Stream(0)).at("profile")[0];
  };
  const auto file = write("s.bw", 1);
  EXPECT_TRUE(at::equal(bins_of({.files = {file}, .bin = 4, .statistic = BinStatistic::sum}),
                        at::tensor({1.0F, 14.0F, 30.0F, 46.0F, 62.0F})));
  EXPECT_TRUE(at::equal(bins_of({.files = {file}, .bin = 4, .statistic = BinStatistic::max}),
                        at::tensor({1.0F, 5.0F, 9.0F, 13.0F, 17.0F})));
  EXPECT_TRUE(at::equal(bins_of({.files = {file}, .bin = 4, .statistic = BinStatistic::sum, .clip = 40}),
                        at::tensor({1.0F, 14.0F, 30.0F, 40.0F, 40.0F})));
  EXPECT_EQ(bins_of({.files = {file}, .clip = 5}).max().item<float>(), 5);
}

// Bins of 98 to 118 by fours: sums 1, 14, 30, 46, 62 of the file, measured from base 100 on.
TEST_F(TrackTest, BinsAreScaledThenClippedThenTransformed) {
  const auto genome = toy_genome();
  const auto one = write("t1.bw", 1), ten = write("t10.bw", 10);
  const auto bins_of = [&](TrackOptions options) {
    options.bin = 4;
    options.statistic = BinStatistic::sum;
    return tiles(genome, {{"chr1", 98, 118}}, track_signal(options, genome->sizes()), 20)->get(0, Stream(0)).at("profile");
  };
  const at::Tensor sums = at::tensor({1.0F, 14.0F, 30.0F, 46.0F, 62.0F});
  EXPECT_TRUE(at::allclose(bins_of({.files = {one}, .transform = TrackTransform::log1p})[0], at::log1p(sums)));
  EXPECT_TRUE(at::allclose(bins_of({.files = {one}, .transform = TrackTransform::sqrt})[0], at::sqrt(sums + 1) - 1));
  const at::Tensor each = bins_of({.files = {one, ten}, .scale = {2, 0.5}});
  EXPECT_TRUE(at::equal(each[0], sums * 2));
  EXPECT_TRUE(at::equal(each[1], sums * 5));
  EXPECT_TRUE(at::equal(bins_of({.files = {one, ten}, .scale = {2}})[1], sums * 20)) << "one number for all files";
  const at::Tensor order = bins_of({.files = {one}, .scale = {0.5}, .clip = 15, .transform = TrackTransform::log1p})[0];
  EXPECT_TRUE(at::allclose(order, at::log1p(at::tensor({0.5F, 7.0F, 15.0F, 15.0F, 15.0F}))));
  EXPECT_THAT(error_text([&] { bins_of({.files = {one, ten}, .scale = {1, 2, 3}}); }),
              HasSubstr("tracks.scale: 3 numbers for 2 files; give one number, or one for each file"));
}

TEST_F(TrackTest, ValuesThatATransformIsNotDefinedForAreRefused) {
  const auto genome = toy_genome();
  const auto file = write("negative.bw", -0.25F);  // base 104: -1
  const auto value = [&](TrackTransform transform, std::int64_t base) {
    const auto source = track_signal({.files = {file}, .transform = transform}, genome->sizes());
    return tiles(genome, {{"chr1", base, base + 1}}, source, 1)->get(0, Stream(0)).at("profile").item<float>();
  };
  EXPECT_FLOAT_EQ(value(TrackTransform::log1p, 103), std::log(0.25F));
  EXPECT_EQ(value(TrackTransform::sqrt, 104), -1);
  EXPECT_EQ(value(TrackTransform::log1p, 10), 0) << "not measured";
  EXPECT_THAT(error_text([&] { value(TrackTransform::log1p, 104); }),
              HasSubstr("negative.bw: -1 at base 104 of chr1 has no log1p: values must be above -1; set tracks.transform = \"none\""));
  EXPECT_THAT(error_text([&] { value(TrackTransform::sqrt, 105); }),
              HasSubstr("-1.25 at base 105 of chr1 has no sqrt: values must be at least -1"));
}

TEST_F(TrackTest, MissingBasesAreMasked) {
  const auto genome = toy_genome();
  const auto set =
      tiles(genome, {{"chr1", 140, 180}}, track_signal({.files = {write("c.bw", 1)}}, genome->sizes()), 40);
  const Bundle example = set->get(0, Stream(0));
  EXPECT_EQ(example.at("profile.mask").count_nonzero().item<std::int64_t>(), 20);
  EXPECT_EQ(example.at("profile").select(1, 30).item<float>(), 0);
  EXPECT_EQ(set->schema().strand_rule("profile"), StrandRule::mirrored);
}

// chr1 has 60 values from base 100 on, of 1,000 bases; the ring has 301 and is not in the file.
TEST_F(TrackTest, GapsAreZerosWhereTheyAreAskedFor) {
  const auto genome = toy_genome();
  const auto file = write("gaps.bw", 1);
  corpus::RegionSplit regions;
  regions.train = {{"chr1", 0, 130, seq::Strand::none}, {"ring", 0, 301, seq::Strand::none}};
  regions.validation = {{"chr1", 130, 150, seq::Strand::none}};
  regions.test = {{"chr1", 150, 1000, seq::Strand::none}};
  const auto mean_of = [&](Gaps gaps, const Interval& region, std::vector<std::string>& notes) {
    const auto source = track_signal({.files = {file}, .gaps = gaps, .bin = 4}, genome->sizes(), regions, notes);
    return tiles(genome, {region}, source, 20)->get(0, Stream(0));
  };
  std::vector<std::string> missing, zero;
  const Bundle left_out = mean_of(Gaps::missing, {"chr1", 90, 110}, missing), counted = mean_of(Gaps::zero, {"chr1", 90, 110}, zero);
  EXPECT_TRUE(at::equal(left_out.at("profile")[0], at::tensor({0.F, 0.F, 0.5F, 3.5F, 7.5F}))) << "bin [98, 102): 0 and 1 were measured";
  EXPECT_TRUE(at::equal(left_out.at("profile.mask")[0], at::tensor({0, 0, 1, 1, 1}, at::kLong).ne(0)));
  EXPECT_TRUE(at::equal(counted.at("profile")[0], at::tensor({0.F, 0.F, 0.25F, 3.5F, 7.5F})));
  EXPECT_TRUE(counted.at("profile.mask").all().item<bool>());
  const auto translated = HasSubstr("gaps.bw: 1 name is translated, such as '1' to 'chr1'");
  EXPECT_THAT(missing, testing::ElementsAre(translated,
                                            HasSubstr("train: 30 of 431 bases have a value in gaps.bw (6.96 %); the others count as "
                                                      "not measured; where they are zeros set gaps = \"zero\""),
                                            HasSubstr("test: 10 of 850 bases have a value")));
  EXPECT_THAT(zero, testing::ElementsAre(
                        translated,
                        EndsWith("gaps.bw (6.96 %); the others count as 0, but for 301 bases of chromosomes that it lacks: not measured"),
                        EndsWith("gaps.bw (1.18 %); the others count as 0")));
  EXPECT_FALSE(mean_of(Gaps::zero, {"ring", 0, 20}, zero).at("profile.mask").any().item<bool>()) << "a bigWig without the ring";
  const auto text = testing_support::make_file("tracks", "gaps.bedGraph", "1\t100\t102\t6\n", testing::TempDir());
  const auto source = track_signal({.files = {text}, .gaps = Gaps::zero}, genome->sizes());
  const Bundle ring = tiles(genome, {{"ring", 0, 20}}, source, 20)->get(0, Stream(0));
  EXPECT_TRUE(ring.at("profile.mask").all().item<bool>()) << "a bedGraph names what has values";
  EXPECT_EQ(ring.at("profile").abs().sum().item<float>(), 0);
}

TEST_F(TrackTest, AnotherAssemblyIsRefused) {
  const auto genome = toy_genome();
  EXPECT_THAT(error_text([&] { track_signal({.files = {write("d.bw", 1, 999)}}, genome->sizes()); }),
              HasSubstr("1 has 999 bases there, but 1000 in toy.fa"));
  EXPECT_THAT(error_text([&] { track_signal({.files = {"x.bw"}, .paired = true}, genome->sizes()); }),
              HasSubstr("1 files cannot be pairs"));
}

// On a circle a window goes on over the origin; the bin that holds it belongs to nobody.
TEST(TrackSignal, BinsOverTheOriginOfACircle) {
  const auto genome = toy_genome();
  const auto path = std::filesystem::path(testing::TempDir()) / "basewise_data_ring.bw";
  io::BigWigWriter writer(path, {{"ring", 301}});
  std::vector<float> values(301);
  for (std::size_t i = 0; i < 301; ++i) values[i] = static_cast<float>(i);
  writer.add_run("ring", 0, values);
  writer.close();
  const auto at_bin = [&](std::int64_t bin, std::int64_t centre) {
    const auto source = track_signal({.files = {path}, .bin = bin, .statistic = BinStatistic::max}, genome->sizes());
    return examples(corpus::windows_around({{1, centre}}, genome->sizes(), {.length = 12}), {source})->get(0, Stream(0));
  };
  const Bundle single = at_bin(1, 2);  // 297 to 300, 0 to 7
  EXPECT_TRUE(at::equal(single.at("profile")[0],
                        at::tensor({297.F, 298.F, 299.F, 300.F, 0.F, 1.F, 2.F, 3.F, 4.F, 5.F, 6.F, 7.F})));
  EXPECT_TRUE(single.at("profile.mask").all().item<bool>());
  const Bundle even = at_bin(4, 2);
  EXPECT_TRUE(at::equal(even.at("profile")[0], at::tensor({300.F, 3.F, 7.F})));
  EXPECT_TRUE(even.at("profile.mask").all().item<bool>());
  const Bundle odd = at_bin(4, 0);  // 295 to 298, 299 to 1, 2 to 5
  EXPECT_TRUE(at::equal(odd.at("profile")[0], at::tensor({298.F, 0.F, 5.F})));
  EXPECT_TRUE(at::equal(odd.at("profile.mask")[0], at::tensor({1, 0, 1}, at::kLong).ne(0)));
}

TEST(TrackSignal, WindowsHoldWholeBins) {
  const auto genome = toy_genome();
  EXPECT_THAT(error_text([&] { tiles(genome, {{"chr1", 0, 100}}, track_signal({.bin = 3}, genome->sizes()), 20); }),
              HasSubstr("tiles of 20 bases do not hold a whole number of bins of 3 bases"));
}

}  // namespace
}  // namespace basewise::data
