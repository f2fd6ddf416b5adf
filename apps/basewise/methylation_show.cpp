#include "basewise/prepare/methylation_show.h"

#include <nlohmann/json.hpp>

#include "apps/basewise/methylation.h"
#include "basewise/core/log.h"

namespace basewise::app {
namespace {

constexpr const char* kNothing = ".";

nlohmann::ordered_json to_json(const prepare::MethylationShowResult& result) {
  nlohmann::ordered_json json = {
      {"cells", result.cells}, {"sites", nlohmann::ordered_json::array()}, {"sites_in_region", result.in_region}, {"notes", result.notes}};
  for (const auto& site : result.sites) {
    nlohmann::ordered_json row = {{"chromosome", site.chromosome}, {"position", site.position + 1}, {"dna", site.dna}};
    row["cells"] = nlohmann::ordered_json::array();
    for (const auto& cell : site.cells)
      row["cells"].push_back({{"share", cell.share}, {"neighbour_states", cell.states}, {"neighbour_distances", cell.distances}});
    json["sites"].push_back(std::move(row));
  }
  return json;
}

std::string share_text(float share) { return share < 0 ? kNothing : format("{:.3g}", share); }

/// "1: 0@310 1@12 | 1@5 0@40": the state of a site, and its neighbours with their distances.
std::string cell_text(const prepare::ShownCell& cell) {
  std::string text = share_text(cell.share);
  for (std::size_t i = 0; i < cell.states.size(); ++i) {
    text += i == 0 ? ":" : i == cell.states.size() / 2 ? " |" : "";
    text += cell.distances[i] < 0 ? format(" {}", kNothing) : format(" {}@{}", share_text(cell.states[i]), cell.distances[i]);
  }
  return text;
}

std::string sites_text(const prepare::MethylationShowResult& result) {
  std::vector<std::vector<std::string>> table = {{"SITE"}};
  const bool dna = !result.sites.empty() && !result.sites.front().dna.empty();
  if (dna) table.front().push_back("DNA");
  table.front().insert(table.front().end(), result.cells.begin(), result.cells.end());
  for (const auto& site : result.sites) {
    table.push_back({format("{}:{}", site.chromosome, site.position + 1)});
    if (dna) table.back().push_back(site.dna);
    for (const auto& cell : site.cells) table.back().push_back(cell_text(cell));
  }
  return table_text(table);
}

}  // namespace

int methylation_show(const Arguments& arguments) {
  Command command(
      "basewise methylation show",
      "Shows sites of methylation calls: their state in every cell, the nearest measured sites to the left and to the right with\n"
      "their distances (1@12 is methylated, 12 bases away), the DNA around them. A point is what was not measured.",
      {"basewise methylation show cells/*.tsv.gz --region chr18:3000000-3001000",
       "basewise methylation show set/*.h5 --most 5 --neighbours 10 --json"});
  prepare::MethylationShowOptions options;
  command.add_options(described(options), "Options of show", "calls");
  if (!command.parse(arguments)) return 0;

  command.apply(described(options));
  const auto result = prepare::methylation_show(options);
  if (command.json()) return print_json(to_json(result)), 0;
  for (const std::string& note : result.notes) log_warning("{}", note);
  if (result.sites.empty()) return print(format("no measured site in {}\n", options.region.empty() ? "the files" : options.region)), 0;
  print(sites_text(result));
  if (result.in_region > std::ssize(result.sites))
    print(format("and {} sites more (--most)\n", result.in_region - std::ssize(result.sites)));
  return 0;
}

}  // namespace basewise::app
