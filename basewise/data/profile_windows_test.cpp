#include "basewise/data/profile_windows.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "basewise/data/build.h"
#include "basewise/data/detail/test_support.h"
#include "basewise/data/loader.h"
#include "basewise/data/views.h"
#include "basewise/io/bigwig.h"
#include "basewise/io/bigwig_writer.h"
#include "basewise/seq/reverse_complement.h"

namespace basewise::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::equal;
using testing_support::letters_of;
using testing_support::message_of;
using testing_support::random_letters;
using testing_support::toy_genome;

using Counts = std::vector<float>;

// Counts of 0 to 5 with gaps, other ones for each key.
Counts random_counts(std::size_t length, std::uint64_t key) {
  Stream stream(key);
  Counts counts(length);
  for (float& value : counts) value = stream.bernoulli(0.3) ? io::kMissing : static_cast<float>(stream.below(6));
  return counts;
}

std::filesystem::path track(const std::string& name, const std::string& chrom, const Counts& values) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / ("basewise_profile_" + name + ".bw");
  io::BigWigWriter writer(path, {{chrom, static_cast<std::int64_t>(values.size())}});
  writer.add_run(chrom, 0, values);
  writer.close();
  return path;
}

float at_base(const Counts& counts, std::int64_t base) {
  const float value = counts[static_cast<std::size_t>(base)];
  return std::isnan(value) ? 0 : value;
}

// The chromosome of 1,000 bases is named otherwise in the tracks.
class ProfileWindows : public testing::Test {
 protected:
  ProfileWindows() {
    for (std::size_t k = 0; k < 6; ++k) counts.push_back(random_counts(1000, 10 + k));
    const auto open = [&](std::size_t k, const std::string& name) {
      const corpus::StrandedTrackOptions o{.plus = track(name + "_plus", "1", counts[k]), .minus = track(name + "_minus", "1", counts[k + 1])};
      return std::make_shared<const corpus::StrandedCounts>(o, genome->sizes());
    };
    tracks = {open(0, "target"), open(2, "control"), open(4, "replicate")};
  }

  DatasetPtr windows(std::int64_t jitter) const {
    return profile_windows(genome, {{0, 300, 0, 1000}, {0, 41, 10, 105}, {0, 969, 0, 1000}}, tracks,
                           {.input = 85, .output = 61, .jitter = jitter, .control_windows = {1, 6, 13}}, "three places");
  }

  seq::GenomePtr genome = toy_genome();
  std::vector<Counts> counts;
  ProfileTracks tracks;
};

TEST_F(ProfileWindows, HoldWhatTheFilesSay) {
  const DatasetPtr set = windows(0);
  ASSERT_EQ(set->size(), 3);
  for (const auto& [i, start] : {std::pair(0, 270), {1, 11}, {2, 939}}) {
    const Bundle example = set->get(i, Stream(5));
    EXPECT_EQ(example.at("position").item<std::int64_t>(), start);
    EXPECT_EQ(example.at("chromosome").item<std::int64_t>(), 0);
    EXPECT_EQ(letters_of(example.at("sequence")), genome->letters({"chr1", start - 12, start + 73, seq::Strand::none}, seq::Edges::pad));
    for (const auto& [name, first] : {std::pair("profile", 0U), {"replicate", 4U}})
      for (std::int64_t s = 0; s < 2; ++s) {
        float sum = 0;
        for (std::int64_t l = 0; l < 61; ++l) {
          const float expected = at_base(counts[first + static_cast<std::size_t>(s)], start + l);
          EXPECT_EQ(example.at(name)[s][l].item<float>(), expected) << name << s << " " << l;
          sum += expected;
        }
        const std::string numbers = std::string(name) == "profile" ? "counts" : "replicate_counts";
        EXPECT_FLOAT_EQ(example.at(numbers)[s].item<float>(), std::log1p(sum));
      }
    float control = 0;
    for (std::int64_t l = 0; l < 61; ++l) {
      const float both = at_base(counts[2], start + l) + at_base(counts[3], start + l);
      EXPECT_EQ(example.at("control_profile")[0][l].item<float>(), both);
      control += both;
    }
    EXPECT_FLOAT_EQ(example.at("control_counts")[0].item<float>(), std::log1p(control));
    EXPECT_EQ(example.at("control_profile").sizes(), (std::vector<std::int64_t>{3, 61}));
  }
  EXPECT_THAT(set->summary(), HasSubstr("3 windows of 85 bases of toy.fa, counts of basewise_profile_target_plus.bw and "
                                        "basewise_profile_target_minus.bw at the middle 61: three places; control"));
}

