#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/tensor/set_up.h"
#include "apps/basewise/tensor/verbs.h"
#include "basewise/core/parallel.h"
#include "basewise/report/report.h"
#include "basewise/run/evaluate_run.h"

namespace basewise::app {

int evaluate(const Arguments& arguments) {
  Command command("basewise evaluate",
                  "Computes the metrics of a run on held-out data, with bootstrap intervals, and writes them into its folder.",
                  {"basewise evaluate runs/demo", "basewise evaluate runs/demo --split validation --json",
                   "basewise evaluate runs/ecoli --set strand.predict=conjoined --out ecoli.metrics.json"});
  run::EvaluateRequest request;
  command.add_options(described(request), "Options of evaluate", "run");
  command.add_set();
  if (!parse(command, arguments)) return 0;

  command.apply(described(request));
  request.set = command.set();
  request.threads = threads();
  prepare_device(request.device);
  const auto result = run::evaluate_run(request);
  const bool page = request.report && request.out.empty();
  print_with_page(run::to_json(result), run::to_text(result),
                  page ? report::try_page(request.run) : std::filesystem::path(), command.json());
  return 0;
}

}  // namespace basewise::app
