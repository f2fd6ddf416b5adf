#include "basewise/interpret/localisation.h"

#include <cmath>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/interpret/planted.h"
#include "basewise/interpret/sequence_scores.h"
#include "basewise/io/tsv.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::interpret {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing_files::shared_data;

std::vector<std::uint8_t> bits(const std::string& text) {
  std::vector<std::uint8_t> all;
  for (const char c : text) all.push_back(static_cast<std::uint8_t>(c - '0'));
  return all;
}

/// Places behind the last one of each run: scores are 1, 2, 3, ... "4 | 2 7 10": ones, then zeros.
std::string ends(const std::string& labels, RunFinder finder) {
  std::vector<double> scores(labels.size());
  std::iota(scores.begin(), scores.end(), 1.0);
  const RunInstances runs = run_instances(scores, bits(labels), finder);
  std::string ones, zeros;
  for (std::size_t i = 0; i < runs.labels.size(); ++i) (runs.labels[i] == 1 ? ones : zeros) += format("{:.0f} ", runs.scores[i]);
  return ones + "| " + zeros;
}

TEST(Localisation, LabelsAreWidened) {
  EXPECT_EQ(widened(bits("0000100000"), 1), bits("0000100000"));
  EXPECT_EQ(widened(bits("0000100000"), 2), bits("0000110000"));  // n - 1 and n
  EXPECT_EQ(widened(bits("0000100000"), 5), bits("0011111000"));
  EXPECT_EQ(widened(bits("1000000001"), 4), bits("1110000011")) << "n - 2 to n + 1";
  EXPECT_EQ(widened(bits("0100"), 20), bits("1111"));
}

TEST(Localisation, RunsAreFoundOnce) {
  EXPECT_EQ(ends("0011000110", RunFinder::corrected), "4 9 | 2 7 10 ");
  EXPECT_EQ(ends("1100", RunFinder::corrected), "2 | 4 ");
  EXPECT_EQ(ends("0011", RunFinder::corrected), "4 | 2 ");
  EXPECT_EQ(ends("1111", RunFinder::corrected), "4 | ");
}

// Worked out by hand with the loops of the published notebook
// (task1_step6_PWM_scan_comparison.ipynb of p-koo/exponential_activations).
TEST(Localisation, PublishedRunsAreAsTheirCodeFindsThem) {
  EXPECT_EQ(ends("0011000110", RunFinder::published), "4 | 2 7 10 ") << "the search for the end of the second run begins behind it";
  EXPECT_EQ(ends("0110011001100110000", RunFinder::published), "3 8 17 | 1 5 13 19 ") << "the third run and half of the fourth are joined";
  EXPECT_EQ(ends("0011", RunFinder::published), "| 2 2 ") << "a run of ones at the end is dropped, zeros are counted again";
  EXPECT_EQ(ends("1100", RunFinder::published), "2 2 | 4 ") << "a search without a further run takes the last one again";
  EXPECT_EQ(ends("0001100000000", RunFinder::published), "5 8 | 3 13 ");
  EXPECT_EQ(ends("00110000000011000000000000", RunFinder::published), "4 16 | 2 12 26 ");
  EXPECT_EQ(ends("0111111110", RunFinder::published), "9 | 1 10 ");
  EXPECT_EQ(ends("0000", RunFinder::published), "| 4 ");
  EXPECT_EQ(ends("1111", RunFinder::published), "| ") << "their code stops here with an error";
}

TEST(Localisation, ARunHasTheLargestScore) {
  const std::vector<double> scores = {3, 1, 7, 2, 5};
  const RunInstances runs = run_instances(scores, bits("00110"), RunFinder::corrected);
  EXPECT_THAT(runs.scores, ElementsAre(3, 7, 5));
  EXPECT_THAT(runs.labels, ElementsAre(0, 1, 0));
  EXPECT_THAT(error_text<ArgumentError>([&] { return run_instances(scores, bits("0011"), RunFinder::corrected); }),
              HasSubstr("5 scores and 4 labels"));
}

motifs::MotifMatrix motif(std::vector<motifs::BaseVector> rows) {
  motifs::MotifMatrix m;
  m.rows = std::move(rows);
  return m;
}

TEST(Localisation, ScansAddUpBothOrientations) {
  // GAT with column 1 on the place; its other strand reads ATC.
  const std::vector<motifs::MotifMatrix> gat = {motif({{0, 0, 1, 0}, {1, 0, 0, 0}, {0, 0, 0, 1}})};
  EXPECT_THAT(scan_track("GATNCC", gat, ScanScore::probability), ElementsAre(0, 3, 2, 1, 1, 0));
  EXPECT_THAT(scan_track("ATC", gat, ScanScore::probability), ElementsAre(2, 3, 0));
  const auto odds = scan_track("CCCC", std::vector{motif({{0.5, 0.25, 0.25, 0}, {1, 0, 0, 0}})}, ScanScore::log_odds);
  EXPECT_NEAR(odds[0], 0.0, 1e-5) << "only the last column of the other strand lies inside, which is even at C";
  EXPECT_NEAR(odds[1], -33.219, 1e-3) << "log2(1e-10)";
}

