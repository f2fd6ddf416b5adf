#include <algorithm>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/motifs.h"
#include "basewise/annotate/seqlets.h"
#include "basewise/core/log.h"

namespace basewise::app {
namespace {

nlohmann::ordered_json to_json(const annotate::SeqletsResult& result) {
  nlohmann::ordered_json json = {{"files", nlohmann::ordered_json::array()},
                                 {"examples", result.examples},
                                 {"positions", result.positions},
                                 {"positive", result.positive},
                                 {"negative", result.negative},
                                 {"left_out", result.left_out},
                                 {"motifs", nlohmann::ordered_json::array()},
                                 {"notes", result.notes},
                                 {"seconds", result.seconds}};
  for (const auto& file : result.files) json["files"].push_back(file.string());
  for (const auto& m : result.motifs)
    json["motifs"].push_back({{"motif", m.motif}, {"name", m.name}, {"positive", m.positive}, {"negative", m.negative}});
  return json;
}

void print_motifs(const std::vector<annotate::MotifCount>& motifs) {
  constexpr std::size_t kShown = 10;
  if (motifs.empty()) return;
  std::vector<std::vector<std::string>> rows = {{"MOTIF", "NAME", "POSITIVE", "NEGATIVE"}};
  for (std::size_t i = 0; i < std::min(kShown, motifs.size()); ++i)
    rows.push_back({motifs[i].motif, motifs[i].name, format("{}", motifs[i].positive), format("{}", motifs[i].negative)});
  print(table_text(rows));
  if (motifs.size() > kShown) print(format("and {} motifs more (the table has all)\n", motifs.size() - kShown));
}

}  // namespace

int motifs_seqlets(const Arguments& arguments) {
  Command command("basewise motifs seqlets",
                  "Finds stretches of sequences whose attributions stand out, and names each by the motif that it is most like.",
                  {"basewise motifs seqlets attributions --out seqlets.bed",
                   "basewise motifs seqlets scores.h5 --method modisco --fdr 0.05 --motifs jaspar2024 --out seqlets.bed",
                   "basewise motifs seqlets attributions.npz --sequences sequences.npz --p-value 0.001 --out seqlets.tsv"});
  annotate::SeqletsOptions options;
  command.add_options(described(options), "Options of seqlets", "attributions");
  if (!command.parse(arguments)) return 0;

  command.apply(described(options));
  const auto result = annotate::seqlets(options);
  if (command.json()) return print_json(to_json(result)), 0;
  for (const std::string& note : result.notes) log_warning("{}", note);
  if (command.quiet() && !result.files.empty()) return 0;
  print_motifs(result.motifs);
  print(format("{} positive and {} negative seqlets in {} examples of {} positions, in {:.1f} s\n", result.positive, result.negative,
               result.examples, result.positions, result.seconds));
  for (const auto& file : result.files) print(format("wrote {}\n", file.string()));
  return 0;
}

}  // namespace basewise::app
