#include "basewise/interpret/perturb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/json.h"
#include "basewise/interpret/detail/test_probe.h"
#include "basewise/io/tsv.h"

namespace basewise::interpret {
namespace {

using ::testing::HasSubstr;

/// A run that counts TGACTCA, sequences of A and T without it, and others with one.
class Perturb : public testing::Probe {
 protected:
  void SetUp() override {
    Probe::SetUp();
    write_run({"TGACTCA"});
    std::vector<std::string> without, with;
    for (std::uint64_t i = 0; i < 30; ++i) {
      without.push_back(testing::plain(testing::kLength, i, "", 0));
      with.push_back(testing::plain(testing::kLength, i, "TGACTCA", 3 + static_cast<int>(i % 20)));
    }
    with.push_back(without[0]);
    write_sequences("without.fa", without);
    write_sequences("with.fa", with);
  }

  PerturbOptions options(Experiment experiment, const std::vector<std::string>& motifs, const std::string& file = "without.fa") const {
    PerturbOptions o;
    o.run = folder_ / "run";
    o.fasta = folder_ / file;
    o.experiment = experiment;
    o.motifs = motifs;
    o.bootstrap.replicates = 200;
    return o;
  }
};

TEST_F(Perturb, AMotifCountsOnceAndItsShufflesHardlyEver) {
  PerturbOptions o = options(Experiment::marginalize, {"TGACTCA", "CCCCCCC"});
  o.out = folder_ / "out" / "m";
  const PerturbResult result = perturb_run(o);
  ASSERT_EQ(result.rows.size(), 2);
  EXPECT_EQ(result.outputs, std::vector<std::string>{"counts:0"});
  const PerturbRow& row = result.rows[0];
  EXPECT_EQ(row.condition, "TGACTCA");
  EXPECT_EQ(row.examples, 30);
  EXPECT_NEAR(row.y_before, 0, 1e-5);
  EXPECT_NEAR(row.difference.value, 1, 1e-5);
  EXPECT_NEAR(row.difference.low, 1, 1e-5);
  EXPECT_LT(row.control.value, 0.05);
  EXPECT_NEAR(result.rows[1].difference.value, 0, 1e-5);
  EXPECT_THAT(fmt::format("{}", fmt::join(result.notes, "; ")), HasSubstr("every order of the letters of 'CCCCCCC' is the same"));
  io::TsvReader table(folder_ / "out" / "m.tsv", io::plain_table());
  ASSERT_TRUE(table.next());
  EXPECT_NEAR(table.number("difference"), 1, 1e-5);
  EXPECT_EQ(read_json(folder_ / "out" / "m.json")["schema"], "basewise/perturb/1");
}

TEST_F(Perturb, HitsAreDestroyed) {
  const PerturbResult result = perturb_run(options(Experiment::ablate, {"TGACTCA"}, "with.fa"));
  ASSERT_EQ(result.rows.size(), 1);
  const PerturbRow& row = result.rows[0];
  EXPECT_EQ(row.examples, 30);
  EXPECT_EQ(result.examples, 31);
  EXPECT_NEAR(row.y_before, 1, 1e-5);
  EXPECT_LT(row.y_after, 0.05);
  EXPECT_NEAR(row.control.value, 0, 1e-5);
  EXPECT_THAT(fmt::format("{}", fmt::join(result.notes, "; ")), HasSubstr("1 of 31 examples have none"));
}

TEST_F(Perturb, PairsCountByOrientation) {
  PerturbOptions o = options(Experiment::space, {"TGACTCA", "TGACTCA"});
  o.distances = {0, 5};
  o.background = Background::given;
  const PerturbResult result = perturb_run(o);
  ASSERT_EQ(result.rows.size(), 8);
  const std::vector<double> expected = {2, 1, 1, 0};
  for (std::size_t i = 0; i < 8; ++i) EXPECT_NEAR(result.rows[i].difference.value, expected[i % 4], 1e-5) << i;
  EXPECT_EQ(result.rows[4].distance, 5);
}

TEST_F(Perturb, ProductsAddUp) {
  PerturbOptions o = options(Experiment::product, {"TGACTCA", "CCCC", "TGACTCA"});
  o.distances = {1};
  const PerturbResult result = perturb_run(o);
  ASSERT_EQ(result.rows.size(), 7);
  const std::vector<double> expected = {1, 0, 1, 1, 2, 1, 2};
  for (std::size_t i = 0; i < 7; ++i) EXPECT_NEAR(result.rows[i].difference.value, expected[i], 1e-5) << result.rows[i].condition;
}

TEST_F(Perturb, DependsOnNoBatch) {
  PerturbOptions o = options(Experiment::ablate, {"TGACTCA"}, "with.fa");
  o.targets = {"2*counts"};
  o.shuffles = 4;
  const PerturbResult whole = perturb_run(o);
  o.batch_size = 3;
  const PerturbResult pieces = perturb_run(o);
  EXPECT_EQ(whole.rows[0].output, "2*counts");
  EXPECT_NEAR(whole.rows[0].y_before, 2, 1e-5);
  EXPECT_EQ(whole.rows[0].y_after, pieces.rows[0].y_after);
  EXPECT_EQ(whole.rows[0].control.value, pieces.rows[0].control.value);
  EXPECT_EQ(whole.rows[0].difference.low, pieces.rows[0].difference.low);
}

TEST_F(Perturb, SaysWhatDoesNotFit) {
  PerturbOptions o = options(Experiment::marginalize, {"CTCF"});
  EXPECT_THAT(error_text<ArgumentError>([&] { perturb_run(o); }), HasSubstr("motif 'CTCF' is neither letters"));
  o.motifs = {"TGA"};
  o.position = 36;
  EXPECT_THAT(error_text<ArgumentError>([&] { perturb_run(o); }), HasSubstr("would lie at [36, 39)"));
}

}  // namespace
}  // namespace basewise::interpret
