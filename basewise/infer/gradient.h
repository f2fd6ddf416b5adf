// Gradients of what a model predicts: the twin of ScoreFn.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "basewise/infer/strands.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/bundle.h"

namespace basewise::infer {

/// The numbers of an output whose sum is differentiated. A row of a batch depends on no other, so
/// that the gradient of the sum over a batch holds the gradient of each example.
struct GradientTarget {
  std::string output;                        ///< name of the head
  std::vector<std::int64_t> channels = {};   ///< all numbers of these channels; empty: of all channels
  /// Instead of channels: a factor for each number of the output (N, ...), or what expands to it.
  at::Tensor weights = {};
  /// Instead of an output: the sum of what this makes of the outputs `outputs`, strands merged; a
  /// number per example (N), or any numbers of which each belongs to one example.
  std::vector<std::string> outputs = {};
  std::function<at::Tensor(const Bundle& outputs)> function = {};
};

/// Gradients, each of the shape of what it belongs to;
/// zeros where the target does not depend on it.
struct GradientResult {
  at::Tensor output;   ///< of the target's head, strands merged, without gradient; or what its function gave
  Bundle gradients;    ///< by name of the input or path of the activation
  Bundle activations;  ///< values of the activations
  /// With both strands: the same of the activations that the model computed from the reverse
  /// complement. Their positions are turned back, so that they lie beside those of the given
  /// strand; channels are as the layer has them.
  Bundle other_gradients = {};
  Bundle other_activations = {};
};

/// Inputs (sequences as one-hot rows or as tokens), the target, and with respect to what: names of
/// inputs, and paths of activations as `nn::Model::activation_paths` lists them.
using GradientFn = std::function<GradientResult(const Bundle& inputs, const GradientTarget& of,
                                                const std::vector<std::string>& with_respect_to)>;

/// Gradients of what `score_fn` of the same arguments gives, in evaluation mode,
/// on the device of the model.
///
/// With both strands the target is the merged output: the gradient goes through the merge to both
/// of them, and that of an input is in the orientation in which it was given. Sequences are real
/// numbers here: the gradient of a sequence (N, 4, L) is with respect to all four letters of a
/// position. Weights of the model get no gradient.
///
/// Errors: as `score_fn`; ArgumentError for an unknown head, activation or channel, for a target
/// with both channels and weights, or with a function and one of them, and where nothing is asked
/// for;
/// ShapeError for weights that do not fit the output.
GradientFn gradient_fn(nn::ModelPtr model, StrandStrategy strands = {}, OutputForms forms = {});

/// The same for a model that the caller keeps alive.
GradientFn gradient_fn(nn::Model& model, StrandStrategy strands = {}, OutputForms forms = {});

}  // namespace basewise::infer
