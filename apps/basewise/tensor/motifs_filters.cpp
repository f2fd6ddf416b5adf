#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/tensor/set_up.h"
#include "apps/basewise/tensor/verbs.h"
#include "basewise/core/log.h"
#include "basewise/interpret/filters.h"
#include "basewise/report/folder_page.h"
#include "basewise/report/folder_page.h"

namespace basewise::app {
namespace {

nlohmann::ordered_json to_json(const interpret::FilterRunResult& result) {
  nlohmann::ordered_json json = {{"folder", result.folder.string()}, {"layer", result.layer},         {"activation", result.activation},
                                 {"reach", result.reach},            {"window", result.window},       {"sequences", result.sequences},
                                 {"filters", result.filters.size()}, {"matched", result.matched}};
  for (const auto& known : words_of(motifs::FilterState{})) json[std::string(known.word)] = result.count(known.value);
  json["files"] = nlohmann::ordered_json::array();
  for (const auto& file : result.files) json["files"].push_back(file.string());
  json["notes"] = result.notes;
  json["seconds"] = result.seconds;
  return json;
}

std::string to_text(const interpret::FilterRunResult& result, bool compared) {
  std::string text = format("{} of {} filters of '{}' have a motif, from {} sequences in {:.1f} s\n",
                            result.count(motifs::FilterState::kept), result.filters.size(), result.activation, result.sequences,
                            result.seconds);
  if (compared) text += format("{} of them match a known motif (E-value of at most 0.1)\n", result.matched);
  for (const auto& file : result.files) text += format("wrote {}\n", file.string());
  return text;
}

}  // namespace

int motifs_filters(const Arguments& arguments) {
  Command command("basewise motifs filters",
                  "Turns the filters of a convolution into motifs, made of the places where they are active.",
                  {"basewise motifs filters runs/demo --out filters/demo",
                   "basewise motifs filters runs/basset --preset basset --motifs jaspar2024 --out filters/basset",
                   "basewise motifs filters runs/demo --layer body.3.conv --site-window 0 --fasta sequences.fa --out filters/deep"});
  interpret::FilterRunOptions options;
  command.add_options(described(options), "Options of motifs filters", "run");
  if (!parse(command, arguments)) return 0;

  command.apply(described(options));
  prepare_device(options.device);
  const auto result = interpret::filter_run(options);
  if (!command.json())
    for (const std::string& note : result.notes) log_warning("{}", note);
  const auto page = options.report ? report::try_folder_page(result.folder) : std::filesystem::path();
  print_with_page(to_json(result), to_text(result, !options.motifs.empty()), page, command.json());
  return 0;
}

}  // namespace basewise::app
