#include <cmath>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/tensor/set_up.h"
#include "apps/basewise/tensor/verbs.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/parallel.h"
#include "basewise/report/report.h"
#include "basewise/run/evaluate_run.h"
#include "basewise/run/measure_tables.h"

namespace basewise::app {
namespace {

nlohmann::ordered_json number_or_null(double x) { return std::isnan(x) ? nlohmann::ordered_json() : nlohmann::ordered_json(x); }

/// A measure in place of the metrics of outputs: printed, and written only where --out says.
int measure(const run::EvaluateRequest& request, const std::string& name, const std::vector<std::string>& options,
            const std::string& tables, bool json) {
  std::vector<GivenPath> inputs;  // files of its options
  for (const std::string& option : options)
    if (const auto at = option.find('='); at != std::string::npos) inputs.push_back({option.substr(0, at), option.substr(at + 1)});
  run::require_free(request.run, request.out, inputs);
  run::require_free(request.run, tables, std::move(inputs));
  run::KeptData data;
  const auto result = run::measure_run({.run = request.run,
                                        .measure = name,
                                        .options = options,
                                        .split = request.split,
                                        .weights = request.weights,
                                        .set = request.set,
                                        .device = request.device,
                                        .threads = request.threads},
                                       data, tables);
  nlohmann::ordered_json document = {
      {"run", request.run.string()}, {"measure", name}, {"options", options}, {"split", to_word(request.split)}};
  std::vector<std::vector<std::string>> rows = {{name, format("{} set", request.split)}};
  for (const auto& [value, number] : result.numbers) {
    document["values"][value] = number_or_null(number);
    rows.push_back({value, std::isnan(number) ? "not defined" : format("{:.6g}", number)});
  }
  document["seconds"] = result.seconds;
  if (!request.out.empty()) write_file(request.out, json_text(document, 2) + "\n");
  json ? print_json(document) : print(table_text(rows));
  return 0;
}

std::string measure_names() {
  std::string text = "what is measured in place of the metrics of outputs:";
  for (const run::MeasureType& type : run::measure_types()) text += format(" {} ({});", type.name, type.help);
  text.back() = '.';
  return text;
}

}  // namespace

int evaluate(const Arguments& arguments) {
  Command command("basewise evaluate",
                  "Computes the metrics of a run on held-out data, with bootstrap intervals, and writes them into its folder.",
                  {"basewise evaluate runs/demo", "basewise evaluate runs/demo --split validation --json",
                   "basewise evaluate runs/demo --set strand.predict=conjoined --shifts=-1,0,1 --out ensemble.metrics.json",
                   "basewise evaluate runs/ecoli --set strand.predict=conjoined --out ecoli.metrics.json",
                   "basewise evaluate runs/demo --measure filters --option share=0.3",
                   "basewise evaluate runs/coverage --measure genes --option genes=genes.gtf.gz --tables genes"});
  run::EvaluateRequest request;
  command.add_options(described(request), "Options of evaluate", "run");
  command.add_set();
  std::string measured, tables;
  std::vector<std::string> options;
  command.app().add_option("--measure", measured, measure_names())->type_name("NAME");
  command.app()
      .add_option("--option", options, "option of the measure, as in share=0.3; may be repeated")
      ->type_name("KEY=VALUE")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->expected(1)
      ->allow_extra_args(false);
  command.app().add_option("--tables", tables, "folder for the tables of a measure, which other tools read")->type_name("FOLDER");
  if (!parse(command, arguments)) return 0;

  command.apply(described(request));
  request.set = command.set();
  request = run::with_ensemble(std::move(request));
  request.threads = threads();
  prepare_device(request.device);
  if (!measured.empty()) return measure(request, measured, options, tables, command.json());
  if (!options.empty()) throw ArgumentError("--option goes with --measure; options of the recipe are set with --set");
  if (!tables.empty()) throw ArgumentError("--tables goes with --measure: metrics of heads are in the file of metrics");
  const auto result = run::evaluate_run(request);
  const bool page = request.report && request.out.empty();
  print_with_page(run::to_json(result), run::to_text(result),
                  page ? report::try_page(request.run) : std::filesystem::path(), command.json());
  return 0;
}

}  // namespace basewise::app
