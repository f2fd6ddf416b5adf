#include "basewise/nn/detail/layers_positions.h"

#include "basewise/core/error.h"
#include "basewise/nn/detail/bounds.h"
#include "basewise/nn/detail/symmetry.h"
#include "basewise/nn/layer_options.h"
#include "basewise/nn/parts.h"
#include "basewise/spec/strand_forms.h"

namespace basewise::nn::detail {
namespace {

class Flatten : public Layer {
 public:
  explicit Flatten(const Shape& input) : built_for_(input) {}
  at::Tensor forward(const at::Tensor& x) override { return x.flatten(1); }
  Part part() override { return {ops::FlattenPart{}}; }
  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
  Shape output_shape(const Shape& input) const override {
    if (!input.positions) return input;
    if (input.length == Shape::kVaries)
      throw ShapeError(
          format("got {} of unknown length; flatten needs one: give the input a 'length' or pool with global = true", input.to_string()));
    return {input.channels * input.length, false, Shape::kVaries};
  }
  Alignment alignment() const override { return built_for_.positions ? Alignment::everything() : Alignment::pointwise(); }
  // Number c L + t has the partner (C - 1 - c) L + L - 1 - t, which is its place counted from the
  // end.
  Symmetry symmetry(const Activation& input) const override {
    const bool stays = !input.shape.positions || input.symmetry.is(Symmetry::Moves::complemented);
    return stays ? input.symmetry : Layer::symmetry(input);
  }

 private:
  Shape built_for_;
};

class Crop : public Layer {
 public:
  Crop(std::int64_t left, std::int64_t right) : left_(left), right_(right) {}
  at::Tensor forward(const at::Tensor& x) override { return x.slice(2, left_, x.size(2) - right_); }
  Part part() override { return {ops::CropPart{left_, right_}}; }
  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
  Shape output_shape(const Shape& input) const override {
    need_positions(input);
    if (input.length == Shape::kVaries) return input;
    if (left_ + right_ >= input.length)
      throw ShapeError(format("got {}: cutting {} positions at the left and {} at the right leaves none of {}", input.to_string(), left_,
                              right_, input.length));
    return {input.channels, true, input.length - left_ - right_};
  }
  Alignment alignment() const override { return Alignment::crop(left_, right_); }
  Symmetry symmetry(const Activation& input) const override { return left_ == right_ ? input.symmetry : Layer::symmetry(input); }

 private:
  std::int64_t left_;
  std::int64_t right_;
};

class Upsample : public Layer {
 public:
  explicit Upsample(const UpsampleOptions& o) : options_(o) {}
  at::Tensor forward(const at::Tensor& x) override {
    const std::int64_t length = x.size(2) * options_.factor;
    if (options_.kind == UpsampleKind::linear) return at::upsample_linear1d(x, {length}, /*align_corners=*/false);
    return at::upsample_nearest1d(x, {length});
  }
  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
  Shape output_shape(const Shape& input) const override {
    need_positions(input);
    return {input.channels, true, input.length == Shape::kVaries ? Shape::kVaries : input.length * options_.factor};
  }
  Alignment alignment() const override { return Alignment::upsample(options_.factor, options_.kind == UpsampleKind::linear); }
  Symmetry symmetry(const Activation& input) const override { return input.symmetry; }

 private:
  UpsampleOptions options_;
};

LayerPtr make_flatten(const spec::LayerSpec& spec, const Activation& input) {
  options_of<FlattenOptions>(spec);
  return std::make_shared<Flatten>(input.shape);
}

LayerPtr make_crop(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<CropOptions>(spec);
  need_positions(input.shape);
  if (!o.length) {
    check_even_cut(input, o.left, o.right, "this would");
    return std::make_shared<Crop>(o.left, o.right);
  }
  if (o.left != 0 || o.right != 0) throw ShapeError("'length' and 'left' or 'right' exclude each other");
  if (input.shape.length == Shape::kVaries)
    throw ShapeError(format("got {} of unknown length; to crop to a length, give the input a 'length', or crop with 'left' and 'right'",
                            input.shape.to_string()));
  const std::int64_t cut = input.shape.length - *o.length;
  if (cut < 0) throw ShapeError(format("got {}, which is shorter than length = {}", input.shape.to_string(), *o.length));
  check_even_cut(input, cut / 2, cut - cut / 2, "this would");
  return std::make_shared<Crop>(cut / 2, cut - cut / 2);
}

LayerPtr make_upsample(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<UpsampleOptions>(spec);
  need_positions(input.shape);
  return std::make_shared<Upsample>(o);
}

}  // namespace

void describe(Visitor&, FlattenOptions&) {}

void describe(Visitor& v, CropOptions& o) {
  v("left", o.left, "positions cut at the left end", between(0, 1e9));
  v("right", o.right, "positions cut at the right end", between(0, 1e9));
  v("length", o.length, "cut both ends to this length instead", count(1e9));
}

void describe(Visitor& v, UpsampleOptions& o) {
  v("factor", o.factor, "output positions per input position", between(1, 1e4));
  v("kind", o.kind, "how the positions between are filled");
}

std::span<const LayerType> position_layers() {
  static constexpr LayerType kTypes[] = {
      {"flatten", "(N, C, L) to (N, C L)", describe_fresh<FlattenOptions>, make_flatten, &spec::forms::kFlatten},
      {"crop", "cuts positions at the ends", describe_fresh<CropOptions>, make_crop, &spec::forms::kAsItIs},
      {"upsample", "more positions: repeated or interpolated", describe_fresh<UpsampleOptions>, make_upsample, &spec::forms::kAsItIs},
  };
  return kTypes;
}

}  // namespace basewise::nn::detail
