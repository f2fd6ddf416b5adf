#include "basewise/interpret/filters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/interpret/detail/filter_layer.h"
#include "basewise/interpret/detail/test_probe.h"
#include "basewise/io/meme.h"
#include "basewise/io/tsv.h"

namespace basewise::interpret {
namespace {

using motifs::FilterState;
using ::testing::HasSubstr;

/// Filters 0 and 1 see TGACTCA and CCGG in the middle of seven bases, 2 is dead,
/// 3 sees what no sequence has but one.
class Filters : public testing::Probe {
 protected:
  void SetUp() override {
    Probe::SetUp();
    write_run({"TGACTCA", "NCCGGNN", "", "GGGGGGG"});
    std::vector<std::string> sequences;
    for (std::uint64_t i = 0; i < 40; ++i)
      sequences.push_back(testing::plain(testing::kLength, i, i % 2 == 0 ? "TGACTCA" : "CCGG", 11 + static_cast<int>(i % 7)));
    sequences.push_back(testing::plain(testing::kLength, 99, "GGGGGGG", 12));
    write_sequences("some.fa", sequences);
  }

  FilterRunOptions options(const std::string& out = "out") const {
    FilterRunOptions o;
    o.run = folder_ / "run";
    o.examples.fasta = folder_ / "some.fa";
    o.out = folder_ / out;
    return o;
  }
};

TEST_F(Filters, BecomeMotifs) {
  FilterRunOptions o = options();
  o.rules.window = 9;
  const FilterRunResult result = filter_run(o);
  EXPECT_EQ(result.layer, "conv");
  EXPECT_EQ(result.activation, "activation");
  EXPECT_EQ(result.reach, 7);
  EXPECT_EQ(result.sequences, 41);
  ASSERT_EQ(result.filters.size(), 4);
  EXPECT_THAT(motifs::consensus(result.filters[0].motif), HasSubstr("TGACTCA"));
  EXPECT_EQ(result.filters[0].sites, 20);
  EXPECT_THAT(motifs::consensus(result.filters[1].motif), HasSubstr("CCGG"));
  EXPECT_EQ(result.filters[2].state, FilterState::dead);
  EXPECT_EQ(result.filters[3].state, FilterState::few_sites);
  const auto written = io::read_meme(folder_ / "out" / "filters.meme").motifs;
  ASSERT_EQ(written.size(), 2);
  EXPECT_EQ(written[1].name, "filter1");
  EXPECT_EQ(written[0].nsites, 20);
  io::TsvReader table(folder_ / "out" / "filters.tsv", io::plain_table());
  std::vector<std::string> states;
  while (table.next()) states.emplace_back(table.text("state"));
  EXPECT_THAT(states, ::testing::ElementsAre("kept", "kept", "dead", "few_sites"));
  const auto document = read_json(folder_ / "out" / "filters.json");
  EXPECT_EQ(document["schema"], "basewise/filters/1");
  EXPECT_EQ(document["states"]["dead"], 1);
  EXPECT_THAT(fmt::format("{}", fmt::join(result.notes, "; ")), HasSubstr("1 of 4 filters are dead"));
}

TEST_F(Filters, DependOnNoBatch) {
  FilterRunOptions o = options("a");
  o.rules.preset = motifs::FilterPreset::deepcpg;
  o.rules.most = 13;
  const FilterRunResult whole = filter_run(o);
  o.out = folder_ / "b";
  o.batch_size = 3;
  const FilterRunResult pieces = filter_run(o);
  for (std::size_t f = 0; f < 4; ++f) {
    EXPECT_EQ(whole.filters[f].motif.rows, pieces.filters[f].motif.rows) << f;
    EXPECT_EQ(whole.filters[f].state, pieces.filters[f].state) << f;
    if (whole.filters[f].state != FilterState::dead) {
      EXPECT_EQ(whole.filters[f].threshold, pieces.filters[f].threshold) << f;
    }
    EXPECT_EQ(whole.filters[f].sites, pieces.filters[f].sites) << f;
  }
}

TEST_F(Filters, FindTheirBestMatch) {
  motifs::MotifMatrix near, far;
  near.name = "AP1";
  far.name = "other";
  for (const char c : std::string("TGACTCA")) near.rows.push_back(testing::certain(c));
  for (const char c : std::string("AATTTAAT")) far.rows.push_back(testing::certain(c));
  io::write_meme(folder_ / "known.meme", {far, near});
  FilterRunOptions o = options();
  o.motifs = (folder_ / "known.meme").string();
  filter_run(o);
  io::TsvReader table(folder_ / "out" / "filters.tsv", io::plain_table());
  ASSERT_TRUE(table.next());
  EXPECT_EQ(table.text("match"), "AP1");
  ASSERT_TRUE(table.next() && table.next());
  EXPECT_EQ(table.text("match"), "") << "dead";
}

TEST_F(Filters, PlacesOfDeeperLayersLieInTheMiddleOfWhatTheyRead) {
  const nn::ModelPtr model = nn::build_model(R"(format = 1
[inputs.sequence]
channels = 4
length = 64
[[layers]]
type = "conv"
filters = 3
width = 5
padding = "valid"
[[layers]]
type = "pool"
kind = "max"
width = 4
[[layers]]
type = "conv"
filters = 2
width = 3
padding = "valid"
[[heads]]
name = "logits"
[[heads.layers]]
type = "dense"
units = 1
)", "test", 1);
  const auto first = detail::filter_layer(*model, "", false);
  EXPECT_EQ(first.layer, "conv");
  EXPECT_EQ(first.activation, "conv") << "a pool is no function";
  EXPECT_EQ(first.start(10, 0), 10);
  EXPECT_EQ(first.start(10, 5), 10);
  const auto deep = detail::filter_layer(*model, "conv_2", false);
  EXPECT_EQ(deep.reach(), 16);
  EXPECT_EQ(deep.start(2, 0), 8);
  EXPECT_EQ(deep.start(2, 4), 2 + 4 + 8 + 1 - 2) << "the middle of the cell [14, 18)";
  EXPECT_THAT(error_text<ArgumentError>([&] { detail::filter_layer(*model, "layers.4", false); }), HasSubstr("no layer 'layers.4'"));
}

TEST_F(Filters, RefuseWhatIsThere) {
  filter_run(options());
  const auto message = [&](const FilterRunOptions& o) { return error_text<Error>([&] { filter_run(o); }); };
  EXPECT_THAT(message(options()), HasSubstr("holds motifs of filters; give another folder, or --overwrite"));
  FilterRunOptions o = options();
  o.overwrite = true;
  EXPECT_EQ(filter_run(o).filters.size(), 4);
  EXPECT_THAT(message(options("run")), HasSubstr("holds something else than motifs of filters"));
  EXPECT_THAT(message(options("")), HasSubstr("something else"));
  o.layer = "layers.7";
  EXPECT_THAT(message(o), HasSubstr("no layer 'layers.7'"));
}

}  // namespace
}  // namespace basewise::interpret
