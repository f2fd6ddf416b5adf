#include "basewise/prepare/methylation_stats.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::prepare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsNan;
using testing_files::Folder;

TEST(MethylationBaselines, OfTheNeighboursOfASite) {
  // Cell a around 100: 20 and 5 bases to the left, 5, 10 and 40 to the right. Cell b has 100
  // itself.
  const Folder folder;
  const auto a = folder.file("a.tsv", "1\t80\t1\n1\t95\t0\n1\t105\t0.5\n1\t110\t1\n1\t140\t1\n"), b = folder.file("b.tsv", "1\t100\t1\n");
  const MethylationData data = read_methylation({.calls = {a, b}});
  const auto sites = measured_sites(data.table);
  const methylation::Neighbours neighbours(data.table, sites, 3);
  const std::vector<std::int64_t> row = {2};
  const auto score = [&](MethylationBaseline baseline, std::size_t cell) {
    return neighbour_scores(baseline, neighbours, cell, row).front();
  };
  EXPECT_EQ(score(MethylationBaseline::nearest, 0), 0);
  EXPECT_FLOAT_EQ(score(MethylationBaseline::mean, 0), 0.7F);
  // Weights 1/20, 1/5, 1/5, 1/10, 1/40: 0.05 + 0 + 0.1 + 0.1 + 0.025 of 0.575.
  EXPECT_FLOAT_EQ(score(MethylationBaseline::weighted, 0), 0.275F / 0.575F);
  EXPECT_THAT(score(MethylationBaseline::mean, 1), IsNan());
  EXPECT_THAT(error_text<ArgumentError>([&] { score(MethylationBaseline::bulk, 0); }), HasSubstr("no neighbours"));
}

TEST(MethylationBaselines, SitesWithoutAScoreAreLeftOut) {
  const float none = std::nanf("");
  const BaselineResult result = baseline_auc(std::vector<float>{0.9F, none, 0.2F, 0.2F}, std::vector<float>{1, 0, 0.4F, 0.6F});
  EXPECT_EQ(result.sites, 3);
  EXPECT_EQ(result.auc.value, 0.75);
}

TEST(MethylationStats, OfASmallSet) {
  const Folder folder;
  MethylationStatsOptions options;
  options.inputs.calls = {folder.file("a.cov", "1\t10\t10\t100\t4\t0\n1\t20\t20\t0\t0\t2\n2\t5\t5\t50\t1\t1\n"),
                          folder.file("b.tsv", "1\t10\t0\n1\t40\t1\n")};
  options.annotations = {folder.file("CGI.bed", "1\t0\t15\n1\t30\t50\n")};
  options.baselines = true;
  options.bulk = folder.file("bulk.tsv", "chr1\t10\t0.75\nchr1\t20\t0.25\n");
  options.out = folder.path() / "stats.tsv";
  const MethylationStatsResult result = methylation_stats(options);
  EXPECT_EQ(result.sites, 4);
  EXPECT_EQ(result.in_two, 1);
  ASSERT_EQ(result.rows.size(), 4U);
  const MethylationRow &a = result.rows[0], &a_inside = result.rows[1], &b = result.rows[2];
  EXPECT_EQ(a.sites, 3);
  EXPECT_EQ(a.all, 4);
  EXPECT_DOUBLE_EQ(a.mean, 0.5);
  EXPECT_DOUBLE_EQ(a.variance, 0.5 / 3);
  EXPECT_DOUBLE_EQ(a.reads_per_site, 8.0 / 3);
  EXPECT_EQ(a_inside.annotation, "CGI");
  EXPECT_EQ(a_inside.sites, 1);
  EXPECT_EQ(a_inside.all, 2);
  EXPECT_EQ(b.sites, 2);
  EXPECT_THAT(b.reads_per_site, IsNan());
  EXPECT_EQ(a.baselines[0].result.auc.value, 0);  // of two sites, each guessed from the other
  EXPECT_EQ(a.baselines[0].result.sites, 2);
  EXPECT_EQ(a.baselines[3].baseline, MethylationBaseline::bulk);
  EXPECT_EQ(a.baselines[3].result.auc.value, 1);
  EXPECT_FALSE(a_inside.baselines[1].result.auc.defined());
  EXPECT_THAT(read_file(options.out), HasSubstr("cell\tannotation\tsites\tobserved\tmean\tvariance\treads_per_site\tnearest_sites\tnearest_"
                                                "auc\tmean_sites\tmean_auc\tweighted_sites\t"
                                                "weighted_auc\tbulk_sites\tbulk_auc\na\t\t3\t0.75\t0.5\t0.166667\t2."
                                                "66667\t2\t0\t2\t0\t2\t0\t2\t1\na\tCGI\t1\t0.5\t1\t0\t\t1\t\t"));
  options.baselines = false;
  EXPECT_THAT(error_text<ArgumentError>([&] { methylation_stats(options); }), HasSubstr("bulk is a baseline"));
}

/// AUC of one baseline in the row of all sites of a cell.
double auc(const MethylationStatsResult& result, std::size_t row, MethylationBaseline baseline) {
  for (const BaselineOf& b : result.rows[row].baselines)
    if (b.baseline == baseline) return b.result.auc.value;
  return -1;
}

// Measured with other programs on the same files when the specification was written.
TEST(MethylationStats, BaselinesOfTwoSerumCells) {
  const auto data = testing_files::shared_data("deepcpg");
  if (!data) GTEST_SKIP() << "deepcpg is not in BASEWISE_DATA or ../shared/data";
  MethylationStatsOptions options;
  options.inputs.calls = {*data / "cpg_profiles/BS27_4_SER.bed.gz", *data / "cpg_profiles/BS28_2_SER.bed.gz"};
  options.bulk = *data / "cpg_files_bulk/BS9N_SER.bed.gz";
  options.baselines = true;
  const MethylationStatsResult all = methylation_stats(options);
  EXPECT_EQ(all.sites, 17'023);
  EXPECT_EQ(all.in_two, 2977);
  const auto rounded = [](double x) { return std::nearbyint(x * 1e4) / 1e4; };
  EXPECT_EQ(rounded(auc(all, 0, MethylationBaseline::mean)), 0.7569);
  EXPECT_EQ(rounded(auc(all, 1, MethylationBaseline::mean)), 0.8837);
  EXPECT_EQ(rounded(auc(all, 0, MethylationBaseline::nearest)), 0.7414);
  EXPECT_EQ(rounded(auc(all, 1, MethylationBaseline::nearest)), 0.8412);
  EXPECT_EQ(rounded(auc(all, 0, MethylationBaseline::bulk)), 0.7265);
  EXPECT_EQ(rounded(auc(all, 1, MethylationBaseline::bulk)), 0.8702);
  EXPECT_EQ(all.rows[0].baselines[3].result.sites, 9221);
  EXPECT_EQ(all.rows[1].baselines[3].result.sites, 9353);
  options.inputs.chromosomes = {"19"};
  const MethylationStatsResult held_out = methylation_stats(options);
  const auto better = [&](std::size_t row) {
    return std::max(auc(held_out, row, MethylationBaseline::mean), auc(held_out, row, MethylationBaseline::nearest));
  };
  EXPECT_NEAR(better(0), 0.774, 0.0005);
  EXPECT_NEAR(better(1), 0.877, 0.0005);
}

}  // namespace
}  // namespace basewise::prepare
