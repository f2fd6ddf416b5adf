// Small folders that are no runs, for the tests of this module.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/format.h"
#include "basewise/io/attribution_writer.h"
#include "basewise/io/meme.h"
#include "basewise/io/modisco_file.h"
#include "basewise/io/tsv.h"

namespace basewise::report::testing {

inline fs::path fresh_folder(const std::string& name) {
  const fs::path folder = fs::path(::testing::TempDir()) / "basewise_report" / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

/// Columns that have one letter in 17 of 20 sites.
inline std::vector<motifs::BaseVector> columns_of(const std::string& letters) {
  std::vector<motifs::BaseVector> rows;
  for (const char c : letters) {
    motifs::BaseVector row = {0.05, 0.05, 0.05, 0.05};
    const auto letter = std::string("ACGT").find(c);
    if (letter == std::string::npos)
      row = motifs::kUniform;
    else
      row[letter] = 0.85;
    rows.push_back(row);
  }
  return rows;
}

inline std::vector<motifs::BaseVector> times(std::vector<motifs::BaseVector> rows, double factor) {
  for (auto& row : rows)
    for (double& x : row) x = (x - 0.05) * factor;
  return rows;
}

/// A pattern with one seqlet in each of four examples of 60 positions.
inline motifs::Pattern test_pattern(const std::string& name, const std::string& letters, bool positive) {
  motifs::Pattern pattern{.name = name, .positive = positive, .sequence = columns_of(letters)};
  pattern.contributions = times(columns_of(letters), positive ? 0.5 : -0.25);
  for (auto& row : pattern.contributions)
    for (double& x : row)
      if (std::abs(x) < 1e-12 || std::abs(x) == 0.1) x = 0;
  pattern.hypothetical = pattern.contributions;
  for (std::int64_t e = 0; e < 4; ++e)
    pattern.seqlets.push_back({.example = e, .start = 10 + 5 * e, .end = 10 + 5 * e + pattern.width(), .reverse = e % 2 == 1});
  return pattern;
}

struct TestDiscovery {
  std::string input = "runs/attributions";
  std::string match = "MA0001.1 Motif";
  std::string note = "examples were cut to 60";
  bool patterns = true;
};

/// As `basewise motifs discover` writes it: patterns "NNNNNCACGTNN..." with a known motif that
/// reads the other way, and one negative pattern without match.
inline fs::path write_discovery(const std::string& name, const TestDiscovery& d = {}) {
  const fs::path folder = fresh_folder(name);
  std::vector<motifs::Pattern> patterns;
  if (d.patterns) {
    patterns = {test_pattern("pos_patterns.pattern_0", "NNNNNNNGGAACTNNNNNNN", true),
                test_pattern("neg_patterns.pattern_0", "NNNNNNNTTATANNNNNNNN", false)};
    patterns[0].subpatterns = {test_pattern("pos_patterns.pattern_0.subpattern_0", "NNNNNNNGGAACTNNNNNNN", true)};
  }
  motifs::AttributionSet set{.examples = 4, .length = 60, .tokens = {}, .contributions = {}, .hypothetical = {}};
  for (std::int64_t i = 0; i < 4 * 60; ++i) {
    set.tokens.push_back(static_cast<seq::Token>(i % 4));
    set.contributions.push_back(static_cast<float>(i % 7) * 0.1F);
  }
  io::write_modisco(folder / "patterns.h5", patterns, set);
  std::vector<std::vector<std::string>> rows;
  if (d.patterns)
    rows = {{"pos_patterns.pattern_0", "1", "4", "13", "5.25", d.match, "1.5e-06", "0.003", "0.002"},
            {"neg_patterns.pattern_0", "0", "4", "13", "5.25", "", "", "", ""}};
  io::write_tsv(folder / "patterns.tsv",
                {"pattern", "positive", "seqlets", "width", "information", "match", "match_p", "match_e", "match_q"}, rows);
  if (d.match == "MA0001.1 Motif")
    io::write_meme(folder / "matches.meme", {{.name = "MA0001.1", .description = "Motif", .rows = columns_of("AGTTCC"), .url = {}}});
  const nlohmann::ordered_json counts = {{"found", 9}, {"used", 8}, {"agreed", 8}, {"clusters", 1}, {"patterns", 1}, {"mapped", 4}};
  const nlohmann::ordered_json json = {{"schema", "basewise/discovery/1"},
                                       {"input", d.input},
                                       {"motifs", "motifs.meme"},
                                       {"examples", 4},
                                       {"length", 60},
                                       {"positive", counts},
                                       {"negative", counts},
                                       {"notes", {d.note}},
                                       {"options", {{"seed", 1}}},
                                       {"versions", {{"basewise", "0"}}}};
  write_file(folder / "discovery.json", json.dump());
  return folder;
}

/// As `basewise attribute` writes it: `examples` of 150 positions, example e with attributions
/// e + 1 at positions 70 to 75 and -0.5 at 80; hypothetical scores of letters that are not there
/// are 0.25 less.
struct TestAttribution {
  std::string method = "deepshap";
  std::int64_t examples = 14;
  std::string name = "peak";
  bool seqlets = true;
};
inline fs::path write_attribution(const std::string& name, const TestAttribution& a = {}) {
  const fs::path folder = fresh_folder(name);
  constexpr std::int64_t kLength = 150;
  const bool mutations = a.method == "mutagenesis";
  std::vector<std::vector<std::string>> loci;
  std::vector<seq::Token> tokens;
  std::vector<float> scores(static_cast<std::size_t>(a.examples * 4 * kLength));
  for (std::int64_t e = 0; e < a.examples; ++e) {
    for (std::int64_t p = 0; p < kLength; ++p) {
      tokens.push_back(static_cast<seq::Token>((p + e) % 4));
      const float value = p >= 70 && p < 76 ? static_cast<float>(e + 1) : p == 80 ? -0.5F : 0.0F;
      for (std::int64_t l = 0; l < 4; ++l)
        scores[static_cast<std::size_t>((e * 4 + l) * kLength + p)] = l == (p + e) % 4 ? value : value - 0.25F;
    }
    loci.push_back({format("{}", e), a.name, "chr1", format("{}", 1000 * e), format("{}", 1000 * e + kLength), e == 13 ? "-" : "+", "1.5",
                    mutations ? ""
                    : e == 2  ? "0.01"
                              : "0.0001"});
  }
  io::AttributionPairWriter arrays(folder / "sequences.npz", folder / "attributions.npz", kLength);
  if (a.examples > 0) arrays.append(tokens, scores);
  arrays.close();
  io::write_tsv(folder / "loci.tsv", {"example", "name", "chrom", "start", "end", "strand", "prediction", "convergence"}, loci);
  // Example 13 reads the other strand: its positions 70 to 76 are bases 74 to 80 of its window.
  if (a.seqlets)
    write_file(folder / "seqlets.bed", format("#chrom\tstart\tend\tname\tscore\tstrand\tattribution\tp-value\texample\n"
                                              "chr1\t12070\t12076\t{0}\t9\t+\t1\t0.1\t12\nchr1\t13074\t13080\t{0}\t9\t-\t1\t0.1\t13\n",
                                              a.name));
  nlohmann::ordered_json json = {{"schema", "basewise/attribution/1"},
                                 {"run", "runs/" + a.name},
                                 {"method", a.method},
                                 {"target", "counts"},
                                 {"examples", a.examples},
                                 {"length", kLength},
                                 {"hypothetical", true},
                                 {"notes", {"a note of " + a.name}}};
  json["references"] = mutations ? nlohmann::ordered_json() : nlohmann::ordered_json("dinucleotide, 20");
  if (!mutations) json["convergence"] = {{"largest", 0.01}, {"over_threshold", 1}};
  write_file(folder / "attribute.json", json.dump());
  return folder;
}

/// As `basewise motifs filters` writes it: a motif with a match, a dead filter, one with few sites.
inline fs::path write_filters(const std::string& name, const std::string& hostile = "peak") {
  const fs::path folder = fresh_folder(name);
  io::write_tsv(folder / "filters.tsv",
                {"filter", "layer", "state", "sites", "threshold", "largest", "information", "match", "match_p", "match_e", "match_q"},
                {{"filter_0", hostile, "dead", "0", "", "0", "", "", "", "", ""},
                 {"filter_1", hostile, "kept", "123", "0.5", "1", "6.5", "MA0001.1", "1e-05", "0.01", "0.02"},
                 {"filter_2", hostile, "few_sites", "1", "0.5", "1", "", "", "", "", ""},
                 {"filter_3", hostile, "kept", "77", "0.5", "1", "9.25", hostile, "", "", ""}});
  io::write_meme(folder / "filters.meme", {{.name = "filter_1", .description = {}, .rows = columns_of("NGGAACT"), .url = {}},
                                           {.name = "filter_3", .description = {}, .rows = columns_of("TTATANN"), .url = {}}});
  io::write_meme(folder / "matches.meme", {{.name = "MA0001.1", .description = {}, .rows = columns_of("AGTTCC"), .url = {}}});
  const nlohmann::ordered_json json = {
      {"schema", "basewise/filters/1"}, {"run", "runs/" + hostile}, {"layer", hostile}, {"notes", {hostile}}};
  write_file(folder / "filters.json", json.dump());
  return folder;
}

}  // namespace basewise::report::testing
