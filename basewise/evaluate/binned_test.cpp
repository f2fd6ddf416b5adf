// Passes over bins, genes from bins and groups of places: against plain loops over all windows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "basewise/core/error.h"
#include "basewise/evaluate/bin_table.h"
#include "basewise/evaluate/detail/test_binned.h"
#include "basewise/evaluate/gene_values.h"
#include "basewise/evaluate/grouped.h"
#include "tests/support/error_text.h"

namespace basewise::evaluate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using evaluate::testing::BinnedWindow;
using evaluate::testing::BinnedWindows;
using evaluate::testing::copy_scores;
using evaluate::testing::random_window;

constexpr std::int64_t kTracks = 5, kBins = 7, kBin = 32;
const BinnedHead kHead{.target = "coverage"};

/// Windows of two chromosomes; the third overlaps the second by three bins,
/// the last is the first one again.
std::shared_ptr<BinnedWindows> overlapping() {
  std::vector<BinnedWindow> windows;
  for (const auto& [chromosome, start] : {std::pair("a", std::int64_t{0}), {"a", 7 * kBin}, {"a", 11 * kBin}, {"b", 0}, {"a", 0}})
    windows.push_back(random_window(chromosome, start, kTracks, kBins, Stream(3, windows.size())));
  return std::make_shared<BinnedWindows>(std::move(windows), kBin);
}

/// By place, the first window that has a bin: its number and the place in it.
std::map<std::pair<std::string, std::int64_t>, std::pair<std::size_t, std::int64_t>> first_bins(const BinnedWindows& set) {
  std::map<std::pair<std::string, std::int64_t>, std::pair<std::size_t, std::int64_t>> bins;
  for (std::size_t w = 0; w < set.windows().size(); ++w)
    for (std::int64_t b = 0; b < kBins; ++b)
      if (set.windows()[w].mask.select(1, b).any().item<bool>())
        bins.try_emplace({set.windows()[w].chromosome, set.windows()[w].start + b * kBin}, w, b);
  return bins;
}

TEST(BinnedPass, CountsEveryBinOfAGenomeOnce) {
  const auto set = overlapping();
  for (const std::int64_t batch : {1, 3, 64}) {
    std::map<std::pair<std::string, std::int64_t>, int> times;
    const BinnedPass pass = each_binned({copy_scores(), set}, kHead, {.batch_size = batch}, [&](const BinnedExample& e) {
      EXPECT_EQ(e.tracks, 5u);
      const BinnedWindow& w = set->windows()[static_cast<std::size_t>(e.number)];
      for (std::size_t b = 0; b < e.bins; ++b) {
        if (e.fresh[b]) ++times[{std::string(e.chromosome), e.start + static_cast<std::int64_t>(b) * e.bin}];
        for (std::size_t t = 0; t < e.tracks; ++t) {
          const auto i = static_cast<std::int64_t>(t), j = static_cast<std::int64_t>(b);
          EXPECT_EQ(e.is_known(t, b), w.mask[i][j].item<bool>());
          EXPECT_EQ(e.prediction(t, b), w.scores[i][j].item<float>());
        }
      }
    });
    EXPECT_EQ(pass.examples, 5);
    EXPECT_EQ(pass.bins, static_cast<std::int64_t>(first_bins(*set).size()));
    EXPECT_GE(pass.repeated, 8) << "three bins of the third window, seven of the last, but those that nobody measured";
    for (const auto& [place, count] : times) EXPECT_EQ(count, 1) << place.first << ":" << place.second;
    EXPECT_EQ(times.size(), first_bins(*set).size());
  }
}

TEST(BinnedPass, TakesTheExponentialOfLogarithms) {
  const auto set = overlapping();
  each_binned({copy_scores(), set}, {.target = "coverage", .exponential = true}, {}, [&](const BinnedExample& e) {
    const BinnedWindow& w = set->windows()[static_cast<std::size_t>(e.number)];
    EXPECT_FLOAT_EQ(e.prediction(3, 2), std::exp(w.scores[3][2].item<float>()));
  });
}

TEST(BinTable, TakesEverySoManyBins) {
  const auto set = overlapping();
  const BinTable table = read_bins({copy_scores(), set}, kHead, {.batch_size = 2}, {.step = 3});
  const auto bins = first_bins(*set);
  std::size_t row = 0;
  for (std::size_t w = 0; w < set->windows().size(); ++w)
    for (std::int64_t b = 0; b < kBins; b += 3) {
      const auto& window = set->windows()[w];
      const auto found = bins.find({window.chromosome, window.start + b * kBin});
      if (found == bins.end() || found->second != std::pair(w, b)) continue;
      ASSERT_LT(row, table.measured.rows);
      for (std::int64_t t = 0; t < kTracks; ++t) {
        const float measured = table.measured.at(row, static_cast<std::size_t>(t));
        if (window.mask[t][b].item<bool>())
          EXPECT_EQ(measured, window.coverage[t][b].item<float>());
        else
          EXPECT_TRUE(std::isnan(measured));
      }
      ++row;
    }
  EXPECT_EQ(row, table.measured.rows);
  EXPECT_THAT(error_text<ArgumentError>([&] { return read_bins({copy_scores(), set}, kHead, {}, {.step = 2, .memory = 0}); }),
              HasSubstr("take fewer bins (step=4)"));
}

