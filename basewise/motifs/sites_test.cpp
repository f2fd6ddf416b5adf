#include "basewise/motifs/sites.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/parallel.h"
#include "basewise/motifs/detail/site_filter.h"
#include "basewise/seq/reverse_complement.h"
#include "tests/support/error_text.h"

namespace basewise::motifs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

MotifMatrix random_motif(Stream stream, int width) {
  MotifMatrix motif;
  motif.name = format("random{}", width);
  motif.values = MotifValues::counts;
  for (int w = 0; w < width; ++w) {
    BaseVector row{};
    for (double& x : row) x = std::floor(std::pow(stream.uniform(), 4) * 30);
    row[stream.below(4)] += 10;
    motif.rows.push_back(row);
  }
  return motif;
}

/// Letters with single N and stretches of N of all lengths.
std::vector<seq::Token> random_tokens(Stream stream, std::int64_t length, double n = 0.01) {
  std::vector<seq::Token> tokens;
  while (static_cast<std::int64_t>(tokens.size()) < length) {
    const bool gap = stream.uniform() < n;
    const std::uint64_t run = gap && stream.uniform() < 0.2 ? 1 + stream.below(300) : 1;
    for (std::uint64_t i = 0; i < run; ++i) tokens.push_back(gap ? seq::kN : static_cast<seq::Token>(stream.below(4)));
  }
  tokens.resize(static_cast<std::size_t>(length));
  return tokens;
}

/// Every motif at every place on both strands, one by one.
std::vector<Site> brute_force(const SiteScanner& scanner, std::span<const seq::Token> tokens, const SiteOptions& options) {
  std::vector<Site> sites;
  std::vector<ScoreDistribution> wholes;
  for (std::int64_t m = 0; m < scanner.motifs(); ++m)
    wholes.emplace_back(scanner.matrix(m), options.strands == ScanStrands::both ? both_strands(options.background) : options.background);
  for (std::int64_t start = 0; start < static_cast<std::int64_t>(tokens.size()); ++start) {
    for (std::int64_t m = 0; m < scanner.motifs(); ++m) {
      const ScoreMatrix& matrix = scanner.matrix(m);
      const ScoreDistribution& whole = wholes[static_cast<std::size_t>(m)];
      if (start + matrix.width() > static_cast<std::int64_t>(tokens.size())) continue;
      const auto window = tokens.subspan(static_cast<std::size_t>(start), static_cast<std::size_t>(matrix.width()));
      if (std::count(window.begin(), window.end(), seq::kN) > 0) continue;
      for (int reverse = 0; reverse < scanner.strands(); ++reverse) {
        const auto letters = reverse ? seq::reverse_complement(window) : std::vector<seq::Token>(window.begin(), window.end());
        std::int64_t score = 0;
        bool possible = true;
        for (std::size_t w = 0; w < letters.size(); ++w) {
          possible = possible && matrix.rows[w][letters[w]] != kForbidden;
          score += matrix.rows[w][letters[w]];
        }
        if (!possible || whole.p_value(score) > options.p_value) continue;
        sites.push_back({start, static_cast<std::int32_t>(m), static_cast<std::int32_t>(whole.rank(score)), reverse == 1});
      }
    }
  }
  return sites;
}

TEST(Sites, AreThoseOfBruteForce) {
  const auto tokens = random_tokens(Stream(1), 700);
  for (const double p : {1e-3, 0.03, 1.0}) {
    for (const ScanStrands strands : {ScanStrands::both, ScanStrands::forward}) {
      for (const double pseudocount : {0.1, 0.0}) {
        std::vector<MotifMatrix> motifs;
        for (const int width : {1, 2, 3, 5, 8, 13}) motifs.push_back(random_motif(Stream(2, static_cast<std::uint64_t>(width)), width));
        const SiteOptions options{
            .p_value = p, .strands = strands, .pseudocount = pseudocount, .background = {0.3, 0.3, 0.2, 0.2}, .bin = 0.05};
        const SiteScanner scanner(motifs, options);
        EXPECT_EQ(scanner.scan(tokens), brute_force(scanner, tokens, options)) << p << " " << to_word(strands) << " " << pseudocount;
      }
    }
  }
}

