#include "basewise/nn/detail/layers_attention.h"

#include "basewise/core/error.h"
#include "basewise/nn/detail/attention_core.h"
#include "basewise/nn/detail/block.h"
#include "basewise/nn/detail/bounds.h"
#include "basewise/nn/detail/symmetry.h"
#include "basewise/nn/layer_options.h"
#include "basewise/nn/pass.h"
#include "basewise/spec/strand_forms.h"

namespace basewise::nn::detail {
namespace {

// What attention with and without memory share.
template <class Base>
class AttentionLayer : public Base {
 public:
  AttentionLayer(const AttentionOptions& o, std::int64_t channels) : core_(*this, o, channels) {}

  Shape output_shape(const Shape& input) const override {
    need_positions(input);
    if (input.channels != core_.channels())
      throw ShapeError(format("got {}, expected {} channels, which the layer was built for", input.to_string(), core_.channels()));
    return input;
  }
  AttributionRule attribution_rule() const override { return AttributionRule::path; }
  double multiply_adds(const Shape& input) const override { return core_.multiply_adds(input.length); }
  void initialise(std::uint64_t seed, const std::string& name) override { core_.initialise(seed, name); }

 protected:
  AttentionCore core_;
};

class AttentionToBothSides : public AttentionLayer<Layer> {
 public:
  using AttentionLayer::AttentionLayer;
  at::Tensor forward(const at::Tensor& x) override { return core_({x.transpose(1, 2), 0, {}, {}, is_training()}); }
  Alignment alignment() const override {
    const AttentionOptions& o = core_.options();
    if (!o.window) return Alignment::among_all();
    const std::int64_t side = *o.window - 1 + core_.look_ahead();
    return Alignment::window(2 * side + 1, 1, side, side);
  }
};

class AttentionToTheLeft : public AttentionLayer<LayerWithState> {
 public:
  using AttentionLayer::AttentionLayer;

  Alignment alignment() const override {
    const AttentionOptions& o = core_.options();
    const std::int64_t before = *o.window - 1 + (o.mode == AttentionMode::compat ? core_.look_ahead() : core_.context());
    Alignment a = Alignment::pointwise();
    a.reads = [before, after = core_.look_ahead()](std::int64_t i) { return std::pair{i - before, i + after}; };
    return a;
  }

 protected:
  // The last positions of what was read so far, zeros before its start, and how many were read.
  Bundle initial_state(const at::Tensor& x) const override {
    return {{"memory", at::zeros({x.size(0), core_.memory(), x.size(1)}, x.options().requires_grad(std::nullopt)).transpose(1, 2)},
            {"seen", at::zeros({x.size(0)}, at::kLong)}};
  }

  std::pair<at::Tensor, Bundle> segment(const at::Tensor& x, const Bundle& state) override {
    const at::Tensor memory = state.at("memory").transpose(1, 2), seen = state.at("seen"), rows = x.transpose(1, 2);
    const std::int64_t size = core_.memory();
    const at::Tensor there = seen.clamp_max(size);
    // Positions that are in no example's memory are left out, but for those whose zeros the
    // convolutions of the first keys read.
    const std::int64_t most = x.size(0) > 0 ? there.max().item<std::int64_t>() : 0;
    AttentionInput input{{}, std::min(size, most + core_.context()), {}, {}, is_training()};
    input.rows = at::cat({memory.slice(1, size - input.kept), rows}, 1);
    input.absent = input.kept - there;
    input.first = seen - input.kept;
    const AttentionPass* stack = AttentionPass::current();
    const std::int64_t read = x.size(2) - (stack != nullptr ? stack->halo() : 0);
    const at::Tensor all = at::cat({memory, rows.slice(1, 0, read)}, 1);
    return {core_(input), {{"memory", all.slice(1, read).transpose(1, 2)}, {"seen", seen + read}}};
  }
};

// Layers inside that share biases, positions, and positions at the right end that are only looked
// at.
class AttentionStack : private AttentionBuild, public Block {
 public:
  AttentionStack(const spec::LayerSpec& spec, const Activation& input) : Block(spec, input) {
    AttentionBuild::close();
    if (AttentionBuild::biases().content.defined()) {
      register_parameter("content_bias", AttentionBuild::biases().content);
      register_parameter("position_bias", AttentionBuild::biases().position);
    }
    if (halo() == 0) return;
    const Geometry inner = Block::geometry(input.geometry);
    const auto stays = [&] { return inner.cut_since(input.geometry) == std::pair<std::int64_t, std::int64_t>(); };
    if (inner.positions_end() || !inner.same_stride(input.geometry) || !stays())
      throw ShapeError("mode = \"halo\": the layers inside of an attention_stack must keep positions as they are");
  }

