// Simulated attributions with planted motifs, for tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/random.h"
#include "basewise/motifs/pattern.h"

namespace basewise::motifs::testing {

/// A motif as a sequence; `share` of examples hold it, its letters contribute `effect` each.
struct Planted {
  std::string letters;
  double share = 0.5;
  double effect = 1;
  double turned = 0;  ///< share of sites on the other strand
};

struct Site {
  std::size_t motif = 0;
  std::int64_t example = 0, start = 0;
  bool reverse = false;
};

struct Simulated {
  AttributionSet set;
  std::vector<Site> sites;
};

/// At most one site of each motif in an example, none overlaps another or lies at an edge;
/// noise of 0.05 everywhere.
/// Hypothetical attributions of a site are -effect / 3 for the letters that are not there.
inline Simulated simulate(std::int64_t examples, std::int64_t length, const std::vector<Planted>& motifs, std::uint64_t seed) {
  Simulated result;
  AttributionSet& set = result.set;
  set.examples = examples;
  set.length = length;
  set.tokens.resize(examples * length);
  set.contributions.resize(examples * length);
  set.hypothetical.resize(examples * 4 * length);
  const auto slots = static_cast<std::int64_t>(motifs.size());
  const std::int64_t edge = std::min<std::int64_t>(25, length / 6);  // a pattern needs room around a site
  for (std::int64_t e = 0; e < examples; ++e) {
    Stream stream(seed, static_cast<std::uint64_t>(e));
    seq::Token* tokens = set.tokens.data() + e * length;
    float* hypothetical = set.hypothetical.data() + e * 4 * length;
    for (std::int64_t p = 0; p < length; ++p) tokens[p] = static_cast<seq::Token>(stream.below(4));
    for (std::int64_t i = 0; i < 4 * length; ++i) hypothetical[i] = static_cast<float>(0.05 * stream.normal());
    for (std::int64_t m = 0; m < slots; ++m) {
      const Planted& motif = motifs[m];
      if (!stream.bernoulli(motif.share)) continue;
      const auto width = static_cast<std::int64_t>(motif.letters.size());
      const std::int64_t low = edge + (length - 2 * edge) * m / slots, high = edge + (length - 2 * edge) * (m + 1) / slots - width;
      const Site site = {static_cast<std::size_t>(m), e, stream.integer(low, high), stream.bernoulli(motif.turned)};
      result.sites.push_back(site);
      for (std::int64_t i = 0; i < width; ++i) {
        const auto letter = static_cast<seq::Token>(seq::kLetters.find(motif.letters[site.reverse ? width - 1 - i : i]));
        const auto token = site.reverse ? static_cast<seq::Token>(3 - letter) : letter;
        tokens[site.start + i] = token;
        for (std::int64_t c = 0; c < 4; ++c)
          hypothetical[c * length + site.start + i] += static_cast<float>(c == token ? motif.effect : -motif.effect / 3);
      }
    }
    for (std::int64_t p = 0; p < length; ++p) set.contributions[e * length + p] = hypothetical[tokens[p] * length + p];
  }
  return result;
}

/// Letters of the rows whose best share is at least 0.6, others as '.'.
inline std::string letters_of(const Pattern& pattern) {
  std::string result;
  for (const BaseVector& row : pattern.sequence) {
    std::size_t best = 0;
    for (std::size_t c = 1; c < 4; ++c)
      if (row[c] > row[best]) best = c;
    result += row[best] >= 0.6 ? seq::kLetters[best] : '.';
  }
  return result;
}

inline std::string turned_letters(std::string_view letters) {
  std::string result;
  for (auto letter = letters.rbegin(); letter != letters.rend(); ++letter) result += "TGCA"[seq::kLetters.find(*letter)];
  return result;
}

}  // namespace basewise::motifs::testing
