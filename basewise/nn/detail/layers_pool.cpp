#include "basewise/nn/detail/layers_pool.h"

#include <algorithm>
#include <limits>

#include "basewise/core/error.h"
#include "basewise/nn/detail/bounds.h"
#include "basewise/nn/detail/limits.h"
#include "basewise/nn/detail/symmetry.h"
#include "basewise/nn/layer_options.h"
#include "basewise/nn/parts.h"
#include "basewise/ops/conv.h"
#include "basewise/ops/native.h"
#include "basewise/ops/pool.h"
#include "basewise/spec/strand_forms.h"

namespace basewise::nn::detail {
namespace {

class Pool : public Layer {
 public:
  Pool(const PoolOptions& o, const Activation& input)
      : options_(o), stride_(o.stride.value_or(o.width)), guards_(guards(input) && !o.global) {
    const std::int64_t channels = input.shape.channels;
    const std::int64_t overhang = o.padding == Padding::same ? std::max<std::int64_t>(o.width - stride_, 0) : 0;
    pad_left_ = o.padding == Padding::given ? o.pad_left : overhang / 2;
    pad_right_ = o.padding == Padding::given ? o.pad_right : overhang - pad_left_;
    if (!o.global && std::max(pad_left_, pad_right_) >= o.width)
      throw ShapeError(format("got pad_left = {} and pad_right = {}; they must be below the width {}, or a window would see nothing",
                              pad_left_, pad_right_, o.width));
    if (o.kind == PoolKind::attention) weight_ = register_parameter("weight", at::zeros(checked_weight({channels, channels})));
  }

  // Twice the identity (Avsec et al. 2021, Enformer): at the start each channel attends to its own
  // large values.
  void initialise(std::uint64_t, const std::string&) override {
    const at::NoGradGuard no_grad;
    if (weight_.defined()) weight_.copy_(2.0 * at::eye(weight_.size(0)));
  }

  at::Tensor forward(const at::Tensor& x) override {
    if (options_.kind == PoolKind::attention) return attention(x);
    if (options_.global) return options_.kind == PoolKind::max ? std::get<0>(x.max(2)) : x.mean(2);
    constexpr std::int64_t kWidest = 255;  // places within a window are kept as bytes
    if (ops::native(x) && x.size(0) > 0 && options_.width <= kWidest)
      return ops::pool(x, kernel(), options_.width, stride_, pad_left_, pad_right_);
    if (options_.kind == PoolKind::max) return at::max_pool1d(padded(x, -std::numeric_limits<double>::infinity()), options_.width, stride_);
    const at::Tensor mean = at::avg_pool1d(padded(x, 0.0), options_.width, stride_);
    if (pad_left_ + pad_right_ == 0) return mean;
    const at::Tensor share = at::avg_pool1d(padded(at::ones({1, 1, x.size(2)}, x.options()), 0.0), options_.width, stride_);
    return mean / share;
  }

  AttributionRule attribution_rule() const override {
    switch (options_.kind) {
      case PoolKind::max:
        return AttributionRule::largest_of_window;
      case PoolKind::mean:
        return AttributionRule::linear;
      case PoolKind::attention:
        return AttributionRule::path;
    }
    return AttributionRule::none;
  }

  Part part() override {
    constexpr std::int64_t kWidest = 255;
    if (options_.kind == PoolKind::attention || (!options_.global && options_.width > kWidest)) return {};
    return {ops::PoolPart{kernel(), options_.width, stride_, pad_left_, pad_right_, options_.global}};
  }

  // Windows that lie alike from both ends treat partners alike;
  // the largest of -x is not minus the largest of x.
  Symmetry symmetry(const Activation& input) const override {
    const Symmetry& s = input.symmetry;
    if (!input.mirrors()) return s;
    const bool even = options_.global || windows().even(input.shape.length) || (guards_ && input.shape.length == Shape::kVaries);
    const bool each = s.channels_stay() || (options_.kind == PoolKind::max && s.odd == 0) || options_.kind == PoolKind::mean;
    return even && each ? s : Symmetry::none();
  }

  Shape output_shape(const Shape& input) const override {
    need_positions(input);
    if (guards_) windows().check(input);
    if (options_.global) return {input.channels, false, Shape::kVaries};
    if (input.length == Shape::kVaries) return input;
    const std::int64_t length = input.length + pad_left_ + pad_right_;
    if (length < options_.width)
      throw ShapeError(
          format("got {}: {} positions are fewer than one window of width {}", input.to_string(), input.length, options_.width));
    return {input.channels, true, (length - options_.width) / stride_ + 1};
  }

  Alignment alignment() const override {
    return options_.global ? Alignment::everything() : Alignment::window(options_.width, stride_, pad_left_, pad_right_);
  }

  double multiply_adds(const Shape& input) const override {
    return weight_.defined() ? static_cast<double>(weight_.numel()) * static_cast<double>(input.length) : 0.0;
  }

 private:
  kernels::Pooling kernel() const { return options_.kind == PoolKind::max ? kernels::Pooling::largest : kernels::Pooling::mean; }
  Windows windows() const { return {options_.width, stride_, pad_left_, pad_right_}; }

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

LayerPtr make_pool(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<PoolOptions>(spec);
  need_positions(input.shape);
  return std::make_shared<Pool>(o, input);
}

}  // namespace

void describe(Visitor& v, PoolOptions& o) {
  v("kind", o.kind, "what becomes of a window");
  v("global", o.global, "one window over all positions; gives (N, C)");
  v.when("global", o.global, false, [&] {
    v("width", o.width, "positions per window", count(1e9));
    v("stride", o.stride, "positions from window to window; default: the width", count(1e9));
    v("padding", o.padding, "what lies outside does not count", one_of({Padding::valid, Padding::same, Padding::given}));
    v.when("padding", o.padding, {Padding::given}, [&] {
      v("pad_left", o.pad_left, "positions that do not count at the left end", between(0, 1e6));
      v("pad_right", o.pad_right, "the same at the right end", between(0, 1e6));
    });
  });
}

std::span<const LayerType> pool_layers() {
  static constexpr LayerType kTypes[] = {
      {"pool", "maximum, mean or attention over windows of positions", describe_fresh<PoolOptions>, make_pool, &spec::forms::kPool},
  };
  return kTypes;
}

}  // namespace basewise::nn::detail