seq::ChromSizes sizes() { return seq::ChromSizes({{"a", 4000}, {"b", 4000}, {"c", 4000}}); }

corpus::Gene gene(const char* name, std::size_t chrom, std::vector<std::pair<std::int64_t, std::int64_t>> pieces,
                  seq::Strand strand = seq::Strand::forward) {
  return {.name = name, .chrom = chrom, .strand = strand, .starts = {pieces[0].first}, .pieces = std::move(pieces)};
}

/// Windows in which everything is measured.
std::shared_ptr<BinnedWindows> complete() {
  const auto some = overlapping();
  std::vector<BinnedWindow> windows;
  for (BinnedWindow w : some->windows()) {
    w.coverage.nan_to_num_(2);
    w.mask.fill_(true);
    windows.push_back(std::move(w));
  }
  return std::make_shared<BinnedWindows>(std::move(windows), kBin);
}

TEST(GeneValues, EqualPlainLoops) {
  const auto set = complete();
  // In one bin; over two windows with two pieces in one bin; over the overlap; in part; elsewhere.
  const std::vector<corpus::Gene> genes = {gene("one", 0, {{40, 41}}), gene("two", 0, {{100, 105}, {110, 120}, {210, 300}}),
                                           gene("three", 0, {{330, 420}}, seq::Strand::reverse), gene("part", 0, {{560, 700}}),
                                           gene("out", 2, {{10, 20}}), gene("none", 1, {{64, 65}}, seq::Strand::none)};
  for (const std::int64_t batch : {1, 4}) {
    GeneValues values(genes, sizes());
    each_binned({copy_scores(), set}, kHead, {.batch_size = batch}, [&](const BinnedExample& e) { values.add(e); });
    const GeneTables found = values.finish(GeneStatistic::sum);
    EXPECT_THAT(found.genes, ElementsAre(0u, 1u, 2u, 5u));
    EXPECT_EQ(found.partial, 1);
    EXPECT_EQ(found.outside, 1);
    const auto bins = first_bins(*set);
    for (std::size_t row = 0; row < found.genes.size(); ++row)
      for (std::int64_t t = 0; t < kTracks; ++t) {
        double sum = 0, count = 0;
        const corpus::Gene& g = genes[found.genes[row]];
        for (const auto& [place, where] : bins) {
          const bool inside = std::any_of(g.pieces.begin(), g.pieces.end(), [&, at = place.second](const auto& piece) {
            return piece.first < at + kBin && at < piece.second;
          });
          if (place.first != sizes()[g.chrom].name || !inside) continue;
          sum += set->windows()[where.first].scores[t][where.second].item<float>();
          ++count;
        }
        const auto track = static_cast<std::size_t>(t);
        EXPECT_NEAR(found.predicted.at(row, track), sum, 1e-4) << g.name;
        EXPECT_NEAR(values.finish(GeneStatistic::mean).predicted.at(row, track), sum / count, 1e-4);
        const double total = sum / count / kBin * static_cast<double>(g.bases());
        EXPECT_NEAR(values.finish(GeneStatistic::total).predicted.at(row, track), total, 1e-4);
      }
    // Strands: tracks 1 and 3 are one, in the place of the first.
    const GeneTables stranded = values.finish(GeneStatistic::sum, {{1, 3}});
    ASSERT_EQ(stranded.measured.columns, 4u);
    EXPECT_EQ(stranded.measured.at(0, 1), found.measured.at(0, 1));
    EXPECT_EQ(stranded.measured.at(2, 1), found.measured.at(2, 3)) << "of the reverse strand";
    EXPECT_EQ(stranded.measured.at(3, 1), found.measured.at(3, 1) + found.measured.at(3, 3)) << "of no strand";
    EXPECT_EQ(stranded.measured.at(2, 3), found.measured.at(2, 4));
  }
}

