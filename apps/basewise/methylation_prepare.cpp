#include <nlohmann/json.hpp>

#include "apps/basewise/cell_reports.h"
#include "apps/basewise/methylation.h"
#include "basewise/core/log.h"
#include "basewise/prepare/methylation_set.h"

namespace basewise::app {
namespace {

nlohmann::ordered_json to_json(const prepare::MethylationSetResult& result) {
  nlohmann::ordered_json json = {{"cells", reports_json(result.cells)},
                                 {"annotations", result.annotations},
                                 {"sites", result.sites},
                                 {"chromosomes", result.chromosomes},
                                 {"files_written", result.files_written},
                                 {"complete_before", result.complete},
                                 {"files", nlohmann::ordered_json::array()},
                                 {"notes", result.notes},
                                 {"seconds", result.seconds}};
  for (const auto& file : result.files) json["files"].push_back(file.string());
  return json;
}

}  // namespace

int methylation_prepare(const Arguments& arguments) {
  Command command(
      "basewise methylation prepare",
      "Makes a training set of the methylation calls of single cells: one site for each CpG, its state and its neighbours in\n"
      "every cell, the DNA around it. The files are those that DeepCpG trains on. A call that was stopped goes on where it was.",
      {"basewise methylation prepare cells/*.cov.gz --genome mm10.fa --out set",
       "basewise methylation prepare cells/*.tsv.gz --genome mm10.fa --window-statistics mean,var --chromosomes 1,3,5 --out set",
       "basewise methylation prepare cells/*.cov.gz --write profiles --out folded --json"});
  prepare::MethylationSetOptions options;
  command.add_options(described(options), "Options of prepare", "calls");
  if (!command.parse(arguments)) return 0;

  command.apply(described(options));
  const auto result = prepare_methylation(options);
  if (command.json()) return print_json(to_json(result)), 0;
  for (const std::string& note : result.notes) log_warning("{}", note);
  if (command.quiet()) return 0;
  print(strands_text(result.cells));
  print(format("{} sites of {} cells on {} chromosomes, {} of {} files written, {:.1f} s\n", result.sites, result.cells.size(),
               result.chromosomes, result.files_written, result.files.size(), result.seconds));
  print(format("{} {}\n", result.complete ? "complete:" : "wrote", options.out.string()));
  return 0;
}

}  // namespace basewise::app
