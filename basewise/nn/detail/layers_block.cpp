#include "basewise/nn/detail/layers_block.h"

#include "basewise/core/error.h"
#include "basewise/nn/detail/block.h"
#include "basewise/nn/detail/layers_dense.h"
#include "basewise/nn/detail/layers_rc.h"
#include "basewise/nn/detail/symmetry.h"
#include "basewise/nn/layer_options.h"
#include "basewise/nn/pass.h"
#include "basewise/nn/spans.h"
#include "basewise/spec/strand_forms.h"

namespace basewise::nn::detail {
namespace {

// By how much the input is cropped to lie beside what the layers inside of `block` make of it; what
// the block `does` with both is for messages.
ops::CropPart skip_crop(const Activation& input, const Shape& inner, const Geometry& geometry, std::string_view block,
                        std::string_view does) {
  if (inner.positions != input.shape.positions)
    throw ShapeError(format("the layers inside turn {} into {}; a {} {} both, so they must keep positions as they are",
                            input.shape.to_string(), inner.to_string(), block, does));
  if (geometry.positions_end()) return {};
  if (!geometry.same_stride(input.geometry))
    throw ShapeError(
        format("the layers inside go from {} to {} input positions per position; put pooling, strides and upsampling outside of a {}",
               input.geometry.stride_text(), geometry.stride_text(), block));
  const auto [left, right] = geometry.cut_since(input.geometry);
  if (left < 0 || right < 0)
    throw ShapeError(
        format("the layers inside add {} positions at the left and {} at the right by padding; a {} cannot crop its skip "
               "by that",
               -left, -right, block));
  check_even_cut(input, left, right, "the layers inside");
  return {left, right};
}

at::Tensor cropped(const at::Tensor& x, const ops::CropPart& crop) {
  return crop.left + crop.right == 0 ? x : x.slice(2, crop.left, x.size(2) - crop.right);
}

class Residual : public Block {
 public:
  Residual(const spec::LayerSpec& spec, const Activation& input, const ResidualOptions& o) : Block(spec, input) {
    const Shape inner = Block::output_shape(input.shape);
    crop_ = skip_crop(input, inner, Block::geometry(input.geometry), "residual block", "adds");
    const bool wider = inner.channels != input.shape.channels;
    if (o.project == Project::always || (o.project == Project::automatic && wider))
      add_projection(spec, input, inner, o);
    else if (wider)
      throw ShapeError(format("the layers inside turn {} into {}; the channels must agree, or set project = \"auto\"",
                              input.shape.to_string(), inner.to_string()));
  }

  at::Tensor forward(const at::Tensor& x) override {
    if (!project_)
      if (std::optional<ops::ConvUnit> unit = as_unit(x)) {
        unit->skip_crop = crop_.left;
        return ops::apply(*unit, x);
      }
    const at::Tensor inner = Block::forward(x), skip = cropped(x, crop_);
    return inner + (project_ ? project_->forward(skip) : skip);
  }

  at::Tensor run(const at::Tensor& x, const std::string& path, Pass& pass) override {
    const at::Tensor inner = Block::run(x, path, pass), skip = cropped(x, crop_);
    return inner + (project_ ? pass.through(*project_, path_ + ".project", skip) : skip);
  }

  Part part() override {
    GraphPart all = graph_part();
    all.skip = GraphPart::Skip::add;
    all.crop = crop_;
    all.project = project_;
    return {all};
  }

  Geometry geometry(const Geometry& input) const override {
    return Geometry::merge(Block::geometry(input), input.through(Alignment::crop(crop_.left, crop_.right)));
  }

  Symmetry symmetry(const Activation& input) const override {
    const Symmetry inner = Block::symmetry(input);
    const Symmetry skip = project_ ? project_->symmetry(input) : input.symmetry;
    const bool alike = inner.moves == skip.moves && inner.odd == skip.odd && (crop_.left == crop_.right || !input.mirrors());
    return alike ? inner : Symmetry::none(inner.is(Symmetry::Moves::none) ? inner.lost : std::string());
  }

  std::vector<Inside> inside(const Activation& input) const override {
    std::vector<Inside> rows = Block::inside(input);
    if (!project_) return rows;
    const Activation output{output_shape(input.shape), input.geometry.through(Alignment::crop(crop_.left, crop_.right)),
                            project_->symmetry(input)};
    const Shape skip{input.shape.channels, input.shape.positions, output.shape.length};
    rows.push_back({path_ + ".project", paired_ ? "rc_conv" : "dense", project_, {skip, output.geometry, input.symmetry}, output, 0});
    return rows;
  }

