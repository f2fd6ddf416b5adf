#include "basewise/prepare/methylation_stats.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "apps/basewise/cell_reports.h"
#include "apps/basewise/methylation.h"
#include "basewise/core/log.h"

namespace basewise::app {
namespace {

nlohmann::ordered_json number(double value) { return std::isnan(value) ? nlohmann::ordered_json() : nlohmann::ordered_json(value); }

nlohmann::ordered_json to_json(const prepare::MethylationRow& row) {
  nlohmann::ordered_json json = {{"cell", row.cell},
                                 {"annotation", row.annotation},
                                 {"sites", row.sites},
                                 {"sites_of_all_cells", row.all},
                                 {"mean", number(row.mean)},
                                 {"variance", number(row.variance)},
                                 {"reads_per_site", number(row.reads_per_site)}};
  for (const auto& b : row.baselines) {
    nlohmann::ordered_json& baseline = json["baselines"][format("{}", b.baseline)];
    baseline = {{"sites", b.result.sites}, {"auc", number(b.result.auc.value)}};
    if (!b.result.auc.defined()) baseline["reason"] = b.result.auc.reason;
  }
  return json;
}

nlohmann::ordered_json to_json(const prepare::MethylationStatsResult& result) {
  nlohmann::ordered_json json = {{"cells", reports_json(result.cells)},
                                 {"sites", result.sites},
                                 {"in_two_cells", result.in_two},
                                 {"chromosomes", result.chromosomes},
                                 {"bytes", result.bytes},
                                 {"rows", nlohmann::ordered_json::array()},
                                 {"notes", result.notes},
                                 {"seconds", result.seconds}};
  for (const auto& row : result.rows) json["rows"].push_back(to_json(row));
  return json;
}

std::string rows_text(const prepare::MethylationStatsResult& result) {
  std::vector<std::vector<std::string>> table = {{"CELL", "ANNOTATION", "SITES", "OBSERVED", "MEAN", "VARIANCE", "READS"}};
  for (const auto& b : result.rows.front().baselines) table.front().push_back(format("AUC {}", b.baseline));
  const auto shown = [](double value, int digits) { return std::isnan(value) ? std::string("-") : format("{:.{}f}", value, digits); };
  for (const auto& row : result.rows) {
    const double observed = row.all > 0 ? static_cast<double>(row.sites) / static_cast<double>(row.all) : std::nan("");
    table.push_back({row.cell, row.annotation.empty() ? "all" : row.annotation, format("{}", row.sites), shown(observed, 3),
                     shown(row.mean, 4), shown(row.variance, 4), shown(row.reads_per_site, 2)});
    for (const auto& b : row.baselines) table.back().push_back(shown(b.result.auc.value, 4));
  }
  return table_text(table);
}

}  // namespace

int methylation_stats(const Arguments& arguments) {
  Command command(
      "basewise methylation stats",
      "Says what is in the methylation calls of single cells: sites, means, reads, annotations; and, with --baselines, how far\n"
      "simple guesses go, which a network must beat.",
      {"basewise methylation stats cells/*.cov.gz --genome mm10.fa",
       "basewise methylation stats cells/*.tsv.gz --annotations CGI.bed,promoters.bed --baselines --out stats.tsv",
       "basewise methylation stats cells/*.tsv.gz --baselines --bulk bulk.tsv.gz --chromosomes 19 --json"});
  prepare::MethylationStatsOptions options;
  command.add_options(described(options), "Options of stats", "calls");
  if (!command.parse(arguments)) return 0;

  command.apply(described(options));
  const auto result = prepare::methylation_stats(options);
  if (command.json()) return print_json(to_json(result)), 0;
  for (const std::string& note : result.notes) log_warning("{}", note);
  if (command.quiet() && !options.out.empty()) return 0;
  print(strands_text(result.cells));
  print(rows_text(result));
  print(format("{} sites of {} cells, {} of them in two or more; {} in memory, {:.1f} s\n", result.sites, result.cells.size(),
               result.in_two, size_text(result.bytes), result.seconds));
  if (!options.out.empty()) print(format("wrote {}\n", options.out.string()));
  return 0;
}

}  // namespace basewise::app
