#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/tensor/set_up.h"
#include "apps/basewise/tensor/verbs.h"
#include "basewise/core/parallel.h"
#include "basewise/report/report.h"
#include "basewise/run/train_run.h"
#include "basewise/run/try_run.h"

namespace basewise::app {

int train(const Arguments& arguments) {
  Command command("basewise train", "Trains the model of a recipe and leaves a run folder: weights, log, checkpoints, manifest.",
                  {"basewise train demo --out runs/demo", "basewise train recipes/ecoli_tss/cnn.toml --out runs/ecoli --set train.epochs=3",
                   "basewise train recipes/ecoli_tss/cnn.toml --dry-run", "basewise train --resume --out runs/ecoli"});
  run::TrainRequest request;
  command.add_options(described(request), "Options of train", "recipe");
  command.add_set();
  if (!parse(command, arguments)) return 0;

  command.apply(described(request));
  request.set = command.set();
  request.threads = threads();
  std::vector<std::string> command_line = {"basewise", "train"};
  command_line.insert(command_line.end(), arguments.begin(), arguments.end());
  prepare_device(request.device);
  if (request.dry_run) {
    const run::DryRunResult tried = run::try_run(request);
    command.json() ? print_json(run::to_json(tried)) : print(run::to_text(tried));
    return 0;
  }
  const auto result = run::train_run(request, command_line);
  const bool page = request.report && result.finished();
  print_with_page(run::to_json(result), run::to_text(result),
                  page ? report::try_page(result.folder) : std::filesystem::path(), command.json());
  return static_cast<int>(result.finished() ? ExitCode::success : ExitCode::interrupted);
}

}  // namespace basewise::app
