#include "basewise/nn/detail/attention_core.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/nn/detail/attention.h"
#include "basewise/nn/detail/limits.h"
#include "basewise/ops/attention.h"
#include "basewise/ops/conv.h"

namespace basewise::nn::detail {
namespace {

constexpr std::array<std::string_view, 3> kParts{"query", "key", "value"};

void check_options(const AttentionOptions& o, std::int64_t channels) {
  const bool left = o.sides == AttentionSides::left;
  if (left && !o.window) throw ShapeError("option 'window' is missing: the number of positions that each one attends to, itself included");
  if (!left && o.mode != AttentionMode::compat)
    throw ShapeError(format("mode = \"{}\" is for sides = \"left\": what attends to both sides has no memory", o.mode));
  if (o.conv_width > 0 && o.conv_width % 2 == 0 && o.mode != AttentionMode::causal)
    throw ShapeError(format("conv_width = {} has no middle; use an odd width, or mode = \"causal\"", o.conv_width));
  const bool sines = o.positions == AttentionPositions::relative || o.positions == AttentionPositions::absolute;
  if (sines && channels % 2 != 0)
    throw ShapeError(format("got {} channels; positions = \"{}\" needs an even number, a sine and a cosine each", channels, o.positions));
  if (o.positions == AttentionPositions::rotary && o.head_width % 2 != 0)
    throw ShapeError(format("head_width = {}; positions = \"rotary\" turns pairs of numbers, so it must be even", o.head_width));
}

}  // namespace

AttentionCore::AttentionCore(torch::nn::Module& layer, const AttentionOptions& o, std::int64_t channels)
    : options_(o), channels_(channels) {
  check_options(o, channels);
  const std::int64_t width = o.heads * o.head_width;
  qkv_ = layer.register_parameter("qkv_weight", at::zeros(checked_weight({3 * width, channels})));
  for (std::size_t i = 0; o.conv_width > 0 && i < convs_.size(); ++i) {
    convs_[i].weight = layer.register_parameter(format("{}_conv_weight", kParts[i]),
                                                at::zeros(checked_weight({o.head_width, o.head_width, o.conv_width})));
    convs_[i].bias = layer.register_parameter(format("{}_conv_bias", kParts[i]), at::zeros({o.head_width}));
  }
  AttentionBuild* stack = AttentionBuild::current();
  if (o.positions == AttentionPositions::relative) {
    position_ = layer.register_parameter("position_weight", at::zeros(checked_weight({width, channels})));
    own_biases_ = stack == nullptr;
    if (stack != nullptr) {
      biases_ = stack->biases(o);
    } else {
      biases_.content = layer.register_parameter("content_bias", at::zeros({o.heads, o.head_width}));
      biases_.position = layer.register_parameter("position_bias", at::zeros({o.heads, o.head_width}));
    }
  }
  output_ = layer.register_parameter("output_weight", at::zeros(checked_weight({channels, width})));
  if (look_ahead() == 0 || o.mode != AttentionMode::halo) return;
  if (stack == nullptr)
    throw ShapeError("mode = \"halo\" needs an attention_stack around the layer, which knows how far all of its layers look ahead");
  stack->look_ahead(look_ahead());
}

void AttentionCore::initialise(std::uint64_t seed, const std::string& name) {
  const auto start = [&](at::Tensor& parameter, const std::string& own) {
    nn::initialise(parameter, options_.initialiser, options_.initialiser_scale, fans(parameter), seed, name + "." + own);
  };
  start(qkv_, "qkv_weight");
  start(output_, "output_weight");
  if (position_.defined()) start(position_, "position_weight");
  if (own_biases_) start(biases_.content, "content_bias"), start(biases_.position, "position_bias");
  for (std::size_t i = 0; options_.conv_width > 0 && i < convs_.size(); ++i) {
    const Fans fan = fans(convs_[i].weight);
    nn::initialise(convs_[i].weight, Initialiser::torch, 1.0, fan, seed, format("{}.{}_conv_weight", name, kParts[i]));
    nn::initialise(convs_[i].bias, Initialiser::torch, 1.0, fan, seed, format("{}.{}_conv_bias", name, kParts[i]));
  }
}

std::int64_t AttentionCore::context() const {
  if (options_.conv_width == 0 || options_.mode == AttentionMode::compat) return 0;
  return options_.mode == AttentionMode::halo ? side() : options_.conv_width - 1;
}

std::int64_t AttentionCore::look_ahead() const {
  return options_.conv_width == 0 || options_.mode == AttentionMode::causal ? 0 : side();
}

std::int64_t AttentionCore::memory() const {
  return options_.mode == AttentionMode::compat ? *options_.window : *options_.window - 1 + context();
}

double AttentionCore::multiply_adds(std::int64_t length) const {
  const auto count = [](std::int64_t n) { return static_cast<double>(n); };
  const std::int64_t width = options_.heads * options_.head_width;
  const bool both = options_.sides == AttentionSides::both;
  const std::int64_t reach = both ? std::min(length, 2 * options_.window.value_or(length) - 1) : std::min(length, *options_.window);
  const bool relative = position_.defined();
  double sum = count(length) * count(4 * width) * count(channels_);
  sum += count(length) * count(3 * width) * count(options_.head_width * options_.conv_width);
  sum += count(length) * count(reach) * count(width) * (relative ? 3 : 2);
  return sum + (relative ? count(reach) * count(width) * count(channels_) : 0);
}

// (N, rows, channels) to (heads, N, rows, width), projected and convolved.
at::Tensor AttentionCore::heads_of(const at::Tensor& rows, Which which, const Padding& padding) const {
  const std::int64_t heads = options_.heads, width = options_.head_width, n = rows.size(0), length = rows.size(1);
  const at::Tensor all = at::linear(rows, qkv_.slice(0, which * heads * width, (which + 1) * heads * width));
  const at::Tensor apart = all.reshape({n, length, heads, width}).permute({2, 0, 1, 3}).contiguous();
  if (options_.conv_width == 0) return apart;
  const Conv& conv = convs_[which];
  const at::Tensor convolved = ops::conv1d(apart.view({heads * n, length, width}).transpose(1, 2), conv.weight, conv.bias,
                                           {.pad_left = padding.left, .pad_right = padding.right});
  return convolved.transpose(1, 2).reshape({heads, n, -1, width});
}

// The rows with sines of their places added, zeros where there are none: (N, rows, channels).
at::Tensor AttentionCore::placed(const AttentionInput& input) const {
  const at::Tensor& rows = input.rows;
  if (options_.positions != AttentionPositions::absolute) return rows;
  const at::Tensor columns = at::arange(rows.size(1), at::TensorOptions().dtype(at::kLong).device(rows.device()));
  const auto of_example = [&](const at::Tensor& t) { return t.to(rows.device()).unsqueeze(1); };
  const at::Tensor places = input.first.defined() ? of_example(input.first) + columns : columns.unsqueeze(0);
  const at::Tensor added = rows + sines(places, channels_).to(rows.scalar_type());
  if (!input.absent.defined()) return added;
  return added * (columns >= of_example(input.absent)).unsqueeze(2).to(rows.scalar_type());
}

// W_r R for keys at distances left to -right before a query: (heads, left + right + 1, width).
at::Tensor AttentionCore::distances(std::int64_t left, std::int64_t right, const AttentionInput& input) const {
  const double dropout = input.training ? options_.position_dropout : 0.0;
  const auto make = [&] {
    const at::Tensor distance = at::arange(left, -right - 1, -1, at::TensorOptions().dtype(at::kLong).device(input.rows.device()));
    return at::dropout(sines(distance, channels_).to(input.rows.scalar_type()), dropout, dropout > 0);
  };
  AttentionPass* stack = AttentionPass::current();
  const at::Tensor r = stack != nullptr ? stack->positions(left, right, channels_, dropout, make) : make();
  return at::linear(r, position_).view({left + right + 1, options_.heads, options_.head_width}).permute({1, 0, 2});
}

at::Tensor AttentionCore::operator()(const AttentionInput& input) const {
  const at::Tensor rows = placed(input);
  const std::int64_t first = input.kept - context(), ahead = look_ahead();
  const Padding padding{context() > 0 ? 0 : ahead, ahead};
  ops::AttentionTensors a;
  a.query = heads_of(rows.slice(1, first), kQuery, padding);
  a.key = heads_of(rows, kKey, padding);
  a.value = heads_of(rows, kValue, padding);
  const std::int64_t queries = a.query.size(2), most = first + queries;
  const bool all = input.training && options_.in_training == TrainingReach::all;
  ops::AttentionReach reach{first, (all ? most : std::min(options_.window.value_or(most), most)) - 1};
  if (options_.sides == AttentionSides::both) reach.right = reach.left;
  if (input.absent.defined()) a.absent = (input.absent - context()).clamp_min(0);
  if (options_.positions == AttentionPositions::rotary) {
    a.query = turned(a.query, first);
    a.key = turned(a.key, 0);
  }
  if (position_.defined()) {
    a.content_bias = biases_.content;
    a.position_bias = biases_.position;
    a.position = distances(reach.left, reach.right, input);
  }
  const at::Tensor heads = ops::takes_attention(a, reach) ? ops::attention(a, reach) : attend(a, reach);
  const at::Tensor z = heads.permute({1, 2, 0, 3}).flatten(2);
  return at::linear(z, output_).transpose(1, 2);
}

}  // namespace basewise::nn::detail
