// A model: named tensors in, named tensors out, built from a specification (TOML) and restored from weights (safetensors).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
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

/// Base of everything that can be trained and applied. A C++ user may derive from it to bring an own torch module.
class Model : public torch::nn::Module {
 public:
  /// One output per head, by name. Inputs that the model does not know are ignored; a missing one is an ArgumentError.
  /// Where an input has four channels and positions, (N, 4, L), letters (N, L) uint8 do as well: A C G T N = 0 to 4.
  virtual Bundle forward(const Bundle& inputs) = 0;

  /// Names of inputs and heads.
  virtual std::vector<std::string> input_names() const = 0;
  virtual std::vector<std::string> output_names() const = 0;

  /// Positions of "sequence" that an output window loses on each side (valid convolutions, crops): an input of length L gives
  /// (L - left - right) / stride output positions when the strides of all layers divide evenly. Output position i stands for input positions
  /// [left + i stride, left + (i + 1) stride); what it depends on reaches receptive_left further left and receptive_right further right.
  /// Where that reach leaves the input, padding (zeros) is seen. For outputs without a length axis: the whole input is the context.
  struct Context {
    std::int64_t left = 0;    ///< positions cut at the left end of the input
    std::int64_t right = 0;   ///< positions cut at the right end of the input
    std::int64_t stride = 1;  ///< input positions per output position
    bool has_length = false;  ///< false: one value per sequence
    std::int64_t receptive_left = 0;   ///< input positions left of an output position that can change it
    std::int64_t receptive_right = 0;  ///< the same to the right
  };
  /// Errors: ArgumentError for an unknown output, and for one that is finer than one position per base.
  virtual Context context(const std::string& output) const = 0;

  /// How the tensor of an input or a head looks from the other strand, by its name: what `strands` of the model file says, else
  /// complemented for "sequence" and for other inputs (N, 4, L), mirrored for one channel with positions, paired for two, unchanged without
  /// positions. Models that are not made of layers know "sequence" and outputs without positions; they override this for others.
  /// Errors: ArgumentError for an unknown name, and where it must be said: more than two channels with positions.
  virtual StrandRule strand_rule(const std::string& name) const;

  /// Whether an output obeys the law f(RC x) = RC f(x) whatever the weights, RC of inputs and output being `strand_rule`. False where it is
  /// not known. Errors: ArgumentError for an unknown output.
  virtual bool equivariant(const std::string& /*output*/) const { return false; }

  /// Penalties on parameters and activations that layers ask for (L1, L2), summed; undefined when there is none.
  virtual at::Tensor penalty() const { return {}; }

  /// Applies constraints on weights (max-norm) after an optimiser step.
  virtual void constrain() {}

  /// Shapes that the inputs need, without the batch axis, -1 for an axis of any size: {"sequence", {4, -1}}. Empty: unknown.
  virtual std::vector<std::pair<std::string, std::vector<std::int64_t>>> input_shapes() const { return {}; }

  /// Layers in the order of computation for inputs of `length` positions (0: `typical_length`).
  /// Empty for models that are not made of layers. Errors: ShapeError when the length does not fit.
  virtual std::vector<LayerRow> layer_rows(std::int64_t /*length*/ = 0) const { return {}; }

  /// The declared length of the input, else a length that suits the model; 0: unknown or without positions.
  virtual std::int64_t typical_length() const { return 0; }

  /// For plans of prediction: the layers as a graph, which of its slots the outputs are and their names, and the inputs of the graph, checked as
  /// `forward` does. Nothing for models that are not made of layers.
  struct Wiring {
    const Graph* graph = nullptr;
    std::vector<int> heads;
    std::vector<std::string> names;
    std::function<std::vector<at::Tensor>(const Bundle& inputs)> take;
  };
  virtual std::optional<Wiring> wiring() const { return std::nullopt; }

  /// The specification as TOML text, for the run folder.
  virtual std::string specification() const = 0;
};

using ModelPtr = std::shared_ptr<Model>;

/// Builds a model. Parameters are initialised from (seed): the same seed gives the same weights on every machine. Parts that a text names are
/// files beside `origin`, which is the file name for errors. Errors: those of `spec::parse_spec`, `spec::join` and `spec::expanded`;
/// ArgumentError/ShapeError that name file, line, layer, what it got, what it expected.
ModelPtr build_model(const std::string& toml, const std::string& origin, std::uint64_t seed);
ModelPtr build_model(const spec::ModelSpec& spec, std::uint64_t seed);
ModelPtr build_model(const spec::ModelFile& file, std::uint64_t seed);
ModelPtr build_model_file(const std::filesystem::path& file, std::uint64_t seed);

/// The same for a model that is to be equivariant by itself, say one that `spec::share_strands` made. Errors: also ArgumentError for an output
/// that does not obey f(RC x) = RC f(x): layers refuse what breaks their symmetry, but what no layer needs may be lost on the way to an output.
ModelPtr build_equivariant_model(const spec::ModelFile& file, std::uint64_t seed);

/// What of two sets of weights matched by name and shape.
struct LoadReport {
  std::vector<std::string> loaded;
  std::vector<std::string> missing;     ///< in the model, not in the file
  std::vector<std::string> unexpected;  ///< in the file, not in the model
  std::vector<std::string> mismatched;  ///< "name: file (3, 4), model (3, 5)"
  bool complete() const { return missing.empty() && unexpected.empty() && mismatched.empty(); }
  std::string to_string() const;
};

/// Parameters and buffers by name, to and from safetensors. With `strict`, anything but a complete match is a StateError with
/// the report, and no tensor is touched.
void save_weights(const Model& model, const std::filesystem::path& file);
LoadReport load_weights(Model& model, const std::filesystem::path& file, bool strict = true);

/// Reads model.toml and weights.safetensors of a run folder; the model is in eval mode.
ModelPtr load_model(const std::filesystem::path& run_folder);

}  // namespace basewise::nn
