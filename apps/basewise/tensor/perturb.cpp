#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/tensor/set_up.h"
#include "apps/basewise/tensor/verbs.h"
#include "basewise/core/log.h"
#include "basewise/interpret/perturb.h"

namespace basewise::app {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const interpret::PerturbResult& result) {
  Json json = interpret::perturbation_json(result);
  json["files"] = Json::array();
  for (const auto& file : result.files) json["files"].push_back(file.string());
  json["seconds"] = result.seconds;
  return json;
}

std::string to_text(const interpret::PerturbResult& result) {
  constexpr std::size_t kMost = 40;
  std::vector<std::vector<std::string>> rows = {{"condition", "output", "before", "after", "difference", "interval", "control"}};
  for (const interpret::PerturbRow& row : result.rows) {
    if (rows.size() > kMost) break;
    std::string name = row.condition;
    if (row.distance) name += format(" {} {}", row.orientation, *row.distance);
    rows.push_back({name, row.output, format("{:.4g}", row.y_before), format("{:.4g}", row.y_after),
                    format("{:+.4g}", row.difference.value), format("{:.4g} to {:.4g}", row.difference.low, row.difference.high),
                    format("{:+.4g}", row.control.value)});
  }
  std::string text = table_text(rows);
  if (result.rows.size() > kMost) text += format("and {} more\n", result.rows.size() - kMost);
  text += format("{} examples in {:.1f} s\n", result.examples, result.seconds);
  for (const auto& file : result.files) text += format("wrote {}\n", file.string());
  return text;
}

}  // namespace

int perturb(const Arguments& arguments) {
  Command command("basewise perturb", "Changes sequences and says what that does to predictions, beside shuffled controls.",
                  {"basewise perturb runs/demo --motifs TGACTCA --out perturb/ap1",
                   "basewise perturb runs/demo --experiment space --motifs GATAAG,CANNTG --distances 0,2,4,8,16 --out perturb/pair",
                   "basewise perturb runs/pu1 --experiment ablate --motifs MA0080.7 --collection jaspar2024 --out perturb/pu1"});
  interpret::PerturbOptions options;
  command.add_options(described(options), "Options of perturb", "run");
  if (!parse(command, arguments)) return 0;

  command.apply(described(options));
  prepare_device(options.device);
  const auto result = interpret::perturb_run(options);
  if (command.json()) return print_json(to_json(result)), 0;
  for (const std::string& note : result.notes) log_warning("{}", note);
  print(to_text(result));
  return 0;
}

}  // namespace basewise::app
