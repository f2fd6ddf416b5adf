// Layers that pool, cut, stretch or flatten positions.
#include <algorithm>
#include <limits>

#include "basewise/ops/conv.h"
#include "basewise/nn/detail/layer_makers.h"
#include "basewise/ops/native.h"
#include "basewise/ops/pool.h"
#include "basewise/nn/parts.h"
#include "basewise/nn/detail/limits.h"
#include "basewise/nn/detail/symmetry.h"
#include "basewise/nn/initialise.h"
#include "basewise/nn/layers.h"

namespace basewise::nn {
namespace {

class Pool : public Layer {
 public:
  Pool(const PoolOptions& o, const Activation& input) : options_(o), stride_(o.stride.value_or(o.width)), guards_(detail::guards(input) && !o.global) {
    const std::int64_t channels = input.shape.channels;
    const std::int64_t overhang = o.padding == "same" ? std::max<std::int64_t>(o.width - stride_, 0) : 0;
    pad_left_ = overhang / 2;
    pad_right_ = overhang - pad_left_;
    if (o.kind == "attention") weight_ = register_parameter("weight", at::zeros(detail::checked_weight({channels, channels})));
  }

  // Twice the identity (Avsec et al. 2021, Enformer): at the start each channel attends to its own large values.
  void initialise(std::uint64_t, const std::string&) override {
    const at::NoGradGuard no_grad;
    if (weight_.defined()) weight_.copy_(2.0 * at::eye(weight_.size(0)));
  }

  at::Tensor forward(const at::Tensor& x) override {
    if (options_.kind == "attention") return attention(x);
    if (options_.global) return options_.kind == "max" ? std::get<0>(x.max(2)) : x.mean(2);
    constexpr std::int64_t kWidest = 255;  // places within a window are kept as bytes
    if (ops::native(x) && x.size(0) > 0 && options_.width <= kWidest)
      return ops::pool(x, options_.kind == "max" ? kernels::Pooling::largest : kernels::Pooling::mean, options_.width, stride_, pad_left_, pad_right_);
    if (options_.kind == "max") return at::max_pool1d(padded(x, -std::numeric_limits<double>::infinity()), options_.width, stride_);
    const at::Tensor mean = at::avg_pool1d(padded(x, 0.0), options_.width, stride_);
    if (pad_left_ + pad_right_ == 0) return mean;
    const at::Tensor share = at::avg_pool1d(padded(at::ones({1, 1, x.size(2)}, x.options()), 0.0), options_.width, stride_);
    return mean / share;
  }

  Part part() override {
    constexpr std::int64_t kWidest = 255;
    if (options_.kind == "attention" || (!options_.global && options_.width > kWidest)) return {};
    return {ops::PoolPart{options_.kind == "max" ? kernels::Pooling::largest : kernels::Pooling::mean, options_.width, stride_, pad_left_, pad_right_,
                             options_.global}};
  }

  // Windows that lie alike from both ends treat partners alike; the largest of -x is not minus the largest of x.
  Symmetry symmetry(const Activation& input) const override {
    const Symmetry& s = input.symmetry;
    if (!input.mirrors()) return s;
    const bool even = options_.global || windows().even(input.shape.length) || (guards_ && input.shape.length == Shape::kVaries);
    const bool each = s.channels_stay() || (options_.kind == "max" && s.odd == 0) || options_.kind == "mean";
    return even && each ? s : Symmetry::none();
  }

  Shape output_shape(const Shape& input) const override {
    detail::need_positions(input);
    if (guards_) windows().check(input);
    if (options_.global) return {input.channels, false, Shape::kVaries};
    if (input.length == Shape::kVaries) return input;
    const std::int64_t length = input.length + pad_left_ + pad_right_;
    if (length < options_.width)
      throw ShapeError(format("got {}: {} positions are fewer than one window of width {}", input.to_string(), input.length, options_.width));
    return {input.channels, true, (length - options_.width) / stride_ + 1};
  }

  Alignment alignment() const override {
    return options_.global ? Alignment::everything() : Alignment::window(options_.width, stride_, pad_left_, pad_right_);
  }

  double multiply_adds(const Shape& input) const override {
    return weight_.defined() ? static_cast<double>(weight_.numel()) * static_cast<double>(input.length) : 0.0;
  }

 private:
  detail::Windows windows() const { return {options_.width, stride_, pad_left_, pad_right_}; }

  at::Tensor padded(const at::Tensor& x, double value) const {
    return pad_left_ + pad_right_ == 0 ? x : at::constant_pad_nd(x, {pad_left_, pad_right_}, value);
  }

  // y[c, i] = sum over j in window i of x[c, j] softmax_j((W x)[c, j])
  at::Tensor attention(const at::Tensor& x) const {
    const at::Tensor logits = ops::conv1d(x, weight_.unsqueeze(2), {}, {});
    if (options_.global) return (x * logits.softmax(2)).sum(2);
    const at::Tensor weights = padded(logits, -std::numeric_limits<double>::infinity()).unfold(2, options_.width, stride_).softmax(3);
    return (padded(x, 0.0).unfold(2, options_.width, stride_) * weights).sum(3);
  }

  PoolOptions options_;
  std::int64_t stride_;
  bool guards_;  // refuses windows that would end a symmetry
  std::int64_t pad_left_ = 0;
  std::int64_t pad_right_ = 0;
  at::Tensor weight_;
};

class Flatten : public Layer {
 public:
  explicit Flatten(const Shape& input) : built_for_(input) {}
  at::Tensor forward(const at::Tensor& x) override { return x.flatten(1); }
  Part part() override { return {ops::FlattenPart{}}; }
  Shape output_shape(const Shape& input) const override {
    if (!input.positions) return input;
    if (input.length == Shape::kVaries)
      throw ShapeError(format("got {} of unknown length; flatten needs one: give the input a 'length' or pool with global = true", input.to_string()));
    return {input.channels * input.length, false, Shape::kVaries};
  }
  Alignment alignment() const override { return built_for_.positions ? Alignment::everything() : Alignment::pointwise(); }
  // Number c L + t has the partner (C - 1 - c) L + L - 1 - t, which is its place counted from the end.
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
  Shape output_shape(const Shape& input) const override {
    detail::need_positions(input);
    if (input.length == Shape::kVaries) return input;
    if (left_ + right_ >= input.length)
      throw ShapeError(format("got {}: cutting {} positions at the left and {} at the right leaves none of {}", input.to_string(), left_, right_,
                              input.length));
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
    if (options_.kind == "linear") return at::upsample_linear1d(x, {length}, /*align_corners=*/false);
    return at::upsample_nearest1d(x, {length});
  }
  Shape output_shape(const Shape& input) const override {
    detail::need_positions(input);
    return {input.channels, true, input.length == Shape::kVaries ? Shape::kVaries : input.length * options_.factor};
  }
  Alignment alignment() const override { return Alignment::upsample(options_.factor, options_.kind == "linear"); }
  Symmetry symmetry(const Activation& input) const override { return input.symmetry; }

 private:
  UpsampleOptions options_;
};

}  // namespace

namespace detail {

LayerPtr make_pool(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<PoolOptions>(spec);
  need_positions(input.shape);
  return std::make_shared<Pool>(o, input);
}

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

}  // namespace detail
}  // namespace basewise::nn
