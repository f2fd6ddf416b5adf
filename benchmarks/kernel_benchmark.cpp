// Convolutions by the module `kernels` and by torch in turn in one process,
// as shares of the matrix rate of the same run.
//
//   kernel_benchmark [--benchmark_filter=REGEX]
//     [--benchmark_out=FILE.json --benchmark_out_format=json]
//
// One row per shape and pass. Counters: GFLOP/s of the best and the median turn of ours and
// torch's, percent of the matrix rate (medians), GB/s that reading the operands and writing the
// results once would need, and the median of the ratios of single turns.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <string>
#include <vector>

#include "basewise/core/format.h"
#include "basewise/core/parallel.h"
#include "basewise/core/version.h"
#include "basewise/kernels/conv.h"
#include "basewise/tensor/torch.h"
#include "measure.h"
#include "peak.h"

namespace {

using namespace basewise;
using benchmarks::Turns;

enum class Pass { forward, data, weight, both };
constexpr const char* kPassNames[] = {"forward", "data", "weight", "both"};

struct Shape {
  std::int64_t batch, channels, length, filters, width, dilation;

  kernels::ConvShape conv() const {
    const std::int64_t pad = (width - 1) * dilation / 2;
    return {.batch = batch,
            .length = length,
            .channels = channels,
            .filters = filters,
            .width = width,
            .dilation = dilation,
            .pad_left = pad,
            .pad_right = pad};
  }
  std::string name() const { return format("{},{},{},{},{},{}", batch, channels, length, filters, width, dilation); }
};

constexpr Shape kShapes[] = {
    {16, 64, 2114, 64, 3, 1},   {16, 64, 2114, 64, 3, 16}, {16, 4, 2114, 64, 21, 1},  {16, 64, 2114, 2, 75, 1},
    {32, 300, 200, 200, 11, 1}, {64, 4, 600, 300, 19, 1},  {8, 128, 1024, 128, 3, 4}, {16, 128, 1000, 128, 5, 1},
    {8, 512, 2114, 512, 3, 2},  {64, 4, 200, 32, 19, 1},   {64, 32, 200, 48, 7, 1},   {4, 288, 1024, 64, 3, 8},
    {1, 4, 131072, 288, 17, 1}, {16, 64, 2114, 1, 1, 1},
};

// Matrix rate and peak of multiply-adds of this run, GFLOP/s.
struct Peaks {
  double matrix = 0;
  double multiply_adds = 0;
};
Peaks& peaks() {
  static Peaks p;
  return p;
}

kernels::ConstBlock rows(const at::Tensor& t) { return {t.const_data_ptr<float>(), t.stride(0), t.stride(1)}; }
kernels::MutableBlock mutable_rows(const at::Tensor& t) { return {t.mutable_data_ptr<float>(), t.stride(0), t.stride(1)}; }

// Four channels are letters of DNA, as the first layers of all the models get them;
// others are normal numbers.
at::Tensor input_of(const Shape& s) {
  if (s.channels != 4) return at::randn({s.batch, s.length, s.channels});
  return at::one_hot(at::randint(4, {s.batch, s.length}), 4).to(at::kFloat).contiguous();
}

// Operands and results, ours (N, L, C) and torch's (N, C, L).
struct Operands {
  explicit Operands(const Shape& s)
      : shape(s.conv()),
        x(input_of(s)),
        dy(at::randn({s.batch, shape.output_length(), s.filters})),
        weight(at::randn({s.filters, s.channels, s.width})),
        bias(at::randn({s.filters})),
        y(at::empty_like(dy)),
        dx(at::empty_like(x)),
        dweight(at::empty_like(weight)),
        dbias(at::empty_like(bias)),
        torch_x(x.transpose(1, 2).contiguous()),
        torch_dy(dy.transpose(1, 2).contiguous()) {}

  kernels::ConvShape shape;
  at::Tensor x, dy, weight, bias, y, dx, dweight, dbias, torch_x, torch_dy;

  void ours(Pass pass) {
    const kernels::Run run{kernels::default_isa(), &benchmarks::torch_threads()};
    if (pass == Pass::forward) {
      kernels::ConvForward call;
      call.shape = shape;
      call.x = rows(x);
      call.weight = weight.const_data_ptr<float>();
      call.bias = bias.const_data_ptr<float>();
      call.y = mutable_rows(y);
      return kernels::conv_forward(call, run);
    }
    kernels::ConvBackward call;
    call.shape = shape;
    call.gradient.dy = rows(dy);
    call.x = rows(x);
    call.weight = weight.const_data_ptr<float>();
    if (pass != Pass::weight) call.dx = mutable_rows(dx);
    if (pass != Pass::data) {
      call.dweight = dweight.mutable_data_ptr<float>();
      call.dbias = dbias.mutable_data_ptr<float>();
    }
    kernels::conv_backward(call, run);
  }