TEST(GeneValues, PartsMergeAndUnmeasuredGenesAreLeftOut) {
  const auto set = complete();
  const std::vector<corpus::Gene> genes = {gene("one", 0, {{40, 300}}), gene("two", 1, {{0, 90}})};
  GeneValues whole(genes, sizes(), true), first(genes, sizes(), true), second(genes, sizes(), true);
  each_binned({copy_scores(), set}, kHead, {}, [&](const BinnedExample& e) {
    whole.add(e);
    (e.number < 2 ? first : second).add(e);
  });
  first.merge(second);
  const GeneTables a = whole.finish(GeneStatistic::sum), b = first.finish(GeneStatistic::sum);
  EXPECT_EQ(a.measured.values, b.measured.values);
  ASSERT_EQ(a.within.size(), 2u);
  EXPECT_NEAR(a.within[0][4].value, b.within[0][4].value, 1e-12);
  set->windows()[3].mask[2][1].fill_(false);
  GeneValues without(genes, sizes());
  each_binned({copy_scores(), set}, kHead, {}, [&](const BinnedExample& e) { without.add(e); });
  const GeneTables found = without.finish(GeneStatistic::sum);
  EXPECT_THAT(found.genes, ElementsAre(0u));
  EXPECT_EQ(found.unmeasured, 1);
}

TEST(GeneValues, NeedPlaces) {
  auto windows = overlapping()->windows();
  for (BinnedWindow& w : windows) w.chromosome.clear();
  const auto set = std::make_shared<BinnedWindows>(windows, kBin);
  const std::vector<corpus::Gene> genes = {gene("one", 0, {{40, 300}})};
  GeneValues values(genes, sizes());
  EXPECT_THAT(error_text<ArgumentError>([&] {
                return each_binned({copy_scores(), set}, kHead, {}, [&](const BinnedExample& e) { values.add(e); });
              }),
              HasSubstr("no places in a genome"));
  const GroupedOptions groups{.head = {.target = "coverage"}, .groups = {"x"}, .contains = [](auto...) { return true; }};
  EXPECT_THAT(error_text<ArgumentError>([&] { return evaluate_groups({copy_scores(), set}, groups, {}); }),
              HasSubstr("they are in no group"));
}

TEST(Groups, EqualTheMetricsOfTheirBins) {
  const auto set = overlapping();
  GroupedOptions options{.head = {.target = "coverage", .metrics = {"pearson", "pearson_log", "spearman"}}, .groups = {"left", "right"}};
  options.contains = [](std::size_t group, const std::string&, std::int64_t middle) { return (middle < 150) == (group == 0); };
  for (const std::int64_t batch : {1, 64}) {
    const auto found = evaluate_groups({copy_scores(), set}, options, {.batch_size = batch});
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[1].output, "right");
    const auto bins = first_bins(*set);
    for (std::size_t g = 0; g < 2; ++g)
      for (std::int64_t t = 0; t < kTracks; ++t) {
        std::vector<float> x, y;
        for (const auto& [place, where] : bins) {
          const BinnedWindow& w = set->windows()[where.first];
          if ((place.second + kBin / 2 < 150) != (g == 0) || !w.mask[t][where.second].item<bool>()) continue;
          x.push_back(w.scores[t][where.second].item<float>());
          y.push_back(w.coverage[t][where.second].item<float>());
        }
        const results::OutputEvaluation& output = found[g].outputs[static_cast<std::size_t>(t)];
        EXPECT_EQ(output.counts.examples, std::ssize(x));
        for (const results::MetricValue& value : output.metrics)
          EXPECT_NEAR(value.value.value, metrics::compute(value.metric, {.scores = x, .targets = y}).value, 1e-9) << value.metric;
      }
  }
}

TEST(Groups, MemoryDoesNotGrowWithTheSet) {
  // 74 tracks as in a compendium. What was streamed is of one size, however many windows there
  // were.
  GroupedOptions options{.head = {.target = "coverage", .metrics = {"pearson", "r2", "pearson_log", "r2_log", "spearman"}}};
  MeasureOptions one{.head = options.head, .bases_per_value = kBin};
  one.head.output = "rate";
  one.settings.memory = std::int64_t{2} << 20;
  const auto bytes_after = [&](std::int64_t windows) {
    const auto measure = measure_type(MeasureKind::values).make(one);
    for (std::int64_t i = 0; i < windows; ++i) {
      const BinnedWindow w = random_window("a", i * 64 * kBin, 74, 64, Stream(9, static_cast<std::uint64_t>(i)));
      const Bundle batch{{"coverage", w.coverage.unsqueeze(0)}, {"coverage.mask", w.mask.unsqueeze(0)}};
      measure->add(i, {{"rate", w.scores.unsqueeze(0)}}, batch);
    }
    return measure->bytes();
  };
  const std::int64_t few = bytes_after(30), many = bytes_after(300);
  EXPECT_EQ(few, many);
  EXPECT_LE(many, one.settings.memory);
}

}  // namespace
}  // namespace basewise::evaluate