/// Motifs of many widths, weak ones among them.
std::vector<MotifMatrix> many_motifs() {
  std::vector<MotifMatrix> motifs;
  for (int i = 0; i < 40; ++i) motifs.push_back(random_motif(Stream(3, static_cast<std::uint64_t>(i)), 4 + i % 26));
  for (int w = 0; w < 18; ++w) motifs[0].rows.push_back({5, 4, 6, 5});
  return motifs;
}

TEST(Sites, DependNeitherOnThreadsNorOnPieces) {
  const auto tokens = random_tokens(Stream(4), 60'000, 0.002);
  const SiteScanner scanner(many_motifs());
  const auto all = scanner.scan(tokens);
  ASSERT_GT(all.size(), 300u);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const Site& a, const Site& b) {
    return std::tuple(a.start, a.motif, a.reverse) < std::tuple(b.start, b.motif, b.reverse);
  }));
  for (const int n : {1, 3}) {
    set_threads(n);
    EXPECT_EQ(scanner.scan(tokens), all);
  }
  set_threads(0);
  for (const std::int64_t piece : {1'000, 16'384, 16'385, 50'001}) {
    std::vector<Site> joined;
    for (std::int64_t from = 0; from < 60'000; from += piece) {
      const std::int64_t to = std::min<std::int64_t>(60'000, from + piece + scanner.largest_width() - 1);
      scanner.scan(std::span(tokens).subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)),
                   [&](std::span<const Site> sites) { joined.insert(joined.end(), sites.begin(), sites.end()); }, from, piece);
    }
    EXPECT_EQ(joined, all) << piece;
  }
}

