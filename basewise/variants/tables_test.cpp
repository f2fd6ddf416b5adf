// Tables, HDF5 and the means of several runs.
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/hdf5.h"
#include "basewise/variants/detail/test_variants.h"

namespace basewise::variants {
namespace {

using metrics::VariantScore;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class VariantTables : public testing::VariantTest {
 protected:
  /// A profile of one strand and its counts, as log(1 + count).
  void make_profile_run() {
    const std::string text =
        format("format = 1\n[inputs.sequence]\nchannels = 4\nlength = {}\n", testing::kLength) +
        layer_text("conv", "filters = 6\nwidth = 5") + layer_text("activation", "kind = \"relu\"") +
        head_text("profile", "strands = \"mirrored\"\n" + layer_text("conv", "filters = 1\nwidth = 1", "heads.layers")) +
        head_text("counts", layer_text("pool", "kind = \"mean\"\nglobal = true", "heads.layers") +
                                layer_text("dense", "units = 1", "heads.layers") +
                                layer_text("activation", "kind = \"softplus\"", "heads.layers"));
    run_.model = nn::build_model(text, "test", 3);
    shake(*run_.model, 0.4);
    run_.model->eval();
    run_.forms = {{"profile", infer::OutputForm::softmax_positions}};
  }

  /// The run with other weights.
  run::OpenRun another(const std::string& name) {
    run::OpenRun other = run_;
    other.model = testing::small_model();
    shake(*other.model, 0.1);
    other.model->eval();
    other.folder = folder_ / name / run_.folder.filename();
    return other;
  }
};

TEST_F(VariantTables, Hdf5HasTheNamesOfBasenji) {
  VariantOptions o = options(rows() + row(60, 1, "<DEL>"));
  o.scores = {VariantScore::log_sed, VariantScore::d2};
  o.hdf5 = folder_ / "scores.h5";
  const VariantResult result = score(o);
  EXPECT_EQ(result.files.front(), o.hdf5);
  const auto found = table(o.tsv);
  const io::H5File file(o.hdf5);
  EXPECT_THAT(file.read_text("target_ids"),
              ElementsAre("rates:0", "rates:1", "rates:2", "tracks:0", "tracks:1", "tracks:2", "tracks:3", "tracks:4"));
  EXPECT_EQ(file.read_text("target_labels"), file.read_text("target_ids"));
  EXPECT_EQ(file.read_text("snp"), found.at("id"));
  EXPECT_EQ(file.read_text("chr"), found.at("chrom"));
  EXPECT_EQ(file.read_text("ref_allele"), found.at("ref"));
  EXPECT_EQ(file.read_text("alt_allele"), found.at("alt"));
  for (const std::string score : {"logSED", "D2"}) {
    const io::H5Info info = file.info(score);
    EXPECT_THAT(info.shape, ElementsAre(11, 8));
    EXPECT_EQ(info.dtype, io::DType::f32);
    const std::vector<float> values = file.read<float>(score);
    for (std::size_t i = 0; i < 11; ++i)
      for (std::size_t t = 0; t < 8; ++t) {
        const std::string& text = found.at(format("{}:{}", score, file.read_text("target_ids")[t]))[i];
        if (text == "nan") {
          EXPECT_TRUE(std::isnan(values[i * 8 + t]));
        } else {
          EXPECT_EQ(values[i * 8 + t], static_cast<float>(std::stod(text))) << score << i << t;
        }
      }
  }
  std::vector<std::string> positions;
  for (const std::int64_t pos : file.read<std::int64_t>("pos")) positions.push_back(std::to_string(pos));
  EXPECT_EQ(positions, found.at("pos"));
}

TEST_F(VariantTables, VariantScorerHasItsColumns) {
  make_profile_run();
  VariantOptions o = options(rows() + row(60, 1, "<DEL>"));
  o.scores = {VariantScore::ref, VariantScore::alt, VariantScore::logfc, VariantScore::jsd};
  score(o);
  const auto ours = table(o.tsv);
  o.scores = {};
  o.table = VariantTable::variant_scorer;
  score(o);
  io::TsvReader reader(o.tsv, io::plain_table());
  EXPECT_THAT(reader.columns(), ElementsAre("chr", "pos", "allele1", "allele2", "variant_id", "allele1_pred_counts", "allele2_pred_counts",
                                            "logfc", "abs_logfc", "jsd", "logfc_x_jsd", "abs_logfc_x_jsd"));
  const auto theirs = table(o.tsv);
  EXPECT_EQ(theirs.at("pos"), ours.at("pos"));
  EXPECT_EQ(theirs.at("allele1_pred_counts"), ours.at("REF:counts"));
  EXPECT_EQ(theirs.at("logfc"), ours.at("logfc:counts"));
  EXPECT_EQ(theirs.at("jsd"), ours.at("jsd:profile"));
  for (std::size_t i = 0; i < 10; ++i) {
    const double logfc = std::stod(ours.at("logfc:counts")[i]), jsd = std::stod(ours.at("jsd:profile")[i]);
    EXPECT_NEAR(std::stod(theirs.at("abs_logfc_x_jsd")[i]), std::abs(logfc) * jsd, 1e-5 * std::abs(logfc * jsd));
    const double first = std::stod(theirs.at("allele1_pred_counts")[i]), second = std::stod(theirs.at("allele2_pred_counts")[i]);
    EXPECT_NEAR(second + 1, (first + 1) * std::exp2(logfc), 1e-3);
  }
  EXPECT_EQ(theirs.at("logfc")[10], "nan");
}

TEST_F(VariantTables, VariantScorerNeedsOneTrack) {
  VariantOptions o = options(rows());
  o.table = VariantTable::variant_scorer;
  EXPECT_THAT(error_text([&] { score(o); }), HasSubstr("one track of counts and one profile; of REF there are 8 (REF:rates:0, "));
  make_profile_run();
  o.scores = {VariantScore::logfc};
  EXPECT_THAT(error_text([&] { score(o); }), HasSubstr("of REF there are 0: choose them (outputs, tracks)"));
}

TEST_F(VariantTables, ScoresOfSeveralRunsAreAveraged) {
  VariantOptions o = options(rows() + row(60, 1, "<DEL>"));
  o.scores = {VariantScore::sad, VariantScore::d1};
  o.outputs = {"rates"};
  const std::vector<run::OpenRun> runs = {run_, another("second"), another("third")};
  std::vector<std::map<std::string, std::vector<std::string>>> each;
  for (const run::OpenRun& one : runs) {
    score_variants(std::vector<run::OpenRun>{one}, o);
    each.push_back(table(o.tsv));
  }
  const VariantResult result = score_variants(runs, o);
  EXPECT_EQ(result.fields.size(), 6u);
  const auto found = table(o.tsv);
  EXPECT_EQ(found.size(), 6u + 4 * 6);
  for (const std::string& field : result.fields)
    for (std::size_t i = 0; i < 10; ++i) {
      double mean = 0;
      for (const auto& one : each) mean += std::stod(one.at(field)[i]) / 3;
      EXPECT_NEAR(std::stod(found.at(field)[i]), mean, 2e-6 + 1e-5 * std::abs(mean)) << field << i;
      EXPECT_EQ(found.at(field + "@run")[i], each[0].at(field)[i]);
      EXPECT_EQ(found.at(field + "@run_2")[i], each[1].at(field)[i]);
      EXPECT_EQ(found.at(field + "@run_3")[i], each[2].at(field)[i]);
    }
  EXPECT_THAT(read_file(o.out), HasSubstr("(run, run_2, run_3, genome g.fa). Format: ALLELE|STATUS|SAD:rates:0|SAD:rates:1|SAD:rates:2|"));
  EXPECT_THAT(read_file(o.out), HasSubstr("<DEL>|symbolic|.|.|.|.|.|.\n"));
}

TEST_F(VariantTables, RunsThatDifferAreRefused) {
  VariantOptions o = options(rows());
  const std::vector<run::OpenRun> runs = {run_, another("second")};
  make_profile_run();
  EXPECT_THAT(error_text([&] {
                score_variants(std::vector<run::OpenRun>{runs[0], run_}, o);
              }),
              HasSubstr("runs whose scores are averaged have the same tracks: "));
  EXPECT_THAT(error_text([&] { score_variants(std::vector<run::OpenRun>{}, o); }), HasSubstr("variants needs a run"));
}

}  // namespace
}  // namespace basewise::variants
