// Published models on our kernels and on torch's, in turn in one process:
// sequences per second in training and prediction.
//
//   model_benchmark [--benchmark_filter=REGEX]
//     [--benchmark_out=FILE.json --benchmark_out_format=json]
//
// A training step is forward pass, loss, backward pass and AdamW;
// a prediction the forward pass in evaluation mode.
#include <benchmark/benchmark.h>

#include <string>

#include "basewise/core/format.h"
#include "basewise/core/parallel.h"
#include "basewise/core/version.h"
#include "basewise/kernels/isa.h"
#include "measure.h"
#include "model_case.h"

namespace {

using namespace basewise;
using benchmarks::ModelCase;
using benchmarks::Trainee;
using benchmarks::Turns;

void report(benchmark::State& state, const Turns& turns, double sequences) {
  state.counters["sequences_per_second"] = sequences / benchmarks::median(turns.ours);
  state.counters["best"] = sequences / turns.best_of_ours();
  state.counters["torch_sequences_per_second"] = sequences / benchmarks::median(turns.theirs);
  state.counters["torch_best"] = sequences / turns.best_of_theirs();
  state.counters["ratio"] = turns.speedup();
  state.counters["ratio_low"] = turns.lowest_speedup();
  state.counters["ratio_high"] = turns.highest_speedup();
  state.counters["turns"] = static_cast<double>(turns.ours.size());
  state.counters["others"] = turns.others;
}

void measure(benchmark::State& state, const ModelCase& c, bool training) {
  Trainee ours(c, ops::Kernels::basewise, c.batch), theirs(c, ops::Kernels::torch, c.batch);
  const ops::KernelCounts before = ops::kernel_counts();
  const double a = ours.predict(), fallen = double(ops::kernel_counts().torch - before.torch), b = theirs.predict();
  // The same seed gave both the same weights: what differs is rounding alone.
  if (!(std::abs(a - b) <= 1e-3 * (std::abs(a) + 1))) return state.SkipWithError(format("basewise predicts {}, torch {}", a, b).c_str());
  Turns turns;
  for (auto _ : state) {
    if (training)
      turns = benchmarks::in_turn([&] { ours.step(); }, [&] { theirs.step(); }, 4.0, 3);
    else
      turns = benchmarks::in_turn([&] { ours.predict(); }, [&] { theirs.predict(); }, 2.0, 3);
    state.SetIterationTime(benchmarks::median(turns.ours));
  }
  report(state, turns, static_cast<double>(c.batch));
  state.counters["by_torch"] = fallen;
}

}  // namespace

int main(int argc, char** argv) {
  benchmarks::keep_memory();
  at::set_num_threads(threads());
  benchmark::AddCustomContext("instruction_set", std::string(kernels::name(kernels::default_isa())));
  benchmark::AddCustomContext("threads", std::to_string(threads()));
  for (const auto& [key, value] : machine_facts()) benchmark::AddCustomContext(key, value);
  for (const auto& [key, value] : build_facts()) benchmark::AddCustomContext(key, value);
  for (const ModelCase& c : benchmarks::model_cases())
    for (const bool training : {true, false})
      benchmark::RegisterBenchmark(format("{}/{}", c.name, training ? "train" : "predict").c_str(), measure, c, training)
          ->UseManualTime()
          ->Iterations(1)
          ->Unit(benchmark::kMillisecond);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