  void theirs(Pass pass) {
    const std::vector<std::int64_t> stride{1}, padding{shape.pad_left}, dilation{shape.dilation}, zero{0};
    if (pass == Pass::forward) {
      benchmark::DoNotOptimize(at::conv1d(torch_x, weight, bias, stride, padding, dilation));
      return;
    }
    const bool data = pass != Pass::weight, weights = pass != Pass::data;
    benchmark::DoNotOptimize(at::convolution_backward(torch_dy, torch_x, weight, at::OptionalIntArrayRef(bias.sizes()),
                                                      stride, padding, dilation, false, zero, 1,
                                                      {data, weights, weights}));
  }

  double operations(Pass pass) const { return 2 * shape.multiply_adds() * (pass == Pass::both ? 2 : 1); }

  double bytes(Pass pass) const {
    const auto in = double(x.numel()), out = double(dy.numel()), weights = double(weight.numel());
    return 4 * (in + out + weights + (pass == Pass::both ? in + weights : 0));
  }

  // Both must compute the same, or the comparison means nothing.
  double difference(Pass pass) {
    ours(pass);
    const auto relative = [](const at::Tensor& a, const at::Tensor& b) { return ((a - b).abs().max() / b.abs().max()).item<double>(); };
    const std::vector<std::int64_t> stride{1}, padding{shape.pad_left}, dilation{shape.dilation}, zero{0};
    if (pass == Pass::forward) return relative(y.transpose(1, 2), at::conv1d(torch_x, weight, bias, stride, padding, dilation));
    const auto [a, b, c] = at::convolution_backward(torch_dy, torch_x, weight, at::OptionalIntArrayRef(bias.sizes()),
                                                    stride, padding, dilation, false, zero, 1, {true, true, true});
    double worst = 0;
    if (pass != Pass::weight) worst = std::max(worst, relative(dx.transpose(1, 2), a));
    if (pass != Pass::data) worst = std::max({worst, relative(dweight, b), relative(dbias, c)});
    return worst;
  }
};

void measure(benchmark::State& state, const Shape& shape, Pass pass) {
  Operands operands(shape);
  if (const double difference = operands.difference(pass); !(difference < 1e-3)) {
    const std::string text = format("differs from torch by {}", difference);
    state.SkipWithError(text.c_str());
    return;
  }
  // The machine may run slower at first than later: the best of the run counts.
  peaks().matrix = std::max(peaks().matrix, benchmarks::peak_matrix_rate(2));
  Turns turns;
  for (auto _ : state) {
    turns = benchmarks::in_turn([&] { operands.ours(pass); }, [&] { operands.theirs(pass); }, 0.4, 7);
    state.SetIterationTime(benchmarks::median(turns.ours));
  }
  const double work = operands.operations(pass) / 1e9, ours = benchmarks::median(turns.ours), theirs = benchmarks::median(turns.theirs);
  state.counters["best"] = work / turns.best_of_ours();
  state.counters["median"] = work / ours;
  state.counters["matrix_rate"] = peaks().matrix;
  state.counters["others"] = turns.others;
  state.counters["percent"] = 100 * work / ours / peaks().matrix;
  state.counters["gbytes"] = operands.bytes(pass) / 1e9 / ours;
  state.counters["torch_best"] = work / turns.best_of_theirs();
  state.counters["torch_median"] = work / theirs;
  state.counters["torch_percent"] = 100 * work / theirs / peaks().matrix;
  state.counters["ratio"] = turns.speedup();
  state.counters["ratio_low"] = turns.lowest_speedup();
  state.counters["ratio_high"] = turns.highest_speedup();
  state.counters["flops_per_byte"] = operands.operations(pass) / operands.bytes(pass);
}

}  // namespace

int main(int argc, char** argv) {
  // Blocks stay with the process, for both: giving pages back to the system and taking them again
  // would be measured in their place.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 1 << 28);
  at::set_num_threads(threads());
  const at::NoGradGuard no_grad;
  peaks() = {benchmarks::peak_matrix_rate(8), benchmarks::peak_multiply_adds(benchmarks::torch_threads(), threads())};
  benchmark::AddCustomContext("matrix_rate_gflops", format("{:.1f}", peaks().matrix));
  benchmark::AddCustomContext("multiply_add_gflops", format("{:.1f}", peaks().multiply_adds));
  benchmark::AddCustomContext("memory_gbytes", format("{:.1f}", benchmarks::peak_memory_rate()));
  benchmark::AddCustomContext("instruction_set", std::string(name(kernels::default_isa())));
  benchmark::AddCustomContext("threads", std::to_string(threads()));
  for (const auto& [key, value] : machine_facts()) benchmark::AddCustomContext(key, value);
  for (const auto& [key, value] : build_facts()) benchmark::AddCustomContext(key, value);
  for (const Shape& shape : kShapes)
    for (const Pass pass : {Pass::forward, Pass::data, Pass::weight, Pass::both})
      benchmark::RegisterBenchmark(format("{}/{}", shape.name(), kPassNames[static_cast<int>(pass)]).c_str(), measure, shape, pass)
          ->UseManualTime()
          ->Iterations(1)
          ->Unit(benchmark::kMillisecond);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
