#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/tensor/set_up.h"
#include "apps/basewise/tensor/verbs.h"
#include "basewise/core/log.h"
#include "basewise/run/predict.h"

namespace basewise::app {
namespace {

nlohmann::ordered_json to_json(const run::PredictResult& result) {
  nlohmann::ordered_json json = {{"files", nlohmann::ordered_json::array()},
                                 {"sequences", result.sequences},
                                 {"values", result.values},
                                 {"strands", to_word(result.strands)},
                                 {"members", result.members},
                                 {"notes", result.notes},
                                 {"seconds", result.seconds}};
  for (const auto& file : result.files) json["files"].push_back(file.string());
  return json;
}

}  // namespace

int predict(const Arguments& arguments) {
  Command command("basewise predict", "Applies a run to sequences, to windows of a genome, or along a whole genome.",
                  {"basewise predict runs/demo --fasta sequences.fa --out predictions",
                   "basewise predict runs/ecoli --genome genome.fa.gz --circular all --strand-strategy mean --out tracks/ecoli",
                   "basewise predict runs/demo --fasta sequences.fa --strand-strategy mean --shifts=-1,0,1 --variance --out predictions",
                   "basewise predict runs/demo --genome hg38.fa --bed peaks.bed --activation sigmoid --out peaks"});
  run::PredictOptions options;
  command.add_options(described(options), "Options of predict", "run");
  if (!parse(command, arguments)) return 0;

  command.apply(described(options));
  prepare_device(options.device);
  const auto result = run::predict_run(options);
  if (command.json()) return print_json(to_json(result)), 0;
  for (const std::string& note : result.notes) log_warning("{}", note);
  const bool ensemble = result.members > (result.strands == results::Strands::single ? 1 : 2);
  print(format("{} sequences, {} values in {:.1f} s, strands: {}{}\n", result.sequences, result.values, result.seconds, result.strands,
               ensemble ? format(", means of {} predictions", result.members) : ""));
  for (const auto& file : result.files) print(format("wrote {}\n", file.string()));
  return 0;
}

}  // namespace basewise::app
