// Borrowed state is given back: mode of a module, gradients, random state, number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "basewise/core/random.h"
#include "basewise/tensor/torch.h"

namespace basewise {

/// Puts a module and everything in it into training or evaluation mode; the destructor gives every
/// submodule its own mode back.
class ModeScope {
 public:
  enum class Mode { train, eval };
  ModeScope(torch::nn::Module& module, Mode mode);
  ~ModeScope();
  ModeScope(const ModeScope&) = delete;
  ModeScope& operator=(const ModeScope&) = delete;

 private:
  torch::nn::Module& root_;
  bool root_before_;
  std::vector<std::pair<std::shared_ptr<torch::nn::Module>, bool>> before_;
};

/// Evaluation mode within a scope.
class EvalScope : public ModeScope {
 public:
  explicit EvalScope(torch::nn::Module& module) : ModeScope(module, Mode::eval) {}
};

/// Training mode within a scope.
class TrainScope : public ModeScope {
 public:
  explicit TrainScope(torch::nn::Module& module) : ModeScope(module, Mode::train) {}
};

/// No gradients are recorded within the scope.
using NoGradScope = at::NoGradGuard;

/// torch's default CPU generator (dropout draws from it) is seeded within the scope, then as it was
/// before.
class RandomScope {
 public:
  explicit RandomScope(std::uint64_t seed);
  /// Seeded by one draw from `stream`: a pure function of the stream's key and position.
  explicit RandomScope(Stream stream);
  ~RandomScope();
  RandomScope(const RandomScope&) = delete;
  RandomScope& operator=(const RandomScope&) = delete;

 private:
  at::Tensor before_;
};

/// torch computes with `n` threads within the scope (n >= 1).
class TensorThreadScope {
 public:
  explicit TensorThreadScope(int n);
  ~TensorThreadScope();
  TensorThreadScope(const TensorThreadScope&) = delete;
  TensorThreadScope& operator=(const TensorThreadScope&) = delete;

 private:
  int before_;
};

}  // namespace basewise
