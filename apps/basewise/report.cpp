#include "basewise/report/report.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/verbs.h"
#include "basewise/core/log.h"

namespace basewise::app {

int report(const Arguments& arguments) {
  Command command(
      "basewise report",
      "Writes the page of one or several runs: results, curves, tracks, training, data and model, in one file that needs no network.",
      {"basewise report runs/demo", "basewise report runs/ecoli runs/ecoli_2 --out comparison.html --title 'Two seeds'",
       "basewise report runs/demo --figures figures --format svg,pdf"});
  report::ReportRequest request;
  std::vector<std::string> folders;
  command.app()
      .add_option("runs", folders, "run folders; several are compared; or one folder of attributions, discovered motifs or filters")
      ->required()
      ->type_name("RUN");
  command.add_options(described(request), "Options of report");
  if (!command.parse(arguments)) return 0;

  command.apply(described(request));
  const auto result = report::write_report({folders.begin(), folders.end()}, request);
  if (command.json()) {
    nlohmann::ordered_json json = {
        {"page", result.page.string()}, {"bytes", result.bytes}, {"notes", result.notes}, {"files", nlohmann::ordered_json::array()}};
    for (const auto& file : result.files) json["files"].push_back(file.string());
    return print_json(json), 0;
  }
  for (const std::string& note : result.notes) log_info("{}", note);
  if (result.files.size() > 1) print(format("{} other files\n", result.files.size() - 1));
  print(format("report: {} ({})\n", result.page.string(), size_text(result.bytes)));
  return 0;
}

}  // namespace basewise::app
