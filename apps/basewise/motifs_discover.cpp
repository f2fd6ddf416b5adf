#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/motifs.h"
#include "basewise/annotate/discover.h"
#include "basewise/core/log.h"
#include "basewise/report/folder_page.h"

namespace basewise::app {
namespace {

nlohmann::ordered_json to_json(const motifs::DiscoveryCounts& counts) {
  return {{"found", counts.found},       {"used", counts.used},         {"agreed", counts.agreed},
          {"clusters", counts.clusters}, {"patterns", counts.patterns}, {"mapped", counts.mapped}};
}

nlohmann::ordered_json to_json(const annotate::DiscoverResult& result) {
  nlohmann::ordered_json json = {{"files", nlohmann::ordered_json::array()},
                                 {"examples", result.examples},
                                 {"positions", result.positions},
                                 {"positive", to_json(result.positive)},
                                 {"negative", to_json(result.negative)},
                                 {"patterns", nlohmann::ordered_json::array()},
                                 {"notes", result.notes},
                                 {"seconds", result.seconds}};
  for (const auto& file : result.files) json["files"].push_back(file.string());
  for (const auto& p : result.patterns)
    json["patterns"].push_back({{"pattern", p.pattern},
                                {"positive", p.positive},
                                {"seqlets", p.seqlets},
                                {"consensus", p.consensus},
                                {"match", p.match},
                                {"match_q", p.match.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(p.match_q)}});
  return json;
}

void print_patterns(const annotate::DiscoverResult& result) {
  if (result.patterns.empty()) return;
  std::vector<std::vector<std::string>> rows = {{"PATTERN", "SEQLETS", "CONSENSUS", "MATCH", "Q"}};
  for (const auto& p : result.patterns)
    rows.push_back({p.pattern, format("{}", p.seqlets), p.consensus, p.match.empty() ? "-" : p.match,
                    p.match.empty() ? "-" : format("{:.2g}", p.match_q)});
  print(table_text(rows));
}

}  // namespace

int motifs_discover(const Arguments& arguments) {
  Command command("basewise motifs discover", "Finds motifs that recur in the attributions of many sequences, as TF-MoDISco does.",
                  {"basewise motifs discover attributions --motifs jaspar2024 --out motifs",
                   "basewise motifs discover scores.h5 --window 500 --max-seqlets 100000 --out motifs",
                   "basewise motifs discover attributions.npz --sequences sequences.npz --seed 7 --out motifs"});
  annotate::DiscoverOptions options;
  command.add_options(described(options), "Options of discover", "attributions");
  if (!command.parse(arguments)) return 0;

  command.apply(described(options));
  auto result = annotate::discover(options);
  if (const auto page = report::try_folder_page(options.out); !page.empty()) result.files.push_back(page);
  if (command.json()) return print_json(to_json(result)), 0;
  for (const std::string& note : result.notes) log_warning("{}", note);
  if (command.quiet() && !result.files.empty()) return 0;
  print_patterns(result);
  print(format("{} patterns from {} positive and {} negative seqlets of {} examples, in {:.1f} s\n", result.patterns.size(),
               result.positive.used, result.negative.used, result.examples, result.seconds));
  for (const auto& file : result.files) print(format("wrote {}\n", file.string()));
  return 0;
}

}  // namespace basewise::app
