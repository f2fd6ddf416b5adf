#include "basewise/interpret/perturb.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/interpret/detail/test_probe.h"
#include "basewise/io/hdf5.h"
#include "basewise/io/npz.h"
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
    o.examples.fasta = folder_ / file;
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

TEST_F(Perturb, NumbersOfEachExampleBecomeArrays) {
  PerturbOptions o = options(Experiment::ablate, {"TGACTCA", "AAAAAAA"}, "with.fa");
  o.out = folder_ / "ablated";
  o.arrays = folder_ / "ablated.npz";
  const PerturbResult result = perturb_run(o);
  EXPECT_EQ(result.files.back(), o.arrays);
  const io::NpzFile file(o.arrays);
  const io::Array before = file.read("y_before"), after = file.read("y_after"), control = file.read("control");
  EXPECT_EQ(before.shape, (std::vector<std::int64_t>{31, 1}));
  EXPECT_EQ(after.shape, (std::vector<std::int64_t>{2, 31, 1}));
  double sum = 0;
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_NEAR(before.as<double>()[i], 1, 1e-5);
    sum += after.as<double>()[i];
  }
  EXPECT_NEAR(sum / 30, result.rows[0].y_after, 1e-12);
  // The last example holds no motif.
  EXPECT_NEAR(before.as<double>()[30], 0, 1e-5);
  EXPECT_TRUE(std::isnan(after.as<double>()[30]) && std::isnan(control.as<double>()[30]));

  o.arrays = folder_ / "ablated.h5";
  o.batch_size = 7;
  perturb_run(o);
  const io::H5File named(o.arrays);
  EXPECT_EQ(named.read_text("condition"), (std::vector<std::string>{"hits of TGACTCA", "hits of AAAAAAA"}));
  EXPECT_EQ(named.read_text("example")[30], "s30");
  const auto same = named.read<double>("control");
  for (std::size_t i = 0; i < same.size(); ++i)
    EXPECT_TRUE(same[i] == control.as<double>()[i] || (std::isnan(same[i]) && std::isnan(control.as<double>()[i]))) << i;
}

TEST_F(Perturb, FilesReplaceNothingThatIsRead) {
  PerturbOptions o = options(Experiment::marginalize, {"TGACTCA"});
  o.arrays = folder_ / "a.txt";
  EXPECT_THAT(error_text<ArgumentError>([&] { perturb_run(o); }), HasSubstr("a.txt'; its name must end in .npz or .h5"));
  o.arrays.clear();
  write_file(folder_ / "run" / "metrics.json", "{}");
  o.out = folder_ / "run" / "metrics";
  EXPECT_THAT(error_text<ArgumentError>([&] { perturb_run(o); }), HasSubstr("would replace the input that run names"));
  EXPECT_EQ(read_file(folder_ / "run" / "metrics.json"), "{}");
}

TEST_F(Perturb, OneFunctionTellsTheRows) {
  PerturbOptions o = options(Experiment::marginalize, {"TGACTCA"});
  o.out = folder_ / "m";
  const PerturbResult result = perturb_run(o);
  const auto document = read_json(folder_ / "m.json"), told = perturbation_json(result);
  for (const auto& [key, value] : told.items()) EXPECT_EQ(json_text(document.at(key)), json_text(value)) << key;
  EXPECT_EQ(told.at("rows").at(0).at("control").at("high").get<double>(), result.rows[0].control.high);
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