 private:
  void add_projection(const spec::LayerSpec& spec, const Activation& input, const Shape& inner, const ResidualOptions& o) {
    constexpr auto kPairs = Symmetry::Moves::complemented;
    // Pairs stay pairs: the projection is a reverse-complement convolution of width 1.
    paired_ = input.symmetry.is(kPairs) && Block::symmetry(input).is(kPairs) && inner.positions && inner.channels % 2 == 0;
    const Activation skip{{input.shape.channels, input.shape.positions, inner.length}, input.geometry, input.symmetry};
    if (paired_) {
      RcConvOptions own;
      own.conv.filters = inner.channels / 2, own.conv.width = 1, own.conv.weight = o.weight;
      project_ = make_rc_conv(own, skip);
    } else {
      project_ = make_dense(DenseOptions{.units = inner.channels, .on = DenseOn::channels, .bias = true, .weight = o.weight}, skip);
    }
    path_ = spec.path;
    register_module("project", project_);
  }

  ops::CropPart crop_;
  LayerPtr project_;
  bool paired_ = false;  // the projection keeps RC pairs
  std::string path_;
};

// y = [x, f(x)] on channels, x cropped to what f keeps (Huang et al. 2017). Where both are RC pairs
// f(x) stands between the halves of x, so that channels c and C - 1 - c are pairs again.
class DenseLink : public Block {
 public:
  DenseLink(const spec::LayerSpec& spec, const Activation& input) : Block(spec, input) {
    const Shape inner = Block::output_shape(input.shape);
    crop_ = skip_crop(input, inner, Block::geometry(input.geometry), "dense_link", "puts together");
    part_ = graph_part();
    part_.skip = keeps_pairs(input, Block::symmetry(input)) ? GraphPart::Skip::around : GraphPart::Skip::before;
    part_.crop = crop_;
  }

  at::Tensor forward(const at::Tensor& x) override { return joined(part_, cropped(x, crop_), Block::forward(x)); }

  at::Tensor run(const at::Tensor& x, const std::string& path, Pass& pass) override {
    return joined(part_, cropped(x, crop_), Block::run(x, path, pass));
  }

  Part part() override { return {part_}; }

  Shape output_shape(const Shape& input) const override {
    Shape output = Block::output_shape(input);
    output.channels += input.channels;
    return output;
  }

  Geometry geometry(const Geometry& input) const override {
    return Geometry::merge(Block::geometry(input), input.through(Alignment::crop(crop_.left, crop_.right)));
  }

  Symmetry symmetry(const Activation& input) const override {
    const Symmetry inner = Block::symmetry(input);
    const bool even = crop_.left == crop_.right || !input.mirrors();
    const bool alike = inner.moves == input.symmetry.moves && inner.odd == input.symmetry.odd && even;
    const bool pairs = part_.skip == GraphPart::Skip::around && keeps_pairs(input, inner);
    if (alike && (pairs || inner.channels_stay())) return inner;
    return Symmetry::none(inner.is(Symmetry::Moves::none) ? inner.lost : std::string());
  }

 private:
  static bool keeps_pairs(const Activation& input, const Symmetry& inner) {
    return input.symmetry.is(Symmetry::Moves::complemented) && inner.is(Symmetry::Moves::complemented) && input.shape.channels % 2 == 0;
  }

  ops::CropPart crop_;
  GraphPart part_;
};

void need_layers(const spec::LayerSpec& spec) {
  if (spec.layers.empty()) throw ShapeError(format("a {} needs layers inside, written as [[layers.layers]] below it", spec.type));
}

LayerPtr make_residual(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<ResidualOptions>(spec);
  need_layers(spec);
  return std::make_shared<Residual>(spec, input, o);
}

LayerPtr make_dense_link(const spec::LayerSpec& spec, const Activation& input) {
  options_of<DenseLinkOptions>(spec);
  need_layers(spec);
  return std::make_shared<DenseLink>(spec, input);
}

LayerPtr make_block(const spec::LayerSpec& spec, const Activation& input) {
  options_of<BlockOptions>(spec);
  need_layers(spec);
  return std::make_shared<Block>(spec, input);
}

}  // namespace

void describe(Visitor& v, ResidualOptions& o) {
  v("project", o.project, "a convolution of width 1 on the skip");
  describe(v, o.weight);
}

void describe(Visitor&, DenseLinkOptions&) {}
void describe(Visitor&, BlockOptions&) {}

std::span<const LayerType> block_layers() {
  static constexpr LayerType kTypes[] = {
      {"residual", "the layers inside plus their input", describe_fresh<ResidualOptions>, make_residual, &spec::forms::kBlock, true},
      {"dense_link", "the channels of the input, then those of the layers inside", describe_fresh<DenseLinkOptions>, make_dense_link,
       &spec::forms::kBlock, true},
      {"block", "the layers inside, one after the other", describe_fresh<BlockOptions>, make_block, &spec::forms::kBlock, true},
  };
  return kTypes;
}

}  // namespace basewise::nn::detail
