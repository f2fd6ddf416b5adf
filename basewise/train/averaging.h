// Exponential weight averaging: the evaluated weights are a running mean of the trained ones.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/tensor/bundle.h"

namespace basewise::train {

struct AveragingOptions {
  double decay = 0;          ///< share of the old average kept per step; 0: no averaging
  double warmup = 10;        ///< the decay of step t (from 0) is at most (1 + t) / (warmup + t); 0: no warm-up
};
void describe(Visitor& v, AveragingOptions& o);

/// Running mean of every floating-point parameter and buffer of a model (so the statistics of batch
/// norm are averaged like the weights); integer buffers are copied.
class WeightAverage {
 public:
  /// Starts at the present weights. `model` must outlive this.
  WeightAverage(torch::nn::Module& model, AveragingOptions options);

  bool on() const { return options_.decay > 0; }

  /// Takes in the weights after an optimiser step: average = d average + (1 - d) weight. Does
  /// nothing when off.
  void update();

  /// Exchanges the weights of the model with the averages (twice gives the first state back). Does
  /// nothing when off.
  void swap();

  /// Averages by name, and the number of updates ("updates"); empty when off.
  Bundle state() const;

  /// Errors: StateError naming a tensor that is missing or of another shape.
  void load_state(const Bundle& state);

 private:
  AveragingOptions options_;
  std::vector<std::string> names_;
  std::vector<at::Tensor> live_;
  std::vector<at::Tensor> averages_;
  std::int64_t updates_ = 0;
};

/// The model holds the averaged weights while this lives.
class AveragedScope {
 public:
  explicit AveragedScope(WeightAverage& average) : average_(average) { average_.swap(); }
  ~AveragedScope() { average_.swap(); }
  AveragedScope(const AveragedScope&) = delete;
  AveragedScope& operator=(const AveragedScope&) = delete;

 private:
  WeightAverage& average_;
};

}  // namespace basewise::train
