// A model: named tensors in, named tensors out, built from a specification (TOML) and restored from
// weights (safetensors).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "basewise/tensor/bundle.h"
#include "basewise/tensor/strand.h"

namespace basewise::spec {
struct ModelFile;
struct ModelSpec;
}  // namespace basewise::spec

namespace basewise::nn {

class Graph;
class StandIn;

/// One line of a layer table: what a layer makes of an input of a given length.
struct LayerRow {
  std::string name;                  ///< "body.0.conv"
  std::string type;                  ///< "conv"
  std::string output;                ///< "(N, 48, 2560)"
  std::int64_t parameters = 0;       ///< trainable numbers of this layer itself
  double multiply_adds = 0;          ///< for one example
  std::int64_t receptive_field = 0;  ///< input positions that one output position reads; 0: all of them
  std::int64_t depth = 0;            ///< blocks around it
  std::string strands = {};          ///< how the output moves under reverse complement: "RC pairs", "invariant", "" where it is not known
};

/// A value inside a model that `Model::run` can give.
struct ActivationRow {
  std::string path;  ///< "body.0.conv"; of an input or a head its name
  std::string type;  ///< of the layer: "conv"; "input", "head"
  /// Without the batch axis, -1 for a length that the input decides: {48, -1}, {64}.
  std::vector<std::int64_t> shape;
  /// What the layer at `path` reads is the activation `PATH.input`, of this shape;
  /// empty for inputs and heads.
  std::vector<std::int64_t> input_shape = {};
  std::string source = {};    ///< the input of the model whose positions it has
  bool both_strands = false;  ///< inside of an rc_wrap: (2 N, ...), the given strand, then the other one
};

/// What `Model::run` is to compute.
struct Wanted {
  /// Names of heads, in the order asked for. All by default; an empty list: none.
  std::optional<std::vector<std::string>> heads = {};
  /// Paths as `Model::activation_paths` lists them, and `PATH.input` for what a layer reads.
  std::vector<std::string> activations = {};
  /// Computes in the place of layers that are not linear (nn/pass.h); the caller keeps it alive.
  StandIn* stand_in = nullptr;
};

/// What `Model::run` has computed.
struct RunResult {
  Bundle outputs;      ///< by name of the head
  Bundle activations;  ///< by path
  Bundle state = {};   ///< for the next segment of the same sequences; empty for models without state
};

/// Base of everything that can be trained and applied.
/// A C++ user may derive from it to bring an own torch module.
class Model : public torch::nn::Module {
 public:
  /// One output per head, by name. Inputs that the model does not know are ignored; a missing one
  /// is an ArgumentError. Where an input has four channels and positions, (N, 4, L), tokens (N, L)
  /// uint8 do as well: A C G T N = 0 to 4.
  virtual Bundle forward(const Bundle& inputs) = 0;

  /// The heads and activations that are wanted and nothing that they do not need; `forward` is all
  /// heads.
  ///
  /// An activation has all of its positions and is part of the autograd graph: outputs can be
  /// differentiated with respect to it. A function is a layer of its own, so of a convolution with
  /// ReLU "body.3.conv" is what the convolution gives, before normalisation and function,
  /// "body.3.relu" what the function gives and "body.3.relu.input" what it reads. Where the kernels
  /// would have computed all of these at once, they stop at what is asked for; values are the same
  /// to rounding.
  ///
  /// `state` is what the segment before has given back in `RunResult::state`;
  /// empty: this is the first one.
  /// Errors: ArgumentError for heads, activations and states that the model does not have.
  virtual RunResult run(const Bundle& inputs, const Wanted& wanted = {}, const Bundle& state = {});

  /// Activations in the order of computation, for inputs of `length` positions (0: any). Models
  /// that are not made of layers know their inputs alone.
  virtual std::vector<ActivationRow> activation_paths(std::int64_t length = 0) const;

  /// Whether a layer remembers earlier segments of a sequence.
  virtual bool has_state() const { return false; }

  /// Names of inputs and heads.
  virtual std::vector<std::string> input_names() const = 0;
  virtual std::vector<std::string> output_names() const = 0;

