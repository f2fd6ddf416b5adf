// Recurrent layers by the module `kernels` and by torch in turn in one process, forward and in
// training.
//
//   recurrent_benchmark [--benchmark_filter=REGEX]
//     [--benchmark_out=FILE.json --benchmark_out_format=json]
//
// Rows are layers of published models: cell, batch, positions, channels, units; all of them in both
// directions. torch's side is its own function where it has one, else its operations step by step.
// Counters: GFLOP/s of both, and the median of the ratios of single turns.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <malloc.h>

#include "basewise/core/format.h"
#include "basewise/core/parallel.h"
#include "basewise/core/version.h"
#include "basewise/ops/kernels.h"
#include "basewise/ops/recurrent.h"
#include "measure.h"

namespace {

using namespace basewise;
using benchmarks::Turns;
using kernels::GateFunction;
using kernels::RecurrentCell;

enum class Pass { forward, training };
constexpr const char* kPassNames[] = {"forward", "training"};

struct Layer {
  const char* cell;
  RecurrentCell kind;
  GateFunction gates;
  std::int64_t batch, length, channels, units;

  std::string name() const { return format("{},{},{},{},{}", cell, batch, length, channels, units); }
  std::int64_t gate_units() const { return (kind == RecurrentCell::lstm ? 4 : 3) * units; }
  /// Of both directions.
  double operations() const {
    return 4.0 * static_cast<double>(batch * length) * static_cast<double>(gate_units()) * static_cast<double>(channels + units);
  }
};

constexpr Layer kLayers[] = {
    // DeepCpG's module of neighbours, along 12 and 32 cells: its own cell, and torch's.
    {"keras1", RecurrentCell::gru_reset_before, GateFunction::hard_sigmoid, 128, 12, 256, 256},
    {"keras1", RecurrentCell::gru_reset_before, GateFunction::hard_sigmoid, 128, 32, 256, 256},
    {"gru", RecurrentCell::gru, GateFunction::sigmoid, 128, 12, 256, 256},
    {"gru", RecurrentCell::gru, GateFunction::sigmoid, 128, 32, 256, 256},
    // DanQ, and the recurrent net behind the convolutions of Basset.
    {"lstm", RecurrentCell::lstm, GateFunction::sigmoid, 100, 75, 320, 320},
    {"lstm", RecurrentCell::lstm, GateFunction::sigmoid, 128, 20, 200, 320},
};

struct Operands {
  explicit Operands(const Layer& one) : layer(one), settings{one.kind, one.gates, true} {
    tensors.x = at::randn({layer.batch, layer.length, layer.channels}).transpose(1, 2);
    for (ops::RecurrentWeight& w : tensors.weights) {
      w = {at::randn({layer.gate_units(), layer.channels}) * 0.05, at::randn({layer.gate_units(), layer.units}) * 0.05,
           at::randn({layer.gate_units()}), at::randn({layer.gate_units()})};
      for (at::Tensor* t : {&w.weight, &w.recurrent, &w.bias, &w.recurrent_bias}) parameters.push_back(t->requires_grad_());
    }
    tensors.x.requires_grad_();
    start = at::zeros({2, layer.batch, layer.units});
  }

  Layer layer;
  ops::RecurrentSettings settings;
  ops::RecurrentTensors tensors;
  std::vector<at::Tensor> parameters;
  at::Tensor start;

  at::Tensor ours() const { return ops::recurrent(tensors, settings, true).states; }

  at::Tensor theirs() const {
    const at::Tensor x = tensors.x.transpose(1, 2);
    if (layer.kind == RecurrentCell::gru) return std::get<0>(at::gru(x, start, parameters, true, 1, 0.0, true, true, true)).transpose(1, 2);
    if (layer.kind == RecurrentCell::lstm)
      return std::get<0>(at::lstm(x, std::vector{start, start}, parameters, true, 1, 0.0, true, true, true)).transpose(1, 2);
    const ops::KernelScope torch(ops::Kernels::torch);
    return ours();
  }

  void run(Pass pass, bool own) {
    const at::AutoGradMode gradients(pass == Pass::training);
    const at::Tensor y = own ? ours() : theirs();
    if (pass == Pass::forward) return benchmark::DoNotOptimize(y.const_data_ptr<float>());
    for (at::Tensor& p : parameters) p.mutable_grad() = at::Tensor();
    tensors.x.mutable_grad() = at::Tensor();
    y.backward(at::ones_like(y));
  }

  // Both must compute the same, or the comparison means nothing.
  double difference() {
    run(Pass::training, true);
    std::vector<at::Tensor> own{ours().detach(), tensors.x.grad()};
    for (const at::Tensor& p : parameters) own.push_back(p.grad());
    run(Pass::training, false);
    std::vector<at::Tensor> other{theirs().detach(), tensors.x.grad()};
    for (const at::Tensor& p : parameters) other.push_back(p.grad());
    double worst = 0;
    for (std::size_t i = 0; i < own.size(); ++i)
      worst = std::max(worst, ((own[i] - other[i]).abs().max() / other[i].abs().max()).item<double>());
    return worst;
  }
};

void measure(benchmark::State& state, const Layer& layer, Pass pass) {
  Operands operands(layer);
  if (const double difference = operands.difference(); !(difference < 1e-3)) {
    const std::string text = format("differs from torch by {}", difference);
    state.SkipWithError(text.c_str());
    return;
  }
  Turns turns;
  for (auto _ : state) {
    turns = benchmarks::in_turn([&] { operands.run(pass, true); }, [&] { operands.run(pass, false); }, 1.0, 7);
    state.SetIterationTime(benchmarks::median(turns.ours));
  }
  const double work = operands.layer.operations() * (pass == Pass::training ? 3 : 1) / 1e9;
  state.counters["median"] = work / benchmarks::median(turns.ours);
  state.counters["torch_median"] = work / benchmarks::median(turns.theirs);
  state.counters["others"] = turns.others;
  state.counters["ratio"] = turns.speedup();
  state.counters["ratio_low"] = turns.lowest_speedup();
  state.counters["ratio_high"] = turns.highest_speedup();
}

}  // namespace

int main(int argc, char** argv) {
  // Blocks stay with the process, for both: giving pages back to the system and taking them again
  // would be measured in their place.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 1 << 28);
  at::set_num_threads(threads());
  benchmark::AddCustomContext("instruction_set", std::string(name(kernels::default_isa())));
  benchmark::AddCustomContext("threads", std::to_string(threads()));
  for (const auto& [key, value] : machine_facts()) benchmark::AddCustomContext(key, value);
  for (const auto& [key, value] : build_facts()) benchmark::AddCustomContext(key, value);
  for (const Layer& layer : kLayers)
    for (const Pass pass : {Pass::forward, Pass::training})
      benchmark::RegisterBenchmark(format("{}/{}", layer.name(), kPassNames[static_cast<int>(pass)]).c_str(), measure, layer, pass)
          ->UseManualTime()
          ->Iterations(1)
          ->Unit(benchmark::kMillisecond);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
