// Layers wired by name: each takes earlier ones, several are added or concatenated.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "basewise/nn/layer.h"
#include "basewise/nn/pass.h"
#include "basewise/nn/spans.h"
#include "basewise/ops/conv_unit.h"

namespace basewise::nn {

namespace detail {
class GraphRun;
}

/// A list of steps in the order of the file. Slot 0 ..
/// inputs-1 are the inputs, each step fills one more slot.
class Graph {
 public:
  /// Names that a layer may say in `from`; an outer scope is searched after this one.
  struct Scope {
    const Scope* outer = nullptr;
    std::map<std::string, int> names;
    int last = -1;  ///< what a layer without `from` takes
  };

  /// Inputs by name; fills `scope`, whose `last` is the first input.
  Graph(const std::vector<std::pair<std::string, Activation>>& inputs, Scope& scope);

  /// Appends a layer: finds its sources in `scope`, combines them, builds it,
  /// and names its slot there.
  /// Errors: ArgumentError/ShapeError that start with file, line and layer.
  LayerPtr append(const spec::LayerSpec& spec, Scope& scope);

  /// Appends a step without layer: the combination of its sources. Returns its slot.
  int append_head(const spec::HeadSpec& spec, const Scope& scope);

  /// An output of the graph: its name and where it is.
  struct Head {
    std::string name;
    int slot = 0;
  };
  const std::vector<Head>& heads() const { return heads_; }
  std::vector<int> head_slots() const;

  const Activation& at(int slot) const { return activations_[static_cast<std::size_t>(slot)]; }
  const LayerPtr& last_layer() const { return steps_.back().layer; }
  int slots() const { return static_cast<int>(activations_.size()); }

  /// Shapes and origins of all slots for other input shapes (only lengths may differ).
  /// Errors: ShapeError with file, line and layer.
  std::vector<Activation> activations(const std::vector<Activation>& inputs) const;

  /// Shapes alone: cheap enough for every call.
  void check(const std::vector<Shape>& inputs) const;

  /// Computes the `wanted` slots; what no later step needs is let go at once. Convolutions take
  /// along what stands behind them where kernels can, and positions that are cropped away later are
  /// not computed where that changes nothing.
  ///
  /// With a pass, what it asks for is kept there, each activation with all of its positions;
  /// convolutions take along no more than reaches the next of them.
  std::vector<at::Tensor> run(const std::vector<at::Tensor>& inputs, const std::vector<int>& wanted, Pass* pass = nullptr) const;

  /// The same from and to a part of the positions: `x` holds the positions of `span`; `want` may
  /// get more than was asked for.
  Rows run_rows(const Rows& x, int wanted, const Span& want) const;

  /// Positions of the only input that `want` of a slot needs, of `length` all in all.
  Span input_span(std::int64_t length, int wanted, const Span& want) const;

  /// All steps as one unit, when they are a convolution and what can be computed with it;
  /// then slot `wanted` is the result.
  std::optional<ops::ConvUnit> as_unit(const at::Tensor& x, int wanted) const;

  /// One row per layer, nested ones included.
  std::vector<Layer::Inside> rows(const std::vector<Activation>& inputs) const;

  /// What fills one slot; step i fills slot `inputs()` + i.
  struct Step {
    std::string label;  ///< "model.toml:12: layer 'stem' (conv)"
    std::string path;
    std::string type;
    LayerPtr layer;  ///< null: the sources alone
    std::vector<int> sources;
    std::vector<std::string> source_names;
    bool add = false;  ///< several sources are added, else concatenated
  };
  const std::vector<Step>& steps() const { return steps_; }
  int inputs() const { return inputs_; }

  /// Whether a layer remembers earlier segments.
  bool has_state() const;

 private:
  friend class detail::GraphRun;
  void take_sources(Step& step, const std::vector<std::string>& from, const FilePosition& where, std::optional<spec::Combine> combine,
                    const Scope& scope) const;
  Activation combined(const Step& step, const std::vector<Activation>& slots) const;
  Shape combined_shape(const Step& step, const std::vector<Shape>& slots) const;
  Symmetry combined_symmetry(const Step& step, const std::vector<Activation>& slots) const;
  bool reverses(int slot, int other, const std::vector<Activation>& slots) const;
  static Activation through(const Step& step, const Activation& input);
  int push(Step step, Activation output);

  int inputs_ = 0;
  std::vector<Step> steps_;
  std::vector<Activation> activations_;
  std::vector<Head> heads_;
};

/// Registers `layer` under a dotted path: "body.0" becomes child "0" of a container "body".
void register_at(torch::nn::Module& root, const std::string& path, const LayerPtr& layer);

}  // namespace basewise::nn