  /// Positions of "sequence" that an output window loses on each side (valid convolutions, crops):
  /// an input of length L gives (L - left - right) / stride output positions when the strides of
  /// all layers divide evenly. Output position i stands for input positions [left + i stride,
  /// left + (i + 1) stride); what it depends on reaches receptive_left further left and
  /// receptive_right further right. Where that reach leaves the input, padding (zeros) is seen. For
  /// outputs without a length axis: the whole input is the context.
  struct Context {
    std::int64_t left = 0;    ///< positions cut at the left end of the input
    std::int64_t right = 0;   ///< positions cut at the right end of the input
    std::int64_t stride = 1;  ///< input positions per output position
    bool has_length = false;  ///< false: one value per sequence
    /// An output position can depend on the whole input, so that no part of a sequence gives what
    /// the whole gives; `receptive_left` and `receptive_right` are 0.
    bool reads_all = false;
    std::int64_t receptive_left = 0;   ///< input positions left of an output position that can change it
    std::int64_t receptive_right = 0;  ///< the same to the right
  };
  /// Errors: ArgumentError for an unknown output, and for one that is finer than one position per
  /// base.
  virtual Context context(const std::string& output) const = 0;

  /// How the tensor of an input or a head looks from the other strand, by its name: what `strands`
  /// of the model file says, else complemented for "sequence" and for other inputs (N, 4, L),
  /// mirrored for one channel with positions, paired for two, unchanged without positions. Models
  /// that are not made of layers know "sequence" and outputs without positions; they override this
  /// for others.
  /// Errors: ArgumentError for an unknown name, and where it must be said:
  /// more than two channels with positions.
  virtual StrandRule strand_rule(const std::string& name) const;

  /// Whether an output obeys the law f(RC x) = RC f(x) whatever the weights, RC of inputs and
  /// output being `strand_rule`. False where it is not known.
  /// Errors: ArgumentError for an unknown output.
  virtual bool equivariant(const std::string& /*output*/) const { return false; }

  /// Penalties on parameters and activations that layers ask for (L1, L2), summed;
  /// undefined when there is none.
  virtual at::Tensor penalty() const { return {}; }

  /// Applies constraints on weights (max-norm) after an optimiser step.
  virtual void constrain() {}

  /// Shapes that the inputs need, without the batch axis, -1 for an axis of any size: {"sequence",
  /// {4, -1}}. Empty: unknown.
  virtual std::vector<std::pair<std::string, std::vector<std::int64_t>>> input_shapes() const { return {}; }

  /// Layers in the order of computation for inputs of `length` positions (0: `typical_length`).
  /// Empty for models that are not made of layers.
  /// Errors: ShapeError when the length does not fit.
  virtual std::vector<LayerRow> layer_rows(std::int64_t /*length*/ = 0) const { return {}; }

  /// The declared length of the input, else a length that suits the model;
  /// 0: unknown or without positions.
  virtual std::int64_t typical_length() const { return 0; }

  /// The layers as a graph (nn/graph.h), whose heads are the outputs;
  /// null for models that are not made of layers.
  virtual const Graph* graph() const { return nullptr; }

  /// The inputs of the graph in its order, checked as `run` does. Only for models that have one.
  virtual std::vector<at::Tensor> graph_inputs(const Bundle& inputs) const;

  /// The specification as TOML text, for the run folder.
  virtual std::string specification() const = 0;
};

using ModelPtr = std::shared_ptr<Model>;

/// Builds a model. Parameters are initialised from (seed): the same seed gives the same weights on
/// every machine. Parts that a text names are files beside `origin`, which is the file name for
/// errors.
/// Errors: those of `spec::parse_spec`, `spec::join` and `spec::expanded`; ArgumentError/ShapeError
/// that name file, line, layer, what it got, what it expected.
ModelPtr build_model(const std::string& toml, const std::string& origin, std::uint64_t seed);
ModelPtr build_model(const spec::ModelSpec& spec, std::uint64_t seed);
ModelPtr build_model(const spec::ModelFile& file, std::uint64_t seed);
ModelPtr build_model_file(const std::filesystem::path& file, std::uint64_t seed);

/// The same for a model that is to be equivariant by itself, say one that `spec::share_strands`
/// made.
/// Errors: also ArgumentError for an output that does not obey f(RC x) = RC f(x): layers refuse
/// what breaks their symmetry, but what no layer needs may be lost on the way to an output.
ModelPtr build_equivariant_model(const spec::ModelFile& file, std::uint64_t seed);

}  // namespace basewise::nn
