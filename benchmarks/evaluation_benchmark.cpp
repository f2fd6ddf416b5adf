// Memory and time of evaluation without a model.
//
//   evaluation_benchmark [SEQUENCES [TRACKS [BINS [MEMORY_MIB]]]]
//
// Random coverage goes through the measure of values, two sequences at a time; prints one JSON line
// with the largest memory of the process, what the measure held, and seconds. Without arguments: a
// test set of 1,000 sequences of 960 bins and 4,229 tracks.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/evaluate/measure.h"
#include "basewise/tensor/tensors.h"

namespace {

using namespace basewise;

std::int64_t argument(int argc, char** argv, int i, std::int64_t otherwise) { return argc > i ? std::atoll(argv[i]) : otherwise; }

/// Sequences [first, last): coverage that is not negative, and predictions with some noise. Made of
/// two tensors that are turned.
Bundle batch(const at::Tensor& signal, const at::Tensor& noise, std::int64_t first, std::int64_t last) {
  std::vector<at::Tensor> scores, targets;
  for (std::int64_t i = first; i < last; ++i) {
    scores.push_back(signal.roll(i, 1));
    targets.push_back((scores.back() + noise.roll(7 * i, 1)).clamp_min_(0));
  }
  const at::Tensor number = at::arange(first, last, at::kLong);
  return {{"coverage", at::stack(scores)},
          {"labels", at::stack(targets)},
          {"position", number * (signal.size(1) * 128)},
          {"chromosome", at::zeros_like(number)}};
}

double largest_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t sequences = argument(argc, argv, 1, 1000), tracks = argument(argc, argv, 2, 4229), bins = argument(argc, argv, 3, 960);
  evaluate::MeasureOptions options{.head = {.output = "coverage", .metrics = {"pearson", "spearman", "r2", "mse"}}, .bases_per_value = 128};
  options.settings.memory = argument(argc, argv, 4, options.settings.memory >> 20) << 20;
  options.settings.bootstrap = metrics::BootstrapOptions{.replicates = 200};
  try {
    const auto measure = evaluate::measure_type(evaluate::MeasureKind::values).make(options);
    const at::Tensor signal = random_normal({tracks, bins}, Stream(1)), noise = random_normal({tracks, bins}, Stream(2));
    double seconds = 0;
    std::int64_t held = 0;
    const auto timed = [&](auto&& step) {
      const auto start = std::chrono::steady_clock::now();
      step();
      seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    for (std::int64_t i = 0; i < sequences; i += 2) {
      const Bundle b = batch(signal, noise, i, std::min(i + 2, sequences));
      timed([&] { measure->add(i, b, b); });
      held = std::max(held, measure->bytes());
    }
    evaluate::Measured found;
    timed([&] { found = measure->finish({}); });
    std::string values;
    for (const auto& m : found.head.pooled.metrics)
      values += format(", \"{}\": {:.6f}, \"{}_mean\": {:.6f}", m.metric, m.value.value, m.metric,
                       results::find_metric(found.head.mean, m.metric)->value.value);
    std::printf("%s\n", format("{{\"sequences\": {}, \"tracks\": {}, \"bins\": {}, \"threads\": {}, \"memory_mib\": {:.0f}, "
                               "\"held_mib\": {:.0f}, \"seconds\": {:.1f}{}}}",
                               sequences, tracks, bins, threads(), largest_memory(), static_cast<double>(held) / (1 << 20), seconds, values)
                            .c_str());
  } catch (const Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return e.exit_code();
  }
}
