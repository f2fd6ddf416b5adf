#include "basewise/corpus/simulator.h"

#include <cmath>
#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/corpus/detail/planter.h"
#include "basewise/corpus/simulator_files.h"
#include "basewise/seq/reverse_complement.h"
#include "tests/support/error_text.h"

namespace basewise::corpus {
namespace {

using testing::HasSubstr;

SimulationOptions small() {
  SimulationOptions o;
  o.sequences = 120;
  o.length = 61;
  o.motifs = {{.name = "box", .consensus = "TATAAT", .strength = 1.0}, {.name = "core", .consensus = "TTGACA", .strength = 1.0}};
  o.tasks = {{.name = "both", .motifs = {"box", "core"}}, {.name = "one", .motifs = {"core"}, .positive_fraction = 0.2}};
  return o;
}

// The letters at a planted place, read on its strand.
std::string letters_at(const SimulationResult& r, const Planted& p) {
  const std::string site = r.letters(p.sequence).substr(static_cast<std::size_t>(p.start), static_cast<std::size_t>(p.end - p.start));
  return p.strand == seq::Strand::reverse ? seq::reverse_complement(site) : site;
}

TEST(Simulator, PlantsWhatTheTableSays) {
  const SimulationResult r = simulate(small(), 7);
  ASSERT_EQ(r.sequences(), 120);
  ASSERT_EQ(r.labels.size(), 240U);
  ASSERT_FALSE(r.planted.empty());
  for (const Planted& p : r.planted) {
    EXPECT_EQ(letters_at(r, p), p.letters);
    EXPECT_EQ(p.letters, p.motif == "box" ? "TATAAT" : "TTGACA");
    EXPECT_GE(p.start, 0);
    EXPECT_LE(p.end, 61);
  }
}

TEST(Simulator, InstancesDoNotOverlap) {
  SimulationOptions o = small();
  o.tasks[0].count = InstanceCount::range;
  o.tasks[0].count_max = 6;
  const SimulationResult r = simulate(o, 3);
  for (std::size_t k = 1; k < r.planted.size(); ++k)
    if (r.planted[k].sequence == r.planted[k - 1].sequence) {
      EXPECT_GE(r.planted[k].start, r.planted[k - 1].end);
    }
  EXPECT_GT(r.left_out, 0) << "61 bases do not hold up to thirteen motifs of 6";
  EXPECT_THAT(r.summary(), HasSubstr("left out for lack of room"));
}

TEST(Simulator, LabelsSayWhatASequenceHolds) {
  const SimulationResult r = simulate(small(), 11);
  std::map<std::int64_t, std::set<std::string>> held;
  for (const Planted& p : r.planted) held[p.sequence].insert(p.motif);
  std::int64_t both = 0;
  for (std::int64_t i = 0; i < r.sequences(); ++i) {
    const std::size_t at = static_cast<std::size_t>(i) * 2;
    EXPECT_EQ(r.truth[at], held[i].size() == 2);
    EXPECT_EQ(r.truth[at + 1], held[i].contains("core"));
    EXPECT_EQ(r.labels[at], r.truth[at]);
    both += r.truth[at];
  }
  EXPECT_NEAR(static_cast<double>(both), 60, 20);
}

TEST(Simulator, IsAFunctionOfTheSeedAndGrowsByAppending) {
  SimulationOptions longer = small();
  longer.sequences = 150;
  const SimulationResult a = simulate(small(), 5);
  const SimulationResult b = simulate(longer, 5);
  EXPECT_TRUE(std::equal(a.tokens.begin(), a.tokens.end(), b.tokens.begin()));
  EXPECT_TRUE(std::equal(a.truth.begin(), a.truth.end(), b.truth.begin()));
  EXPECT_EQ(a.tokens, simulate(small(), 5).tokens);
  EXPECT_NE(a.tokens, simulate(small(), 6).tokens);
}

TEST(Simulator, NoiseTurnsLabelsAndLeavesSequencesAlone) {
  SimulationOptions noisy = small();
  noisy.sequences = 2000;
  noisy.label_noise = 0.1;
  noisy.missing_labels = 0.25;
  SimulationOptions clean = noisy;
  clean.label_noise = 0;
  clean.missing_labels = 0;
  const SimulationResult a = simulate(noisy, 5);
  const SimulationResult b = simulate(clean, 5);
  EXPECT_EQ(a.tokens, b.tokens);
  EXPECT_EQ(a.truth, b.truth);
  std::int64_t turned = 0;
  std::int64_t hidden = 0;
  for (std::size_t i = 0; i < a.labels.size(); ++i) {
    hidden += std::isnan(a.labels[i]);
    turned += !std::isnan(a.labels[i]) && a.labels[i] != static_cast<float>(a.truth[i]);
  }
  EXPECT_EQ(turned, a.turned);
  EXPECT_EQ(hidden, a.hidden);
  EXPECT_NEAR(static_cast<double>(turned), 300, 60);
  EXPECT_NEAR(static_cast<double>(hidden), 1000, 100);
}

TEST(Simulator, SpacedMotifsKeepOrderAndGap) {
  SimulationOptions o = small();
  o.tasks = {{.name = "promoter",
              .motifs = {"core", "box"},
              .positive_fraction = 1,
              .reverse_probability = 0,
              .spacing_min = 16,
              .spacing_max = 18}};
  const SimulationResult r = simulate(o, 2);
  ASSERT_EQ(r.planted.size(), 240U);
  std::set<std::int64_t> gaps;
  for (std::size_t k = 0; k < r.planted.size(); k += 2) {
    EXPECT_EQ(r.planted[k].motif, "core");
    EXPECT_EQ(r.planted[k + 1].motif, "box");
    gaps.insert(r.planted[k + 1].start - r.planted[k].end);
  }
  EXPECT_EQ(gaps, (std::set<std::int64_t>{16, 17, 18}));
}

TEST(Simulator, NegativesMayHoldDecoysOrAPart) {
  SimulationOptions o = small();
  o.tasks = {{.name = "both", .motifs = {"box", "core"}, .positive_fraction = 0, .negatives = NegativeContent::shuffled}};
  const SimulationResult decoys = simulate(o, 2);
  ASSERT_EQ(decoys.planted.size(), 240U);
  for (const Planted& p : decoys.planted) EXPECT_TRUE(p.decoy);
  o.tasks[0].negatives = NegativeContent::partial;
  const SimulationResult partial = simulate(o, 2);
  EXPECT_EQ(partial.planted.size(), 120U);
  EXPECT_EQ(std::count(partial.truth.begin(), partial.truth.end(), 1), 0);
}

TEST(Simulator, BackgroundHasTheCompositionAskedFor) {
  SimulationOptions o = small();
  o.sequences = 500;
  o.tasks = {{.name = "none", .motifs = {"box"}, .positive_fraction = 0}};
  o.gc = 0.7;
  EXPECT_NEAR(seq::gc_fraction(simulate(o, 1).tokens), 0.7, 0.01);
  o.composition = {0.1, 0.2, 0.3, 0.4};
  const SimulationResult r = simulate(o, 1);
  EXPECT_NEAR(static_cast<double>(std::count(r.tokens.begin(), r.tokens.end(), seq::kT)) / static_cast<double>(r.tokens.size()), 0.4,
              0.015);
}

TEST(Simulator, BackgroundOfAFileKeepsItsDinucleotides) {
  const std::filesystem::path fasta = std::filesystem::path(testing::TempDir()) / "background.fa";
  write_file(fasta, ">a\nNNNACACACACACACACACACACACACACACACACACACACACACACACACACACACACACACACACACACAC\n");
  SimulationOptions o = small();
  o.tasks = {{.name = "none", .motifs = {"box"}, .positive_fraction = 0}};
  o.background = fasta;
  const SimulationResult r = simulate(o, 1);
  for (std::int64_t i = 0; i < 5; ++i) EXPECT_EQ(r.letters(i).find_first_not_of("AC"), std::string::npos);
  o.length = 500;
  EXPECT_THAT(error_text([&] { simulate(o, 1); }), HasSubstr("no stretch of 500 bases without N"));
}

TEST(Simulator, BuiltInTaskIsUsedWhenNothingIsAsked) {
  SimulationOptions o;
  o.sequences = 400;
  const SimulationResult r = simulate(o, 1);
  EXPECT_EQ(r.tasks, (std::vector<std::string>{"CTCF", "SPI1", "CEBPB"}));
  EXPECT_EQ(r.length, 200);
  EXPECT_GT(r.turned, 0);
  for (std::size_t t = 0; t < 3; ++t) {
    std::int64_t positive = 0;
    for (std::size_t i = t; i < r.truth.size(); i += 3) positive += r.truth[i];
    EXPECT_NEAR(static_cast<double>(positive), 160, 40);
  }
}

TEST(Simulator, ErrorsNameWhatIsWrong) {
  SimulationOptions o = small();
  o.tasks[0].motifs = {"boxx"};
  EXPECT_THAT(error_text([&] { simulate(o, 1); }),
              HasSubstr("task 'both' asks for motif 'boxx', which is not among the motifs box, core; did you mean 'box'?"));
  o = small();
  o.length = 10;
  EXPECT_THAT(error_text([&] { simulate(o, 1); }), HasSubstr("bases in all, but only 10 are allowed"));
  o = small();
  o.motifs[0].consensus = "TAZ";
  EXPECT_THAT(error_text([&] { simulate(o, 1); }), HasSubstr("holds 'Z', which is no IUPAC letter"));
  o = small();
  o.motifs[0].matrix = {1, 0, 0, 0};
  EXPECT_THAT(error_text([&] { simulate(o, 1); }), HasSubstr("has more than one of 'consensus', 'matrix' and 'file'"));
  o.motifs[0].consensus.clear();
  o.motifs[0].matrix = {1, 0, 0};
  EXPECT_THAT(error_text([&] { simulate(o, 1); }), HasSubstr("has 3 numbers; it needs four"));
  o = small();
  o.position_min = 50;
  o.position_max = 70;
  EXPECT_THAT(error_text([&] { simulate(o, 1); }), HasSubstr("[50, 70) of a sequence of 61 bases"));
  o = small();
  o.tasks[1].name = "both";
  EXPECT_THAT(error_text([&] { simulate(o, 1); }), HasSubstr("two tasks are named 'both'"));
}

TEST(Simulator, PlacesBlocksEvenly) {
  // Blocks of 2 and 1 in a room of 4: the gaps can lie in 3 ways for each of 2 orders, all equally
  // likely.
  std::map<std::vector<std::int64_t>, int> seen;
  Stream stream(3);
  for (int k = 0; k < 6000; ++k) ++seen[detail::place({2, 1}, 4, stream)];
  EXPECT_EQ(seen.size(), 6U);
  for (const auto& [starts, count] : seen) EXPECT_NEAR(count, 1000, 150);
}

TEST(Simulator, EachSequenceIsPositiveForOneTask) {
  SimulationOptions o = small();
  o.task_choice = TaskChoice::one;
  o.tasks = {{.name = "box", .motifs = {"box"}}, {.name = "core", .motifs = {"core"}}, {.name = "again", .motifs = {"box"}}};
  const SimulationResult r = simulate(o, 4);
  for (std::int64_t i = 0; i < r.sequences(); ++i) {
    const auto at = static_cast<std::size_t>(i) * 3;
    // The third task asks for the motif of the first, so each holds the other's.
    const std::vector<std::uint8_t> expected = i % 3 == 1 ? std::vector<std::uint8_t>{0, 1, 0} : std::vector<std::uint8_t>{1, 0, 1};
    EXPECT_EQ(
        std::vector<std::uint8_t>(r.truth.begin() + static_cast<std::ptrdiff_t>(at), r.truth.begin() + static_cast<std::ptrdiff_t>(at) + 3),
        expected);
  }
  EXPECT_EQ(r.planted.size(), 120U);
}

TEST(Simulator, CountsOfAPoissonInARange) {
  SimulationOptions o = small();
  o.sequences = 6000;
  o.length = 90;
  o.tasks = {{.name = "core",
              .motifs = {"core"},
              .positive_fraction = 1,
              .count = InstanceCount::poisson_range,
              .count_max = 3,
              .count_mean = 2}};
  const SimulationResult r = simulate(o, 8);
  std::map<std::int64_t, int> per_sequence;
  std::int64_t reverse = 0;
  for (const Planted& p : r.planted) {
    ++per_sequence[p.sequence];
    reverse += p.strand == seq::Strand::reverse;
  }
  std::map<int, int> counts;
  for (const auto& [sequence, n] : per_sequence) ++counts[n];
  ASSERT_EQ(counts.size(), 3U);
  // Poisson(2) has 2, 2 and 4/3 parts of exp(-2) at 1, 2 and 3.
  EXPECT_NEAR(counts[1], 2250, 130);
  EXPECT_NEAR(counts[2], 2250, 130);
  EXPECT_NEAR(counts[3], 1500, 110);
  EXPECT_NEAR(static_cast<double>(reverse) / static_cast<double>(r.planted.size()), 0.5, 0.02);
  o.tasks[0].count_min = 4;
  EXPECT_THAT(error_text([&] { simulate(o, 1); }), HasSubstr("count_max 3 is below count_min 4"));
}

TEST(Simulator, SmoothingMixesInAllBases) {
  const motifs::MotifMatrix motif = make_motif({.name = "m", .matrix = {3, 0, 0, 1, 0, 7, 0, 0}, .smoothing = 0.2});
  EXPECT_EQ(motif.rows[0], (motifs::BaseVector{0.8 * 0.75 + 0.05, 0.05, 0.05, 0.8 * 0.25 + 0.05}));
  EXPECT_EQ(motif.rows[1], (motifs::BaseVector{0.05, 0.8 + 0.05, 0.05, 0.05}));
}

TEST(Simulator, PlacesBlocksInTurn) {
  // Blocks of 2 and 1 in a room of 4: the first has three places; where it stands at 1 the second
  // has 0 and 3, else two neighbours.
  std::map<std::vector<std::int64_t>, int> seen;
  Stream stream(3);
  for (int k = 0; k < 6000; ++k) ++seen[detail::place_in_turn({2, 1}, 4, stream)];
  const std::map<std::vector<std::int64_t>, int> expected = {{{0, 2}, 1000}, {{0, 3}, 1000}, {{1, 0}, 1000},
                                                             {{1, 3}, 1000}, {{2, 0}, 1000}, {{2, 1}, 1000}};
  ASSERT_EQ(seen.size(), expected.size());
  for (const auto& [starts, count] : seen) EXPECT_NEAR(count, expected.at(starts), 150);
  // One of width 1 before one of width 2 in a room of 5:
  // evenly all placements were alike, in turn they are not.
  std::map<std::vector<std::int64_t>, int> uneven;
  for (int k = 0; k < 10'000; ++k) ++uneven[detail::place_in_turn({1, 2}, 5, stream)];
  EXPECT_NEAR((uneven[{0, 1}]), 10'000 / 15, 130) << "first at 0 of 5 places, second at one of 3";
  EXPECT_NEAR((uneven[{1, 2}]), 10'000 / 10, 150) << "first at 1, second at one of 2";
  // A room without any gap: the first block decides whether there is one for the rest.
  for (int k = 0; k < 20; ++k) {
    const std::vector<std::int64_t> starts = detail::place_in_turn({2, 2, 2}, 6, stream);
    EXPECT_THAT(starts, testing::UnorderedElementsAre(0, 2, 4));
  }
}

TEST(Simulator, CountsOfAnotherKindAreRefused) {
  const auto read = [](const std::string& toml) {
    SimulationOptions o;
    return maybe_error_text([&] { read_toml(described(o), "[[tasks]]\n" + toml, "r.toml"); });
  };
  EXPECT_EQ(read("count = \"poisson_range\"\ncount_min = 2\ncount_max = 3\ncount_mean = 2\n"), "");
  EXPECT_THAT(read("count = \"poisson\"\ncount_min = 2\n"),
              HasSubstr("tasks.0.count_min means nothing with count = \"poisson\""));
  EXPECT_THAT(read("count_max = 2\n"), HasSubstr("\"range\" or \"poisson_range\" uses it"));
  EXPECT_THAT(read("count = \"range\"\ncount_max = 2\ncount_mean = 2\n"),
              HasSubstr("\"poisson\" or \"poisson_range\" uses it"));
}

TEST(Simulator, WritesSequencesLabelsAndPlaces) {
  SimulationOptions o = small();
  o.sequences = 3;
  o.missing_labels = 1;
  const SimulationResult r = simulate(o, 9);
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "simulated";
  const auto paths = write_simulation(r, folder);
  ASSERT_EQ(paths.size(), 3U);
  EXPECT_THAT(read_file(folder / "sequences.fa"), testing::StartsWith(">sequence_0\n" + r.letters(0) + "\n>sequence_1\n"));
  EXPECT_THAT(read_file(folder / "sequences.tsv"),
              testing::StartsWith("name\tsequence\tboth\tone\nsequence_0\t" + r.letters(0) + "\tNA\tNA\n"));
  EXPECT_THAT(read_file(folder / "planted.tsv"), testing::StartsWith("sequence\tmotif\tstart\tend\tstrand\tletters\tdecoy\n"));
}

}  // namespace
}  // namespace basewise::corpus
