// The layer table of a model: what each layer makes, costs and sees.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "basewise/nn/model.h"

namespace basewise::infer {

/// What `basewise inspect` tells about a model.
struct InspectResult {
  std::vector<std::string> inputs;     ///< "sequence (N, 4, L)"
  std::vector<nn::LayerRow> layers;        ///< empty for models that are not made of layers
  std::int64_t length = 0;             ///< positions of the input that the rows are for; 0 without positions
  bool length_declared = false;        ///< by the model file
  std::int64_t parameters = 0;         ///< trainable numbers
  std::int64_t buffers = 0;            ///< numbers that are saved but not trained, such as running means
  double multiply_adds = 0;            ///< for one example
  struct Output {
    std::string name;
    nn::Model::Context context;
    bool equivariant = false;  ///< the same from both strands, by the rule of the output, whatever the weights
  };
  std::vector<Output> outputs;
  std::int64_t planned_steps = 0;        ///< of prediction on a CPU: convolutions with what was joined to them, pooling, ...; see nn/plan.h
  std::vector<std::string> plain_steps;  ///< layers that a plan leaves to themselves
};

/// `length`: positions of the input (0: the declared length, else a length that suits the model).
/// Errors: ShapeError when a layer cannot take that length.
InspectResult inspect(const nn::Model& model, std::int64_t length = 0);

/// A table for people, ends with a newline.
std::string to_text(const InspectResult& result);

/// For machines: inputs, layers, outputs, totals under the names of the fields; FLOPs are two per
/// multiplication with addition.
nlohmann::ordered_json to_json(const InspectResult& result);

}  // namespace basewise::infer
