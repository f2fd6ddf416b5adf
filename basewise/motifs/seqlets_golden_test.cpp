// Against tangermeme, modiscolite and NumPy: tests/golden/seqlets.json, made by
// tests/golden/seqlets_golden.py (versions and seed inside).
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "basewise/core/json.h"
#include "basewise/core/numpy_random.h"
#include "basewise/motifs/seqlets.h"

namespace basewise::motifs {
namespace {

using Json = nlohmann::ordered_json;

Json golden() { return read_json("tests/golden/seqlets.json"); }

AttributionSet set_of(const Json& g) {
  AttributionSet set;
  set.examples = g["examples"];
  set.length = g["length"];
  for (const int x : g["times_64"].get<std::vector<int>>()) set.contributions.push_back(static_cast<float>(x) / 64);
  set.tokens.assign(set.contributions.size(), seq::kA);
  return set;
}

RecursiveSeqletOptions options_of(const Json& g, SeqletSigns signs) {
  RecursiveSeqletOptions o = {.signs = signs};
  o.p_value = g.value("threshold", o.p_value);
  o.min_length = g.value("min_seqlet_len", o.min_length);
  o.max_length = g.value("max_seqlet_len", o.max_length);
  o.flank = g.value("additional_flanks", o.flank);
  o.bins = g.value("n_bins", o.bins);
  return o;
}

// Rows of example, start, end, sum and, where there is one, p-value.
void expect_equal(const std::vector<Seqlet>& found, const Json& rows, double sign, const std::string& where) {
  ASSERT_EQ(found.size(), rows.size()) << where;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Json& row = rows[i];
    EXPECT_EQ(found[i].example, row[0].get<std::int64_t>()) << where << i;
    EXPECT_EQ(found[i].start, row[1].get<std::int64_t>()) << where << i;
    EXPECT_EQ(found[i].end, row[2].get<std::int64_t>()) << where << i;
    EXPECT_EQ(found[i].attribution, sign * row[3].get<double>()) << where << i;
    if (row.size() > 4) {
      EXPECT_EQ(found[i].p_value, row[4].get<double>()) << where << i;
    }
  }
}

TEST(SeqletsGolden, RecursiveEqualsTangermeme) {
  for (const Json& g : golden()["cases"]) {
    const AttributionSet set = set_of(g);
    for (const Json& r : g["recursive"]) {
      const std::string where = g["name"].get<std::string>() + r["options"].dump();
      const auto call = [&](SeqletSigns signs) { return recursive_seqlets(set, options_of(r["options"], signs)).seqlets; };
      expect_equal(call(SeqletSigns::positive), r["positive"], 1, where + " positive ");
      expect_equal(call(SeqletSigns::negative), r["negative"], -1, where + " negative ");
    }
  }
}

TEST(SeqletsGolden, ModiscoEqualsModiscolite) {
  for (const Json& g : golden()["cases"]) {
    const AttributionSet set = set_of(g);
    for (const Json& m : g["modisco"]) {
      const SeqletResult result = modisco_seqlets(set, {.window = m["window"], .flank = m["flank"], .fdr = m["fdr"]});
      const std::string where = format("{} {} {} ", g["name"].get<std::string>(), m["fdr"].get<double>(), m["window"].get<int>());
      EXPECT_EQ(result.null.sign_threshold, m["sign_threshold"].get<double>()) << where;
      EXPECT_EQ(result.positive + result.negative + result.left_out, m["called"].get<std::int64_t>()) << where;
      expect_equal(result.seqlets, m["seqlets"], 1, where);
    }
  }
}

// More than a million windows, so that those which thresholds come from are drawn.
TEST(SeqletsGolden, ModiscoDrawsWindowsAsModiscolite) {
  const Json g = golden()["big"];
  AttributionSet set;
  set.examples = g["examples"];
  set.length = g["length"];
  for (std::int64_t k = 0; k < set.examples * set.length; ++k) {
    auto h = static_cast<std::uint32_t>(static_cast<std::uint64_t>(k) * 2654435761u + 12345u);
    h = (h ^ (h >> 15)) * 2246822519u;
    const int u = static_cast<int>((h ^ (h >> 13)) & 0xfffu) - 2048;
    const double base = std::floor(u * std::abs(u) / 4096.0) / 64;
    set.contributions.push_back(static_cast<float>(base + (k % 997 < 9 ? 14 : 0)));
  }
  const SeqletResult result = modisco_seqlets(set, {.fdr = g["fdr"]});
  EXPECT_EQ(result.null.sign_threshold, g["sign_threshold"].get<double>());
  ASSERT_EQ(result.seqlets.size(), g["kept"].get<std::size_t>());
  std::int64_t starts = 0;
  double sum = 0;
  for (const Seqlet& s : result.seqlets) {
    starts += s.start;
    sum += s.attribution;
  }
  EXPECT_EQ(starts, g["starts"].get<std::int64_t>());
  EXPECT_EQ(sum, g["sum"].get<double>());
}

TEST(SeqletsGolden, DrawsEqualNumpy) {
  const Json g = golden()["numpy_random"];
  NumpyRandom random(1234);
  for (const double u : g["uniform"].get<std::vector<double>>()) EXPECT_EQ(random.uniform(), u);
  const std::vector<std::uint32_t> order = NumpyRandom(1234).permutation(1000);
  const auto expected = g["permutation"].get<std::vector<std::uint32_t>>();
  EXPECT_EQ(std::vector(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(expected.size())), expected);
}

}  // namespace
}  // namespace basewise::motifs