TEST(Sites, OfTheOtherStrandAreMirrored) {
  const auto tokens = random_tokens(Stream(5), 30'000);
  const SiteScanner scanner(many_motifs(), {.background = {0.32, 0.22, 0.18, 0.28}});
  auto sites = scanner.scan(tokens);
  auto mirrored = scanner.scan(seq::reverse_complement(tokens));
  for (Site& site : mirrored) {
    site.start = 30'000 - site.start - scanner.matrix(site.motif).width();
    site.reverse = !site.reverse;
  }
  std::sort(sites.begin(), sites.end());
  std::sort(mirrored.begin(), mirrored.end());
  EXPECT_EQ(sites, mirrored);
}

TEST(Sites, EveryInstructionSetPassesTheSameWindows) {
  const auto tokens = random_tokens(Stream(6), 3'000, 0);
  std::vector<std::uint8_t> codes(tokens.size() + 200, 0);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) codes[i] = static_cast<std::uint8_t>(tokens[i] | (tokens[i + 1] << 2));
  for (const MotifMatrix& motif : many_motifs()) {
    const ScoreMatrix matrix = score_matrix(motif, {.background = {0.25, 0.25, 0.25, 0.25}});
    detail::LossRows rows;
    for (const auto& row : matrix.rows) {
      const std::int32_t best = *std::max_element(row.begin(), row.end());
      rows.push_back({best - row[0], best - row[1], best - row[2], best - row[3]});
    }
    const detail::SiteFilter filter = detail::make_filter(rows, 20'000, kUniform);
    std::vector<std::int32_t> passing;
    for (std::int32_t i = 0; i < 2'900; ++i) {
      int sum = 0;
      for (std::size_t p = 0; p < static_cast<std::size_t>(filter.count); ++p)
        sum += filter.pairs[p].loss[codes[static_cast<std::size_t>(i + filter.pairs[p].offset)]];
      if (sum <= detail::kCut) passing.push_back(i);
    }
    for (const kernels::Isa isa : kernels::supported_isas()) {
      std::vector<std::int32_t> found(2'900);
      found.resize(static_cast<std::size_t>(detail::find_windows(isa)(filter, codes.data(), 2'900, found.data())));
      EXPECT_EQ(found, passing) << kernels::name(isa) << " " << motif.name;
    }
  }
}

TEST(Sites, APalindromicMotifHasThemOnBothStrands) {
  MotifMatrix motif;
  motif.name = "EcoRI";
  motif.values = MotifValues::counts;
  for (const std::size_t base : {2, 0, 0, 3, 3, 1}) motif.rows.emplace_back()[base] = 20;
  const SiteScanner scanner(std::vector{motif}, {.p_value = 1e-3});
  const auto sites = scanner.scan(seq::encode("TTGAATTCNGAATTC"));
  EXPECT_THAT(sites, ElementsAre(Site{2, 0, 0, false}, Site{2, 0, 0, true}, Site{9, 0, 0, false}, Site{9, 0, 0, true}));
  EXPECT_DOUBLE_EQ(scanner.p_value(sites[0]), std::pow(0.25, 6));
  EXPECT_NEAR(scanner.score(sites[0]), 6 * std::log2(4 * (20 + 0.025) / 20.1), 6 * kScoreBin);
}

TEST(Sites, NoneWhereThereIsNothingToScan) {
  const SiteScanner scanner(many_motifs());
  EXPECT_THAT(scanner.scan({}), IsEmpty());
  EXPECT_THAT(scanner.scan(std::vector<seq::Token>(100'000, seq::kN)), IsEmpty());
  EXPECT_THAT(scanner.scan(seq::encode("ACG")), IsEmpty());
  EXPECT_THAT(SiteScanner(std::vector<MotifMatrix>{}).scan(seq::encode("ACGTACGT")), IsEmpty());
}

TEST(Sites, AShortMotifThatCannotReachTheThresholdHasNoRank) {
  const SiteScanner scanner({random_motif(Stream(9), 5), random_motif(Stream(9), 9)}, {.p_value = 1e-4});
  EXPECT_EQ(scanner.ranks(0), 0);
  EXPECT_GT(scanner.ranks(1), 0);
  for (const Site& site : scanner.scan(random_tokens(Stream(10), 50'000))) EXPECT_EQ(site.motif, 1);
}

TEST(Sites, Errors) {
  EXPECT_THAT(error_text([] { SiteScanner(many_motifs(), {.p_value = 0}); }), HasSubstr("p_value = 0; expected a number above 0"));
  EXPECT_THAT(error_text([] { SiteScanner(many_motifs(), {.background = {1, 0, 0, 0}}); }), HasSubstr("four positive numbers"));
  EXPECT_THAT(error_text([] { SiteScanner(many_motifs(), {.pseudocount = -1}); }), HasSubstr("pseudocount = -1"));
}

// tests/golden/scan.json is made by tests/golden/scan_golden.py (versions and seed inside).
class GoldenSites : public testing::Test {
 protected:
  GoldenSites() {
    std::ifstream file("tests/golden/scan.json");
    if (!file) throw std::runtime_error("tests/golden/scan.json is missing: run the tests from the root of the sources");
    golden_ = nlohmann::json::parse(file);
    tokens_ = seq::encode(golden_.at("letters").get<std::string>());
  }

  std::vector<MotifMatrix> motifs() const {
    std::vector<MotifMatrix> result;
    for (const auto& rows : golden_.at("counts")) {
      MotifMatrix& motif = result.emplace_back();
      motif.name = format("m{}", result.size());
      motif.values = MotifValues::counts;
      motif.rows = rows.get<std::vector<BaseVector>>();
    }
    return result;
  }

  /// (motif, start, reverse), sorted, as the golden columns are.
  using Row = std::tuple<int, std::int64_t, bool>;
  static std::vector<Row> rows_of(const std::vector<Site>& sites) {
    std::vector<Row> rows;
    for (const Site& site : sites) rows.emplace_back(site.motif, site.start, site.reverse);
    std::sort(rows.begin(), rows.end());
    return rows;
  }
  static std::vector<Row> rows_of(const nlohmann::json& columns) {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < columns[0].size(); ++i)
      rows.emplace_back(columns[0][i].get<int>(), columns[1][i].get<std::int64_t>(), columns[2][i].get<int>() != 0);
    return rows;
  }

  nlohmann::json golden_;
  std::vector<seq::Token> tokens_;
};

TEST_F(GoldenSites, OfWholeScoresAreThoseOfMemeliteAndMoods) {
  const auto& golden = golden_.at("whole");
  std::vector<ScoreMatrix> matrices;
  for (const auto& rows : golden.at("rows"))
    matrices.push_back({"m", rows.get<std::vector<std::array<std::int32_t, 4>>>(), golden.at("bin").get<double>()});
  const SiteScanner scanner(std::move(matrices), {.p_value = golden_.at("p").get<double>()});
  auto sites = scanner.scan(tokens_);
  const auto& columns = golden.at("motif_start_reverse_score_p");
  ASSERT_EQ(rows_of(sites), rows_of(columns));
  std::sort(sites.begin(), sites.end(), [](const Site& a, const Site& b) {
    return std::tuple(a.motif, a.start, a.reverse) < std::tuple(b.motif, b.start, b.reverse);
  });
  for (std::size_t i = 0; i < sites.size(); ++i) {
    EXPECT_NEAR(scanner.score(sites[i]), columns[3][i].get<double>(), 1e-6);
    const double p = columns[4][i].get<double>();
    EXPECT_NEAR(scanner.p_value(sites[i]), p, 1e-9 * p);
  }
}

TEST_F(GoldenSites, WithPseudocountAndBackgroundAreThoseOfMoods) {
  const auto& golden = golden_.at("moods");
  const SiteScanner scanner(motifs(), {.p_value = golden_.at("p").get<double>(),
                                       .pseudocount = golden.at("pseudocount").get<double>(),
                                       .background = golden.at("background").get<BaseVector>()});
  EXPECT_EQ(rows_of(scanner.scan(tokens_)), rows_of(golden.at("motif_start_reverse_score")));
}

TEST_F(GoldenSites, InMemelitesBinsDifferFromItsOwnByTheRoundingAlone) {
  // It adds exact log-odds and rounds the sum down; we add rounded ones.
  const auto& golden = golden_.at("memelite");
  const double bin = golden.at("bin").get<double>(), eps = golden.at("eps").get<double>();
  std::vector<std::vector<BaseVector>> bits;
  std::vector<ScoreMatrix> matrices;
  for (const MotifMatrix& motif : motifs()) {
    auto& rows = bits.emplace_back(probabilities(motif));
    for (BaseVector& row : rows)
      for (double& x : row) x = std::log2(x + eps) + 2;
    matrices.push_back(score_matrix(motif.name, rows, bin));
  }
  const SiteScanner scanner(std::move(matrices), {.p_value = golden_.at("p").get<double>()});
  const auto ours = rows_of(scanner.scan(tokens_)), theirs = rows_of(golden.at("motif_start_reverse_score_p"));
  std::vector<Row> different, common;
  std::set_symmetric_difference(ours.begin(), ours.end(), theirs.begin(), theirs.end(), std::back_inserter(different));
  std::set_intersection(ours.begin(), ours.end(), theirs.begin(), theirs.end(), std::back_inserter(common));
  EXPECT_GT(common.size(), 10 * different.size());
  for (const auto& [motif, start, reverse] : different) {
    const std::int64_t width = scanner.matrix(motif).width();
    std::vector<seq::Token> letters(tokens_.begin() + start, tokens_.begin() + start + width);
    if (reverse) letters = seq::reverse_complement(letters);
    double exact = 0;
    for (std::size_t w = 0; w < letters.size(); ++w) exact += bits[static_cast<std::size_t>(motif)][w][letters[w]];
    const auto threshold = scanner.distribution(motif).threshold(1e-4);
    EXPECT_NEAR(exact, static_cast<double>(*threshold) * bin, static_cast<double>(width) * bin / 2 + bin) << motif << " " << start;
  }
}

}  // namespace
}  // namespace basewise::motifs