TEST_F(ProfileWindows, AveragesOfTheControlGoOnWithTheLastValue) {
  const Bundle example = windows(0)->get(0, Stream(5));
  const at::Tensor control = example.at("control_profile");
  for (std::int64_t l = 0; l < 61; ++l) {
    float six = 0;  // two before, three behind
    for (std::int64_t k = l - 2; k <= l + 3; ++k) six += control[0][std::clamp<std::int64_t>(k, 0, 60)].item<float>();
    EXPECT_FLOAT_EQ(control[1][l].item<float>(), six / 6);
  }
}

RC_GTEST_PROP(Smooth, IsTheMeanOfTheWindow, ()) {
  const auto drawn = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 50)));
  const Counts values(drawn.begin(), drawn.end());
  const auto window = *rc::gen::inRange<std::int64_t>(1, 70);
  Counts out(values.size());
  smooth(values, window, out);
  const auto n = std::ssize(values);
  for (std::int64_t i = 0; i < n; ++i) {
    double sum = 0;
    for (std::int64_t k = 0; k < window; ++k)
      sum += values[static_cast<std::size_t>(std::clamp<std::int64_t>(i - (window - 1) / 2 + k, 0, n - 1))];
    RC_ASSERT(out[static_cast<std::size_t>(i)] == static_cast<float>(sum / static_cast<double>(window)));
  }
}

TEST_F(ProfileWindows, MoveAllTensorsByOneShiftAndStayInside) {
  const DatasetPtr set = windows(20);
  std::set<std::int64_t> starts;
  for (std::uint64_t k = 0; k < 600; ++k) {
    const Bundle example = set->get(0, Stream(k));
    const auto start = example.at("position").item<std::int64_t>();
    starts.insert(start);
    EXPECT_EQ(letters_of(example.at("sequence")), genome->letters({"chr1", start - 12, start + 73, seq::Strand::none}));
    EXPECT_EQ(example.at("profile")[1][17].item<float>(), at_base(counts[1], start + 17));
    EXPECT_EQ(example.at("replicate")[0][60].item<float>(), at_base(counts[4], start + 60));
    const auto edge = set->get(1, Stream(k)).at("position").item<std::int64_t>();
    EXPECT_TRUE(edge >= 10 && edge <= 44) << "the window of 61 bases stays in [10, 105)";
    EXPECT_LE(set->get(2, Stream(k)).at("position").item<std::int64_t>(), 939);
  }
  EXPECT_EQ(starts.size(), 41U);
  EXPECT_EQ(*starts.begin(), 250);
  EXPECT_EQ(*starts.rbegin(), 290);
}

TEST_F(ProfileWindows, SeenFromTheOtherStrand) {
  const DatasetPtr set = windows(0);
  const DatasetPtr turned = reverse_complement(set, 1);
  const Bundle a = set->get(0, Stream(5));
  const Bundle b = turned->get(0, Stream(5));
  EXPECT_EQ(letters_of(b.at("sequence")), seq::reverse_complement(letters_of(a.at("sequence"))));
  for (const char* name : {"profile", "replicate"}) EXPECT_TRUE(at::equal(b.at(name), a.at(name).flip({0, 1}))) << name;
  for (const char* name : {"counts", "replicate_counts"}) EXPECT_TRUE(at::equal(b.at(name), a.at(name).flip({0}))) << name;
  EXPECT_TRUE(at::equal(b.at("control_profile"), a.at("control_profile").flip({1})));
  EXPECT_TRUE(at::equal(b.at("control_counts"), a.at("control_counts")));
  EXPECT_TRUE(equal(reverse_complement(b, *set), a));
}

TEST_F(ProfileWindows, BatchesDoNotDependOnWorkers) {
  const auto batches = [&](std::int64_t workers) {
    Loader loader(reverse_complement(windows(20), 0.5), {.batch_size = 2, .workers = workers, .seed = 4});
    std::vector<Bundle> all;
    for (std::int64_t epoch = 0; epoch < 2; ++epoch) {
      loader.start(epoch);
      while (auto batch = loader.next()) all.push_back(*batch);
    }
    return all;
  };
  const auto alone = batches(0);
  ASSERT_EQ(alone.size(), 4U);
  EXPECT_FALSE(equal(alone[0], alone[2])) << "drawn anew in each epoch";
  for (const std::int64_t workers : {1, 8}) {
    const auto many = batches(workers);
    ASSERT_EQ(many.size(), alone.size());
    for (std::size_t k = 0; k < many.size(); ++k) EXPECT_TRUE(equal(many[k], alone[k]));
  }
}

