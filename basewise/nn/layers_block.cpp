// Layers that hold layers, and the table of all types.
#include "basewise/nn/detail/conv.h"
#include "basewise/nn/detail/graph.h"
#include "basewise/nn/detail/layer_makers.h"
#include "basewise/nn/initialise.h"
#include "basewise/nn/layers.h"

namespace basewise::nn {
namespace {

using detail::Graph;

// The layers inside, wired and registered under their own names.
class Block : public Layer {
 public:
  Block(const LayerSpec& spec, const Activation& input) : graph_({{"input", input}}, scope_) {
    for (const LayerSpec& inner : spec.layers) detail::register_at(*this, inner.name, graph_.append(inner, scope_));
  }

  at::Tensor forward(const at::Tensor& x) override { return graph_.run({x}, {scope_.last}).front(); }

  Shape output_shape(const Shape& input) const override {
    return graph_.activations({{input, Geometry()}})[static_cast<std::size_t>(scope_.last)].shape;
  }

  Geometry geometry(const Geometry& input) const override {
    return graph_.activations({{graph_.at(0).shape, input}})[static_cast<std::size_t>(scope_.last)].geometry;
  }

  std::vector<Inside> inside(const Activation& input) const override { return graph_.rows({input}); }

  detail::Part part() override { return {graph_part()}; }

 protected:
  detail::GraphPart graph_part() const { return {&graph_, scope_.last, false, {}, {}}; }

  /// The whole block as one unit; see Graph::as_unit.
  std::optional<detail::ConvUnit> as_unit(const at::Tensor& x) const { return graph_.as_unit(x, scope_.last); }

 private:
  Graph::Scope scope_;
  Graph graph_;
};

class Residual : public Block {
 public:
  Residual(const LayerSpec& spec, const Activation& input, const ResidualOptions& o) : Block(spec, input) {
    const Shape inner = Block::output_shape(input.shape);
    const Geometry geometry = Block::geometry(input.geometry);
    if (inner.positions != input.shape.positions)
      throw ShapeError(format("the layers inside turn {} into {}; a residual block adds both, so they must keep positions as they are",
                              input.shape.to_string(), inner.to_string()));
    if (!geometry.whole() && !geometry.same_stride(input.geometry))
      throw ShapeError(format("the layers inside go from {} to {} input positions per position; put pooling, strides and upsampling outside of a "
                              "residual block", input.geometry.stride_text(), geometry.stride_text()));
    if (!geometry.whole()) std::tie(left_, right_) = geometry.cut_since(input.geometry);
    if (left_ < 0 || right_ < 0)
      throw ShapeError(format("the layers inside add {} positions at the left and {} at the right by padding; a residual block cannot crop its skip "
                              "by that", -left_, -right_));
    if (o.project == "always" || (o.project == "auto" && inner.channels != input.shape.channels)) add_projection(spec, input, inner, o);
    else if (inner.channels != input.shape.channels)
      throw ShapeError(format("the layers inside turn {} into {}; the channels must agree, or set project = \"auto\"", input.shape.to_string(),
                              inner.to_string()));
  }

  at::Tensor forward(const at::Tensor& x) override {
    if (!project_)
      if (std::optional<detail::ConvUnit> unit = as_unit(x)) {
        unit->skip_crop = left_;
        return detail::apply(*unit, x);
      }
    const at::Tensor inner = Block::forward(x);
    const at::Tensor skip = left_ + right_ == 0 ? x : x.slice(2, left_, x.size(2) - right_);
    return inner + (project_ ? project_->forward(skip) : skip);
  }

  detail::Part part() override {
    detail::GraphPart all = graph_part();
    all.residual = true;
    all.crop = {left_, right_};
    all.project = project_;
    return {all};
  }

  Geometry geometry(const Geometry& input) const override {
    return Geometry::merge(Block::geometry(input), input.through(Alignment::crop(left_, right_)));
  }

  std::vector<Inside> inside(const Activation& input) const override {
    std::vector<Inside> rows = Block::inside(input);
    if (!project_) return rows;
    const Activation output{output_shape(input.shape), input.geometry.through(Alignment::crop(left_, right_))};
    rows.push_back({path_ + ".project", "dense", project_, {{input.shape.channels, input.shape.positions, output.shape.length}, output.geometry}, output, 0});
    return rows;
  }

