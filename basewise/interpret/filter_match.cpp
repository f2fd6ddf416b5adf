#include "basewise/interpret/filter_match.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "basewise/io/tsv.h"

namespace basewise::interpret {
namespace {

/// Words between commas, without blanks around them.
std::vector<std::string> words_between_commas(std::string_view text) {
  std::vector<std::string> words;
  while (true) {
    const std::size_t end = text.find(',');
    std::string word(text.substr(0, end));
    std::erase(word, ' ');
    words.push_back(std::move(word));
    if (end == std::string_view::npos) return words;
    text.remove_prefix(end + 1);
  }
}

motifs::MotifMatrix rounded(motifs::MotifMatrix motif) {
  for (motifs::BaseVector& row : motif.rows)
    for (double& share : row) share = std::round(share * 1e4) / 1e4;
  return motif;
}

/// Index of the expected motif that a target is; -1: none.
std::ptrdiff_t expected_index(std::span<const ExpectedMotif> expected, const std::string& target) {
  for (std::size_t k = 0; k < expected.size(); ++k)
    if (std::find(expected[k].identifiers.begin(), expected[k].identifiers.end(), target) != expected[k].identifiers.end())
      return static_cast<std::ptrdiff_t>(k);
  return -1;
}

}  // namespace

std::vector<ExpectedMotif> read_expected_motifs(const std::filesystem::path& file) {
  io::TsvReader table(file);
  std::vector<ExpectedMotif> all;
  std::set<std::string> seen;
  while (table.next()) {
    ExpectedMotif motif{.name = std::string(table.text("name")), .identifiers = words_between_commas(table.text("identifiers"))};
    if (motif.name.empty()) table.fail("a motif without a name");
    if (!seen.insert("name " + motif.name).second) table.fail(format("the name '{}' is given twice", motif.name));
    for (const std::string& identifier : motif.identifiers) {
      if (identifier.empty()) table.fail(format("motif '{}' has an empty identifier; write them with one comma between", motif.name));
      if (!seen.insert(identifier).second) table.fail(format("the identifier '{}' is given twice", identifier));
    }
    all.push_back(std::move(motif));
  }
  if (all.empty()) throw DataError(format("{}: no motif is expected: the table has no rows", file.string()));
  return all;
}

std::vector<std::vector<FilterHit>> filter_hits(std::span<const motifs::MotifMatrix> queries, const motifs::MotifComparison& comparison,
                                                double e_value) {
  std::vector<motifs::MotifMatrix> asked;
  for (const motifs::MotifMatrix& query : queries) asked.push_back(rounded(query));
  std::vector<std::vector<FilterHit>> all;
  for (const auto& matches : comparison.best_matches(asked, 0)) {
    std::vector<FilterHit>& hits = all.emplace_back();
    for (const motifs::MotifMatch& match : matches)
      if (match.e_value <= e_value)
        hits.push_back({.target = comparison.targets()[static_cast<std::size_t>(match.target)].name, .q_value = match.q_value});
  }
  return all;
}

MatchSummary summarise(std::span<const std::vector<FilterHit>> hits, std::span<const ExpectedMotif> expected,
                       std::span<const std::string> ignored) {
  std::int64_t matched = 0, any = 0;
  std::set<std::ptrdiff_t> covered;
  for (const std::vector<FilterHit>& of_filter : hits) {
    const bool only_ignored =
        of_filter.size() == 1 && std::find(ignored.begin(), ignored.end(), of_filter.front().target) != ignored.end();
    any += !of_filter.empty() && !only_ignored;
    std::ptrdiff_t best = -1;
    double q = std::numeric_limits<double>::infinity();
    for (const FilterHit& hit : of_filter)
      if (const std::ptrdiff_t k = expected_index(expected, hit.target); k >= 0 && hit.q_value < q) best = k, q = hit.q_value;
    if (best < 0) continue;
    ++matched;
    covered.insert(best);
  }
  const auto filters = static_cast<double>(hits.size());
  MatchSummary summary{.any = static_cast<double>(any) / filters};
  const bool known = !expected.empty();
  summary.matched = known ? static_cast<double>(matched) / filters : std::nan("");
  summary.coverage = known ? static_cast<double>(covered.size()) / static_cast<double>(expected.size()) : std::nan("");
  return summary;
}

}  // namespace basewise::interpret