TEST_F(ProfileWindows, ErrorsSayWhatDoesNotFit) {
  const auto make = [&](const ProfilePlace& place, const ProfileWindowOptions& o) {
    return message_of([&] { profile_windows(genome, {place}, tracks, o, ""); });
  };
  EXPECT_THAT(make({0, 300, 0, 1000}, {.input = 80, .output = 61}), HasSubstr("61 bases with counts do not stand in the middle of 80"));
  EXPECT_THAT(make({0, 30, 1, 1000}, {.input = 85, .output = 61}), HasSubstr("the window [0, 61) around 30 of chr1 leaves [1, 1000)"));
  EXPECT_THAT(make({0, 300, 0, 1000}, {.input = 85, .output = 61, .control_windows = {0}}), HasSubstr("control_windows holds 0"));
  EXPECT_THAT(message_of([&] { corpus::StrandedCounts({.plus = "a.bw"}, genome->sizes()); }), HasSubstr("the option 'minus' is missing"));
  EXPECT_TRUE(tracks.target->has(0));
  EXPECT_FALSE(tracks.target->has(1)) << "the tracks know nothing of the ring";
}

TEST(StrandedCounts, NegativeValuesAreAskedFor) {
  const auto genome = toy_genome();
  Counts negative(1000, 0);
  negative[707] = -3;
  const auto minus = track("negative", "chr1", negative);
  const auto plus = track("positive", "chr1", Counts(1000, 2));
  Counts forward(5);
  Counts reverse(5);
  const corpus::StrandedCounts strict({.plus = plus, .minus = minus}, genome->sizes());
  EXPECT_THAT(
      message_of([&] { strict.read(0, 705, forward, reverse); }),
      HasSubstr("basewise_profile_negative.bw: -3 at base 707 of chr1 is no count; where the values of a strand are written as negative"));
  corpus::StrandedCounts({.plus = plus, .minus = minus, .absolute = true}, genome->sizes()).read(0, 705, forward, reverse);
  EXPECT_THAT(reverse, ElementsAre(0, 0, 3, 0, 0));
  EXPECT_THAT(forward, ElementsAre(2, 2, 2, 2, 2));
}

// A genome of two chromosomes under one name in FASTA, another in BED and tracks.
class ProfileBuild : public testing::Test {
 protected:
  ProfileBuild() {
    const auto file = [](const std::string& name, const std::string& text) {
      return testing_support::make_file("profile", name, text, testing::TempDir()).string();
    };
    const std::string fasta = file("g.fa", ">I\n" + random_letters(3000, 1) + "\n>II\n" + random_letters(2000, 2) + "\n");
    Counts plus(3000, 0);
    Counts minus(3000, 0);
    for (std::size_t at = 100; at < 3000; at += 200) plus[at] = 9;
    for (std::size_t at = 110; at < 3000; at += 400) minus[at] = 12;
    const std::string bed =
        file("sites.bed", "chrI\t1000\t1001\nchrI\t1480\t1481\nchrI\t2000\t2001\nchrI\t20\t21\nII\t700\t701\nchrI\t1000\t1001\n");
    toml = format(
        "kind = \"profile\"\ngenome.fasta = \"{}\"\ngenome.sites.file = \"{}\"\nprofile.target.plus = \"{}\"\nprofile.target.minus = "
        "\"{}\"\n"
        "profile.input = 120\nprofile.output = 100\nsplit.by = \"ranges\"\n"
        "split.validation_ranges = [{{chromosome = \"I\", start = 1500, end = 1900}}]\n"
        "split.test_ranges = [{{chromosome = \"I\", start = 1900}}]\n",
        fasta, bed, track("build_plus", "chrI", plus).string(), track("build_minus", "chrI", minus).string());
  }
  DataSplits build(const std::string& more) const {
    DataOptions options;
    read_toml(described(options), toml + more, "recipe.toml");
    return build_data(options, 1);
  }
  std::string toml;
};