  at::Tensor forward(const at::Tensor& x) override {
    const AttentionPass scope(halo());
    return cut(Block::forward(x));
  }
  at::Tensor run(const at::Tensor& x, const std::string& path, Pass& pass) override {
    const AttentionPass scope(halo());
    return cut(Block::run(x, path, pass));
  }

  Shape output_shape(const Shape& input) const override {
    Shape shape = Block::output_shape(input);
    if (!shape.positions || shape.length == Shape::kVaries) return shape;
    if (shape.length <= halo())
      throw ShapeError(format("got {}: the layers inside look {} positions ahead, so that none is left", input.to_string(), halo()));
    shape.length -= halo();
    return shape;
  }
  Geometry geometry(const Geometry& input) const override { return Block::geometry(input).through(Alignment::crop(0, halo())); }
  Symmetry symmetry(const Activation& input) const override { return halo() == 0 ? Block::symmetry(input) : Layer::symmetry(input); }
  // Kernels that take layers inside along would miss what these share.
  Part part() override { return {}; }
  void initialise(std::uint64_t seed, const std::string& name) override {
    if (AttentionBuild::biases().content.defined()) AttentionBuild::initialise(seed, name);
  }

 private:
  at::Tensor cut(const at::Tensor& y) const { return halo() == 0 ? y : y.slice(2, 0, y.size(2) - halo()); }
};

LayerPtr make_attention(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<AttentionOptions>(spec);
  need_positions(input.shape);
  if (o.sides == AttentionSides::both) return std::make_shared<AttentionToBothSides>(o, input.shape.channels);
  return std::make_shared<AttentionToTheLeft>(o, input.shape.channels);
}

LayerPtr make_attention_stack(const spec::LayerSpec& spec, const Activation& input) {
  options_of<AttentionStackOptions>(spec);
  if (spec.layers.empty()) throw ShapeError("an attention_stack needs layers inside, written as [[layers.layers]] below it");
  need_positions(input.shape);
  return std::make_shared<AttentionStack>(spec, input);
}

spec::StrandState refuse_to_share(spec::LayerSpec layer, const spec::StrandPlace&, spec::StrandWriter&) {
  spec::refuse_sharing(layer, "heads are no pairs of strands, and what lies before a position lies behind it on the other strand");
}
constexpr spec::StrandForm kOneStrand{.rewrite = refuse_to_share};

}  // namespace

void describe(Visitor& v, AttentionOptions& o) {
  v("heads", o.heads, "attentions side by side", required_count());
  v("head_width", o.head_width, "numbers of a query, a key and a value", required_count());
  v("conv_width", o.conv_width, "width of the convolutions of queries, keys and values, each shared by the heads; 0: none",
    between(0, 1001));
  v("window", o.window, "positions that each one attends to: itself and those before it; sides = \"both\": so many to each side, or all",
    count());
  v("sides", o.sides, "where the positions lie that each one attends to");
  v("positions", o.positions, "how attention knows places");
  v("mode", o.mode, "what the convolutions see at the ends of a segment");
  v("in_training", o.in_training, "positions that each one attends to in training");
  Constraint below_one = between(0, 1);
  below_one.maximum_open = true;
  v.when("positions", o.positions, {AttentionPositions::relative}, [&] {
    v("position_dropout", o.position_dropout, "share of the numbers that say a distance set to zero in training", below_one);
  });
  v("initialiser", o.initialiser, "start of the weights, those of the convolutions excepted");
  v("initialiser_scale", o.initialiser_scale, "its scale: of normal the standard deviation");
}

void describe(Visitor&, AttentionStackOptions&) {}

std::span<const LayerType> attention_layers() {
  static constexpr LayerType kTypes[] = {
      {"attention", "each position reads others, weighted by what they hold and how far they lie", describe_fresh<AttentionOptions>,
       make_attention, &kOneStrand},
      {"attention_stack", "the layers inside, one after the other; attention layers share biases and positions",
       describe_fresh<AttentionStackOptions>, make_attention_stack, &spec::forms::kBlock, true},
  };
  return kTypes;
}

}  // namespace basewise::nn::detail
