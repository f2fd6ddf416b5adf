#include "basewise/interpret/detail/activation_measure.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "basewise/core/error.h"
#include "basewise/interpret/detail/measure_maker.h"
#include "basewise/interpret/detail/measured_set.h"

namespace basewise::interpret::detail {
namespace {

constexpr std::int64_t kUsual = 4;  // as many as there are, where these are fewer

struct ActivationMeasure {
  std::int64_t layers = kUsual;
  std::int64_t examples = 500;
};

void describe(Visitor& v, ActivationMeasure& o) {
  v("layers", o.layers,
    "so many convolutions, the first of the model, each with the function behind it; 4 is all where there are fewer",
    counted(1));
  v("examples", o.examples, "so many examples, the first of the set; 0: all", counted(0));
}

/// Sums over all numbers of a layer.
struct Sums {
  double count = 0, sum = 0, squares = 0;
  double largest = -std::numeric_limits<double>::infinity();

  void add(const at::Tensor& values) {
    const at::Tensor x = values.to(at::kDouble);
    count += static_cast<double>(x.numel());
    sum += x.sum().item<double>();
    squares += x.square().sum().item<double>();
    largest = std::max(largest, x.max().item<double>());
  }
  double mean() const { return sum / count; }
  double sd() const { return std::sqrt(std::max(0.0, squares / count - mean() * mean())); }
};

run::MeasureNumbers measure_activations(const run::OpenRun& run, const data::DatasetPtr& set, const ActivationMeasure& o) {
  const std::vector<std::string> convolutions = convolutions_of(*run.model);
  if (convolutions.empty()) throw ArgumentError("the model has no convolution along positions: there are no activations to measure");
  const std::int64_t there = std::ssize(convolutions), wanted = o.layers == kUsual ? std::min(kUsual, there) : o.layers;
  if (there < wanted)
    throw ArgumentError(format("the model has {} convolution{}: it has no layer {} (layers)", there, there == 1 ? "" : "s", wanted));
  std::vector<FilterLayer> layers;
  for (std::int64_t i = 0; i < wanted; ++i)
    layers.push_back(filter_layer(*run.model, convolutions[static_cast<std::size_t>(i)], false));
  std::vector<Sums> sums(layers.size());
  each_batch(run, *set, chosen(*set, o.examples), "activations", [&](const Bundle& inputs) {
    for (std::size_t i = 0; i < layers.size(); ++i) sums[i].add(activations_of(run, layers[i], inputs));
  });
  run::MeasureNumbers numbers;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::string name = format("layer{}.", i + 1);
    numbers.insert(numbers.end(), {{name + "mean", sums[i].mean()}, {name + "sd", sums[i].sd()}, {name + "max", sums[i].largest}});
  }
  return numbers;
}

}  // namespace

run::MeasureType activation_measure() {
  return {.name = "activations",
          .help = "mean, standard deviation and largest activation of the first convolutions",
          .values = {{"mean", true}, {"sd", false}, {"max", false}},
          .make = maker<ActivationMeasure>(measure_activations)};
}

}  // namespace basewise::interpret::detail