TEST(Localisation, SequencesAreScoredEachByItself) {
  SequenceScores scores;
  scores.add(std::vector<double>{1, 2, 3, 4}, bits("0011"));
  scores.add(std::vector<double>{4, 2, 3, 1}, bits("0011"));
  scores.add(std::vector<double>{1, 2}, bits("00"));
  const auto numbers = scores.numbers("x.");
  ASSERT_EQ(numbers.size(), 5u);
  EXPECT_EQ(numbers[0], (std::pair<std::string, double>("x.auroc", 0.625)));
  EXPECT_NEAR(numbers[1].second, 0.375, 1e-12) << "population standard deviation";
  EXPECT_EQ(numbers[2].first, "x.aupr");
  EXPECT_EQ(numbers[4], (std::pair<std::string, double>("x.undefined", 1)));
  SequenceScores more = scores;
  more.add(std::vector<double>{1, 2}, bits("11"));
  EXPECT_EQ(more.numbers("x.")[2], numbers[2]) << "positives alone say nothing of scores";
  EXPECT_EQ(more.numbers("x.")[4].second, 2);
  EXPECT_TRUE(std::isnan(SequenceScores().numbers("")[0].second));
}

/// Mean, sd and undefined AUROC of scans over the published test set.
std::string told(const SequenceScores& scores) {
  const auto n = scores.numbers("");
  return format("{:.4f} {:.4f} {:.0f}", n[0].second, n[1].second, n[4].second);
}

// Koo and Ploenzke 2021 print the motif scan at buffers 5 and 10 (stored notebooks); the others
// were computed from the same data by an independent program.
TEST(Localisation, ScansOfThePublishedSetHaveThePublishedNumbers) {
  const auto table = shared_data("koo_task1_regenerated"), collection = shared_data("jaspar2016_vertebrates");
  if (!table || !collection) GTEST_SKIP() << "koo_task1_regenerated and jaspar2016_vertebrates are not in BASEWISE_DATA or ../shared/data";
  const PlantedTruth truth = PlantedTruth::read(*table / "task1.tsv.gz", *collection / "pfm_vertebrates.txt");
  const auto planted = truth.matrices();
  ASSERT_EQ(planted.size(), 12u);
  const std::int64_t buffers[] = {5, 10, 15, 20};
  SequenceScores motif_scan[4], pwm_scan[4], corrected[4];
  io::TsvReader rows(*table / "task1.tsv.gz");
  while (rows.next()) {
    if (rows.text("split") != "test") continue;
    const std::string letters(rows.text("sequence"));
    const auto labels = truth.labels(letters);
    const auto motifs = scan_track(letters, planted, ScanScore::probability), pwm = scan_track(letters, planted, ScanScore::log_odds);
    for (std::size_t b = 0; b < 4; ++b) {
      const auto wide = widened(labels, buffers[b]);
      const auto add = [&](SequenceScores& to, const std::vector<double>& track, RunFinder finder) {
        const RunInstances runs = run_instances(track, wide, finder);
        to.add(runs.scores, runs.labels);
      };
      add(motif_scan[b], motifs, RunFinder::published);
      add(pwm_scan[b], pwm, RunFinder::published);
      add(corrected[b], pwm, RunFinder::corrected);
    }
  }
  const char* of_motifs[] = {"0.6474 0.3428 17", "0.6667 0.3372 40", "0.6833 0.3352 61", "0.7026 0.3310 97"};
  const double of_pwms[] = {0.8848, 0.8907, 0.8984, 0.9039}, sd_of_pwms[] = {0.1969, 0.1934, 0.1897, 0.1883};
  const double of_corrected[] = {0.946, 0.949, 0.951, 0.953};
  for (std::size_t b = 0; b < 4; ++b) {
    EXPECT_EQ(told(motif_scan[b]), of_motifs[b]) << buffers[b];
    // Sums of the same terms are ties; in the other program rounding broke some of them.
    const auto pwm = pwm_scan[b].numbers("");
    EXPECT_NEAR(pwm[0].second, of_pwms[b], 1.1e-4) << buffers[b];
    EXPECT_NEAR(pwm[1].second, sd_of_pwms[b], 1.1e-4) << buffers[b];
    EXPECT_NEAR(corrected[b].numbers("")[0].second, of_corrected[b], 5e-4) << buffers[b];
  }
}

}  // namespace
}  // namespace basewise::interpret