 private:
  void add_projection(const LayerSpec& spec, const Activation& input, const Shape& inner, const ResidualOptions& o) {
    LayerSpec projection{"project", spec.path + ".project", "dense", spec.where, {}, {}, {}, {}, {}};
    const FilePosition& at = spec.where;
    projection.options = {{"units", {inner.channels, at}},
                          {"on", {std::string("channels"), at}},
                          {"initialiser", {o.weight.initialiser, at}},
                          {"initialiser_scale", {o.weight.initialiser_scale, at}},
                          {"bias_initialiser", {o.weight.bias_initialiser, at}},
                          {"bias_scale", {o.weight.bias_scale, at}},
                          {"l1", {o.weight.l1, at}},
                          {"l2", {o.weight.l2, at}}};
    if (o.weight.max_norm) projection.options.push_back({"max_norm", {*o.weight.max_norm, at}});
    project_ = detail::make_dense(projection, {{input.shape.channels, input.shape.positions, inner.length}, input.geometry});
    path_ = spec.path;
    register_module("project", project_);
  }

  std::int64_t left_ = 0;
  std::int64_t right_ = 0;
  LayerPtr project_;
  std::string path_;
};

void need_layers(const LayerSpec& spec) {
  if (spec.layers.empty()) throw ShapeError(format("a {} needs layers inside, written as [[layers.layers]] below it", spec.type));
}

using detail::describe_fresh;

constexpr LayerType kTypes[] = {
    {"conv", "1-D convolution: (N, C, L) to (N, filters, L')", describe_fresh<ConvOptions>, detail::make_conv},
    {"dense", "matrix product: (N, C, L) or (N, C) to (N, units), or the channels of each position", describe_fresh<DenseOptions>, detail::make_dense},
    {"batch_norm", "normalises channels over batch and positions", describe_fresh<BatchNormOptions>, detail::make_batch_norm},
    {"layer_norm", "normalises over the channels of each position", describe_fresh<LayerNormOptions>, detail::make_layer_norm},
    {"pool", "maximum, mean or attention over windows of positions", describe_fresh<PoolOptions>, detail::make_pool},
    {"dropout", "sets random values to zero in training", describe_fresh<DropoutOptions>, detail::make_dropout},
    {"activation", "a function of each value", describe_fresh<ActivationOptions>, detail::make_activation},
    {"flatten", "(N, C, L) to (N, C L)", describe_fresh<FlattenOptions>, detail::make_flatten},
    {"crop", "cuts positions at the ends", describe_fresh<CropOptions>, detail::make_crop},
    {"upsample", "more positions: repeated or interpolated", describe_fresh<UpsampleOptions>, detail::make_upsample},
    {"residual", "the layers inside plus their input", describe_fresh<ResidualOptions>, detail::make_residual},
    {"block", "the layers inside, one after the other", describe_fresh<BlockOptions>, detail::make_block},
};

}  // namespace

detail::Part Layer::part() { return {}; }

namespace detail {

LayerPtr make_residual(const LayerSpec& spec, const Activation& input) {
  const auto o = options_of<ResidualOptions>(spec);
  need_layers(spec);
  return std::make_shared<Residual>(spec, input, o);
}

LayerPtr make_block(const LayerSpec& spec, const Activation& input) {
  options_of<BlockOptions>(spec);
  need_layers(spec);
  return std::make_shared<Block>(spec, input);
}

}  // namespace detail

std::span<const LayerType> layer_types() { return kTypes; }

const LayerType& layer_type(const LayerSpec& spec) {
  std::vector<std::string> names;
  for (const LayerType& type : kTypes) {
    if (type.name != spec.type) {
      names.emplace_back(type.name);
      continue;
    }
    if (!spec.layers.empty() && type.make != detail::make_residual && type.make != detail::make_block)
      throw_spec_error(spec.where, format("layer '{}': a {} holds no layers; only residual and block do", spec.path, spec.type));
    return type;
  }
  const auto near = nearest(spec.type, names);
  throw_spec_error(spec.where, format("layer '{}': unknown type \"{}\"; {}", spec.path, spec.type,
                                      near ? format("did you mean \"{}\"?", *near) : format("expected one of: {}", fmt::join(names, ", "))));
}

std::string layer_reference() {
  std::string text;
  for (const LayerType& type : kTypes) text += format("{}\n{}\n\n", to_markdown(type.describe, type.name), type.help);
  return text;
}

}  // namespace basewise::nn
