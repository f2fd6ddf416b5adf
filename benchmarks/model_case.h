// Models, batches and losses that speed is measured with: benchmarks/models/cases.json.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "basewise/ops/kernels.h"
#include "basewise/nn/loss.h"
#include "basewise/nn/model.h"
#include "basewise/plan/inference_plan.h"
#include "basewise/train/optimizer.h"

namespace basewise::benchmarks {

/// A published model with the batch that it is measured with.
struct ModelCase {
  std::string name;
  std::string title;
  std::string model;  ///< TOML file, relative to the root of the sources
  std::int64_t batch = 0;
  std::int64_t length = 0;
  std::vector<nn::LossOptions> losses;
};

/// All of them, in the order of the file. Errors: as reading a file and its JSON gives.
std::vector<ModelCase> model_cases(const std::string& file = "benchmarks/models/cases.json");

/// One-hot sequences (N, 4, L) of random bases as "sequence", and targets that suit the losses.
/// With `length_major` the four numbers of a position are neighbours in memory, as our loader makes
/// them; else the positions of a base, as torch's convolutions want them.
Bundle random_batch(nn::Model& model, const ModelCase& c, std::int64_t batch, bool length_major);

/// Memory of one step is kept for the next, as the program does (apps/basewise/tensor/entry.cpp).
void keep_memory();

/// A model with everything that one training step needs.
class Trainee {
 public:
  Trainee(const ModelCase& c, ops::Kernels kernels, std::int64_t batch);

  /// Forward pass, loss, backward pass, AdamW. Returns the loss.
  double step();

  /// The forward pass in evaluation mode without gradients, on our kernels by a plan of prediction,
  /// as `basewise predict` computes. Returns the mean of the first output.
  double predict();

  nn::Model& model() { return *model_; }
  const plan::InferencePlan& plan() const { return plan_; }
  const Bundle& batch() const { return batch_; }
  const nn::TotalLoss& losses() const { return loss_; }
  train::Optimizer& optimizer() { return *optimizer_; }
  ops::Kernels kernels() const { return kernels_; }

 private:
  ops::Kernels kernels_;
  nn::ModelPtr model_;
  plan::InferencePlan plan_;
  nn::TotalLoss loss_;
  Bundle batch_;
  std::unique_ptr<train::Optimizer> optimizer_;
};

}  // namespace basewise::benchmarks
