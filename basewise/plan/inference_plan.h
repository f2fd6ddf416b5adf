// A model made ready for prediction on a CPU: layers run depth-first over rows that stay in cache,
// each worker on an example of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "basewise/nn/model.h"

namespace basewise::plan {

struct PlanOptions {
  std::int64_t cache = 0;   ///< bytes that the rows in work may take; 0: by the second-level cache of this machine
  std::int64_t rows = 0;    ///< rows of a step; 0: chosen by the cache
  std::int64_t strips = 1;  ///< parts of an example at least, where examples are cut for threads
};

/// The forward pass of a model in evaluation mode without gradients, with normalisations folded,
/// weights packed once, and only those rows computed that an output reads. Outputs equal the
/// model's own to rounding (1e-5 of their size), and are the same bit for bit for any number of
/// threads, any batch size and any cut. What weights and buffers are at a call counts: when they
/// changed, the plan is made anew.
///
/// Infinite numbers and NaN come out where the layers give them, but for convolutions by Winograd:
/// there, as in the layers themselves, one of them makes NaN of the whole tile of four outputs that
/// reads it.
///
/// Models without layers (`nn::Model::graph` gives none), other numbers than single precision,
/// other devices and `Kernels::torch` are left to `nn::Model::forward`.
class InferencePlan {
 public:
  /// The model must outlive the plan. Nothing is made before the first call.
  explicit InferencePlan(nn::Model& model, PlanOptions options = {});
  ~InferencePlan();

  /// As `nn::Model::forward`. One call at a time.
  Bundle operator()(const Bundle& inputs);

  /// What the plan knows how to compute and what it leaves to the plain layers, by name;
  /// convolutions count as steps with all that was joined to them.
  struct Steps {
    std::vector<std::string> planned;
    std::vector<std::string> plain;
  };

  /// Stages, steps and memory for the inputs seen so far.
  std::string describe() const;

 private:
  struct Compiled;
  nn::Model& model_;
  PlanOptions options_;
  std::unique_ptr<Compiled> compiled_;
};

/// The steps of a plan of this model; nothing where it has no layers. Makes no plan.
InferencePlan::Steps plan_steps(const nn::Model& model);

}  // namespace basewise::plan
