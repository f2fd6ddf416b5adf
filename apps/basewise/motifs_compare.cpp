#include <algorithm>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/motifs.h"
#include "basewise/annotate/collections.h"
#include "basewise/annotate/compare.h"
#include "basewise/core/log.h"

namespace basewise::app {
namespace {

constexpr std::size_t kShown = 40;  // rows on a terminal; --out and --json have all

nlohmann::ordered_json to_json(const annotate::CompareResult& result) {
  nlohmann::ordered_json json = {{"queries", result.queries},
                                 {"targets", result.targets},
                                 {"matched", result.matched},
                                 {"matches", nlohmann::ordered_json::array()},
                                 {"files", nlohmann::ordered_json::array()},
                                 {"notes", result.notes}};
  for (const annotate::ComparedPair& pair : result.pairs)
    json["matches"].push_back({{"query", pair.query},
                               {"target", pair.target},
                               {"description", pair.target_description},
                               {"offset", pair.match.offset},
                               {"p_value", pair.match.p_value},
                               {"e_value", pair.match.e_value},
                               {"q_value", pair.match.q_value},
                               {"score", pair.match.score},
                               {"overlap", pair.match.overlap},
                               {"orientation", pair.match.reverse ? "-" : "+"},
                               {"query_consensus", pair.query_consensus},
                               {"target_consensus", pair.target_consensus}});
  for (const auto& file : result.files) json["files"].push_back(file.string());
  return json;
}

void print_pairs(const annotate::CompareResult& result) {
  std::vector<std::vector<std::string>> rows = {{"QUERY", "TARGET", "NAME", "P", "E", "Q", "OFFSET", "OVERLAP", "STRAND"}};
  for (std::size_t i = 0; i < std::min(kShown, result.pairs.size()); ++i) {
    const annotate::ComparedPair& pair = result.pairs[i];
    rows.push_back({pair.query, pair.target, pair.target_description, format("{:.3g}", pair.match.p_value),
                    format("{:.3g}", pair.match.e_value), format("{:.3g}", pair.match.q_value), format("{}", pair.match.offset),
                    format("{}", pair.match.overlap), pair.match.reverse ? "-" : "+"});
  }
  if (!result.pairs.empty()) print(table_text(rows));
  if (result.pairs.size() > kShown) print(format("... and {} more: --out FILE.tsv has all\n", result.pairs.size() - kShown));
}

}  // namespace

int motifs_compare(const Arguments& arguments) {
  Command command("basewise motifs compare",
                  "Compares motifs with those of a file or collection: the best offset and orientation of each pair, with p, E "
                  "and q values as Tomtom's complete scores.",
                  {"basewise motifs compare filters.meme jaspar2024 --out matches.tsv",
                   "basewise motifs compare patterns.meme hocomoco13 --best 3 --threshold 0.05 --by q",
                   "basewise motifs compare mine.jaspar theirs.transfac --distance pearson --min-overlap 5 --json"});
  annotate::CompareRequest request;
  command.add_options(command.app(), described(request), {"query"}, "query");
  command.add_options(command.app(), described(request), {"target"}, "target");
  command.add_options([&](Visitor& v) { annotate::describe_flags(v, request); }, "Options of motifs compare");
  command.app().footer(annotate::collections_text() + "\n" + command.app().get_footer());
  if (!command.parse(arguments)) return 0;

  command.apply(described(request));
  const annotate::CompareResult result = annotate::compare_motifs(request);
  if (command.json()) return print_json(to_json(result)), 0;
  for (const std::string& note : result.notes) log_warning("{}", note);
  if (command.quiet() && !result.files.empty()) return 0;
  if (result.files.empty()) print_pairs(result);
  print(format("{} of {} motifs match one of {}: {} matches\n", result.matched, result.queries, result.targets, result.pairs.size()));
  for (const auto& file : result.files) print(format("wrote {}\n", file.string()));
  return 0;
}

}  // namespace basewise::app
