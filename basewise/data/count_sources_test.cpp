#include "basewise/data/count_sources.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "basewise/data/detail/test_support.h"
#include "basewise/data/loader.h"
#include "basewise/data/sequence_source.h"
#include "basewise/data/views.h"
#include "basewise/io/bigwig.h"
#include "basewise/io/bigwig_writer.h"
#include "basewise/seq/reverse_complement.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::equal;
using testing_support::letters_of;
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
      const corpus::StrandedTrackOptions o{.plus = track(name + "_plus", "1", counts[k]),
                                           .minus = track(name + "_minus", "1", counts[k + 1])};
      return std::make_shared<const corpus::StrandedCounts>(o, genome->sizes());
    };
    target_ = open(0, "target"), control_ = open(2, "control"), replicate_ = open(4, "replicate");
  }

  DatasetPtr windows(std::int64_t jitter) const {
    const std::vector<corpus::Locus> loci{locus(300, 0, 1000), locus(41, 10, 105), locus(969, 0, 1000)};
    return examples(corpus::windows_around(loci, genome->sizes(), {.length = 61, .jitter = jitter}),
                    {sequence_of(genome, {.before = 12, .after = 12}), profile_counts(target_),
                     control_counts(control_, {1, 6, 13}), replicate_counts(replicate_)},
                    "around three places");
  }

  static corpus::Locus locus(std::int64_t centre, std::int64_t low, std::int64_t high) {
    return {0, centre, seq::Strand::none, corpus::Stretch{low, high}};
  }

  seq::GenomePtr genome = toy_genome();
  std::vector<Counts> counts;
  corpus::StrandedCountsPtr target_, control_, replicate_;
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
  EXPECT_EQ(set->schema().names(), (std::vector<std::string>{"sequence", "profile", "counts", "control_profile", "control_counts",
                                                            "replicate", "replicate_counts", "position", "chromosome"}));
  EXPECT_EQ(set->schema().of("profile", Role::replicate)->name, "replicate");
  EXPECT_EQ(set->schema().of("counts", Role::replicate)->name, "replicate_counts");
  EXPECT_THAT(set->summary(),
              HasSubstr("3 windows of 61 bases around three places; sequence of toy.fa with a context of 12 + 12 bases; profile: "
                        "counts of basewise_profile_target_plus.bw and basewise_profile_target_minus.bw; control: counts of"));
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
  corpus::smooth(values, window, out);
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
  const auto make = [&](const corpus::Locus& where, std::vector<SourcePtr> sources) {
    return error_text([&] { examples(corpus::windows_around({where}, genome->sizes(), {.length = 61}), std::move(sources)); });
  };
  EXPECT_THAT(make(locus(30, 1, 1000), {}), HasSubstr("the window [0, 61) around 30 of chr1 leaves [1, 1000)"));
  EXPECT_THAT(make({0, 300}, {profile_counts(target_)}), HasSubstr("'profile': counts need windows that never leave their chromosome"));
  EXPECT_THAT(make({0, 300}, {control_counts(control_, {1})}), HasSubstr("'control_profile': counts need windows"));
  EXPECT_THAT(error_text([&] { control_counts(control_, {0}); }), HasSubstr("control_windows holds 0"));
  EXPECT_THAT(error_text([&] { corpus::StrandedCounts({.plus = "a.bw"}, genome->sizes()); }), HasSubstr("the option 'minus' is missing"));
  EXPECT_TRUE(target_->has(0));
  EXPECT_FALSE(target_->has(1)) << "the tracks know nothing of the ring";
}

TEST(StrandedCounts, SeveralFilesOfAStrandAreAdded) {
  const auto genome = toy_genome();
  const Counts first = random_counts(1000, 71), second = random_counts(1000, 72), third = random_counts(1000, 73);
  const auto plus = track("first", "chr1", first), more = track("second", "1", second), minus = track("third", "chr1", third);
  const corpus::StrandedCounts counts({.plus = {plus, more}, .minus = minus}, genome->sizes());
  Counts forward(37), reverse(37);
  counts.read(0, 300, forward, reverse);
  for (std::int64_t i = 0; i < 37; ++i) {
    EXPECT_EQ(forward[static_cast<std::size_t>(i)], at_base(first, 300 + i) + at_base(second, 300 + i)) << i;
    EXPECT_EQ(reverse[static_cast<std::size_t>(i)], at_base(third, 300 + i)) << i;
  }
  EXPECT_EQ(counts.summary(), "basewise_profile_first.bw + basewise_profile_second.bw and basewise_profile_third.bw");
  EXPECT_THAT(counts.notes(), ElementsAre(HasSubstr("basewise_profile_second.bw: 1 name is translated")));
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
      error_text([&] { strict.read(0, 705, forward, reverse); }),
      HasSubstr("basewise_profile_negative.bw: -3 at base 707 of chr1 is no count; where the values of a strand are written as negative"));
  corpus::StrandedCounts({.plus = plus, .minus = minus, .absolute = true}, genome->sizes()).read(0, 705, forward, reverse);
  EXPECT_THAT(reverse, ElementsAre(0, 0, 3, 0, 0));
  EXPECT_THAT(forward, ElementsAre(2, 2, 2, 2, 2));
}

}  // namespace
}  // namespace basewise::data
