#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/tensor/set_up.h"
#include "apps/basewise/tensor/verbs.h"
#include "basewise/core/log.h"
#include "basewise/run/export_data.h"

namespace basewise::app {
namespace {

nlohmann::ordered_json exported_json(const run::ExportResult& result) {
  nlohmann::ordered_json json = {{"sets", nlohmann::ordered_json::array()}, {"notes", result.notes}};
  for (const run::ExportedSet& set : result.sets) {
    nlohmann::ordered_json files = nlohmann::ordered_json::array();
    for (const auto& file : set.files) files.push_back(file.string());
    json["sets"].push_back({{"name", set.name}, {"examples", set.examples}, {"files", files}});
  }
  return json;
}

}  // namespace

int data_export(const Arguments& arguments) {
  Command command("basewise data export",
                  "Writes what a model would see: names, places, labels, sequences, targets; made-up negatives too.",
                  {"basewise data export recipe.toml --split test --out exported", "basewise data export runs/demo --out exported"});
  run::ExportRequest request;
  command.add_options(described(request), "Options of data export", "source");
  command.add_set();
  if (!parse(command, arguments)) return 0;

  command.apply(described(request));
  request.set = command.set();
  const auto result = run::export_data(request);
  if (command.json()) return print_json(exported_json(result)), 0;
  for (const std::string& note : result.notes) log_info("note: {}", note);
  for (const run::ExportedSet& set : result.sets) {
    print(format("{}: {} examples\n", set.name, set.examples));
    for (const auto& file : set.files) print(format("wrote {}\n", file.string()));
  }
  return 0;
}

}  // namespace basewise::app