TEST_F(ProfileBuild, WindowsAroundSitesUnderOtherNames) {
  const DataSplits splits = build("augment.jitter = 30\n");
  EXPECT_EQ(splits.train->size(), 1) << "1480 reaches into the validation range";
  EXPECT_EQ(splits.validation->size(), 0);
  EXPECT_EQ(splits.test->size(), 1);
  EXPECT_EQ(splits.target, "profile");
  EXPECT_TRUE(splits.per_base);
  EXPECT_EQ(splits.inputs.size(), 4U);
  EXPECT_THAT(splits.notes, ElementsAre(HasSubstr("5 sites"), "1 windows were left out: they leave their chromosome",
                                        "1 windows were left out: a track lacks their chromosome",
                                        "1 windows lie across a border between sets and were left out"));
  EXPECT_TRUE(equal(splits.test->get(0, Stream(1)), splits.test->get(0, Stream(2))));
  EXPECT_FALSE(equal(splits.train->get(0, Stream(1)), splits.train->get(0, Stream(2))));
  EXPECT_EQ(splits.test->get(0, Stream(1)).at("position").item<std::int64_t>(), 1950);
}

TEST_F(ProfileBuild, WindowsAroundSignal) {
  const DataSplits splits =
      build("profile.centres = \"signal\"\nprofile.clusters = {min_count = 9, distance = 20}\ncheck_duplicates = false\n");
  // One place in 200 bases from 100 on: 100 to 1300 train; 1700 validates; 2100 to 2900 test; 1500 and 1900 lie across.
  EXPECT_EQ(splits.train->size(), 7);
  EXPECT_EQ(splits.validation->size(), 1);
  EXPECT_EQ(splits.test->size(), 5);
  EXPECT_EQ(splits.train->get(0, Stream(0)).at("position").item<std::int64_t>(), 60) << "12 reads at 110 are more than 9 at 100";
  EXPECT_EQ(splits.train->get(1, Stream(0)).at("position").item<std::int64_t>(), 250);
  EXPECT_THAT(splits.notes, ElementsAre("15 places with many reads", "2 windows lie across a border between sets and were left out"));
  EXPECT_EQ(build("profile.centres = \"signal\"\nprofile.min_reads = 20\ncheck_duplicates = false\n").train->size(), 4);
}

TEST_F(ProfileBuild, CentresAreScatteredOnceInAllSets) {
  const std::string signal = "profile.centres = \"signal\"\nprofile.clusters = {min_count = 9, distance = 20}\ncheck_duplicates = false\n";
  const DataSplits still = build(signal);
  const DataSplits moved = build(signal + "profile.scatter = 30\n");
  std::set<std::int64_t> shifts;
  // Sets differ where a window crosses a border now; those of the test set start far from any.
  ASSERT_GE(moved.test->size(), 4);
  for (std::int64_t i = 1; i <= 3; ++i) {
    const auto last = [&](const DataSplits& splits) {
      return splits.test->get(splits.test->size() - i, Stream(7)).at("position").item<std::int64_t>();
    };
    shifts.insert(last(moved) - last(still));
    EXPECT_EQ(last(moved), last(build(signal + "profile.scatter = 30\n")));
  }
  EXPECT_EQ(shifts.size(), 3U);
  EXPECT_GE(*shifts.begin(), -30);
  EXPECT_LE(*shifts.rbegin(), 30);
}

TEST_F(ProfileBuild, ErrorsNameTheOption) {
  EXPECT_THAT(message_of([&] { build("negatives.kind = \"random\"\n"); }), HasSubstr("windows with counts at every base have none"));
  EXPECT_THAT(message_of([&] { build("train_label_noise = 0.1\n"); }), HasSubstr("windows of a genome have none of it"));
  DataOptions options;
  read_toml(described(options), toml, "recipe.toml");
  options.genome.sites.file.clear();
  EXPECT_THAT(message_of([&] { build_data(options, 1); }), HasSubstr("centres = \"sites\" needs genome.sites.file"));
  options.profile.control.plus = options.profile.target.plus;
  EXPECT_THAT(message_of([&] { build_data(options, 1); }), HasSubstr("profile.control: the option 'minus' is missing"));
  options.genome.tracks.files = {"a.bw"};
  EXPECT_THAT(message_of([&] { build_data(options, 1); }), HasSubstr("genome.tracks: profiles read profile.target"));
}

}  // namespace
}  // namespace basewise::data
