#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/verbs.h"
#include "basewise/corpus/simulator.h"
#include "basewise/corpus/simulator_files.h"

namespace basewise::app {

int simulate(const Arguments& arguments) {
  Command command(
      "basewise simulate", "Makes sequences with planted motifs, their labels, and a table of what was planted where.",
      {"basewise simulate --out runs/simulated", "basewise simulate --out runs/simulated --sequences 2000 --length 500 --seed 7",
       "basewise simulate my_motifs.toml --out runs/mine --set tasks.0.positive_fraction=0.1"});
  corpus::SimulationOptions options;
  std::string file, folder;
  std::uint64_t seed = 0;
  command.app().add_option("file", file, "TOML file with the options of a simulation [the built-in task]")->type_name("FILE");
  command.app().add_option("-o,--out", folder, "folder for sequences.fa, sequences.tsv and planted.tsv")->required()->type_name("DIR");
  command.app().add_option("--seed", seed, "seed of everything random")->capture_default_str()->type_name("N");
  command.add_options(described(options), "Options of the simulation");
  command.add_set();
  if (!command.parse(arguments)) return 0;

  if (!file.empty()) read_toml_file(described(options), file);
  command.apply(described(options));
  assign_all(described(options), command.set());
  const auto result = corpus::simulate(options, seed);
  const auto files = corpus::write_simulation(result, folder);
  if (!command.json()) {
    print(result.summary() + (result.summary().ends_with('\n') ? "" : "\n"));
    for (const auto& path : files) print(format("wrote {}\n", path.string()));
    return 0;
  }
  nlohmann::ordered_json report = {{"sequences", result.sequences()},  {"length", result.length}, {"tasks", result.tasks},
                                   {"planted", result.planted.size()}, {"turned", result.turned}, {"hidden", result.hidden},
                                   {"left_out", result.left_out}};
  for (const auto& path : files) report["files"].push_back(path.string());
  print_json(report);
  return 0;
}

}  // namespace basewise::app
