#include "basewise/interpret/detail/differences.h"

#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/interpret/detail/multipliers.h"
#include "basewise/nn/parts.h"

namespace basewise::interpret::detail {
namespace {

using nn::AttributionRule;
using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

/// Gradient of a layer at x for a gradient of its output; x has as many rows as `dy`.
at::Tensor pulled_back(nn::Layer& layer, const at::Tensor& x, const at::Tensor& dy) {
  const at::AutoGradMode with_gradients(true);
  const at::Tensor leaf = x.detach().requires_grad_(true);
  const at::Tensor y = layer.forward(leaf);
  return gradient_to(leaf, y, dy);
}

/// One pair of sides as a rule reads them: `x`, `y` of the recorded pass (P rows), and of the held.
struct Pairing {
  nn::Layer* layer = nullptr;
  AttributionRule rule = AttributionRule::none;
  bool held_is_sequence = true;
  bool rectifies = false;  // a ReLU
  Held held = {};
  at::Tensor rows = {};  // (copies P): row of the held side

  at::Tensor paired(const at::Tensor& held_side) const { return held_side.index_select(0, rows); }
};

/// Where rows of all tensors have their numbers in one order without gaps, (rows, numbers).
bool alike(const at::Tensor& a, const at::Tensor& b) {
  return a.sizes().slice(1) == b.sizes().slice(1) && a.strides().slice(1) == b.strides().slice(1) && a.is_non_overlapping_and_dense() &&
         b.is_non_overlapping_and_dense() && (a.dim() < 2 || a.size(0) < 2 || a.stride(0) == a[0].numel()) &&
         (b.size(0) < 2 || b.stride(0) == b[0].numel());
}

bool takes(const Pairing& pair, const at::Tensor& x, const at::Tensor& y) {
  const auto plain = [](const at::Tensor& t) { return t.device().is_cpu() && t.scalar_type() == at::kFloat; };
  return plain(x) && plain(pair.held.x) && x.dim() >= 2 && alike(x, pair.held.x) && alike(x, y) && alike(x, pair.held.y);
}

/// `slope` has a row for each held one, or for each recorded one; of a ReLU it is the input there.
at::Tensor multiplied(const Pairing& pair, const at::Tensor& x, const at::Tensor& y, const at::Tensor& slope, const at::Tensor& given) {
  at::Tensor dy = given;
  if (!alike(x, dy)) dy = at::empty_like(x).copy_(given);
  at::Tensor dx = at::empty_like(x);
  const std::int64_t n = x.numel() / x.size(0);
  const auto* rows = pair.rows.const_data_ptr<std::int64_t>();
  const auto at = [&](const at::Tensor& t) { return t.const_data_ptr<float>(); };
  const float *xs = at(x), *ys = at(y), *held_x = at(pair.held.x), *held_y = at(pair.held.y), *slopes = at(slope), *dys = at(dy);
  float* to = dx.mutable_data_ptr<float>();
  parallel_for(x.size(0), std::max<std::int64_t>(1, 16384 / std::max<std::int64_t>(n, 1)), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      const std::int64_t a = r * n, b = rows[r] * n, s = pair.held_is_sequence ? b : a;
      const FunctionRow row{xs + a, ys + a, held_x + b, held_y + b, slopes + s, dys + a, n};
      pair.rectifies ? through_rectifier(row, to + a) : through_function(row, to + a);
    }
  });
  return dx;
}

/// The rescale rule: difference of outputs over difference of inputs.
at::Tensor by_ratio(const Pairing& pair, const at::Tensor& x, const at::Tensor& y, const at::Tensor& dy) {
  const bool quick = takes(pair, x, y);
  if (quick && pair.rectifies) return multiplied(pair, x, y, pair.held_is_sequence ? pair.held.x : x, dy);
  at::Tensor slope = pair.held.slope;
  if (!slope.defined())
    slope = pulled_back(*pair.layer, pair.held_is_sequence ? pair.held.x : x, at::ones_like(pair.held_is_sequence ? pair.held.y : y));
  if (quick && alike(x, slope)) return multiplied(pair, x, y, slope, dy);
  const at::Tensor in = pair.paired(pair.held.x) - x, out = pair.paired(pair.held.y) - y;
  return dy * at::where(in.abs() < kSmallDifference, pair.held_is_sequence ? pair.paired(slope) : slope, out / in);
}

/// The windows of a layer over x (N, C, L), if loops over rows of positions can take them.
std::optional<WindowRow> windows_of(nn::Layer& layer, const at::Tensor& x, const at::Tensor& y, const at::Tensor& held) {
  const nn::Part part = layer.part();
  const auto* pool = std::get_if<ops::PoolPart>(&part.what);
  if (pool == nullptr || x.dim() != 3 || x.numel() == 0) return std::nullopt;
  for (const at::Tensor* t : {&x, &held})
    if (!t->device().is_cpu() || t->scalar_type() != at::kFloat) return std::nullopt;
  if (pool->global) return WindowRow{x.size(1), x.size(2), 1, x.size(2), x.size(2), 0};
  return WindowRow{x.size(1), x.size(2), y.size(2), pool->width, pool->stride, pool->pad_left};
}

at::Tensor quick_largest(const Pairing& pair, const WindowRow& windows, const at::Tensor& given_x, const at::Tensor& given) {
  const auto rows_of_positions = [](const at::Tensor& t) { return t.transpose(1, 2).contiguous(); };
  const at::Tensor x = rows_of_positions(given_x), held = rows_of_positions(pair.held.x);
  const at::Tensor dy = given.dim() == 3 ? rows_of_positions(given) : given.contiguous();
  at::Tensor dx = at::empty_like(x);
  const std::int64_t n = windows.length * windows.channels, m = windows.windows * windows.channels;
  const float *xs = x.const_data_ptr<float>(), *helds = held.const_data_ptr<float>(), *dys = dy.const_data_ptr<float>();
  const auto* rows = pair.rows.const_data_ptr<std::int64_t>();
  float* to = dx.mutable_data_ptr<float>();
  parallel_for(x.size(0), std::max<std::int64_t>(1, 16384 / n), [&](std::int64_t begin, std::int64_t end) {
    LargestOfWindows largest(windows);
    for (std::int64_t r = begin; r < end; ++r) {
      const float *one = xs + r * n, *other = helds + rows[r] * n;
      largest(pair.held_is_sequence ? other : one, pair.held_is_sequence ? one : other, dys + r * m, to + r * n);
    }
  });
  return dx.transpose(1, 2);
}

/// The largest of windows: what the output changes by goes to the places that were the largest in
/// the sequence and in the reference, and is divided by what these places change by.
at::Tensor through_largest(const Pairing& pair, const at::Tensor& x, const at::Tensor& y, const at::Tensor& dy) {
  if (const auto windows = windows_of(*pair.layer, x, y, pair.held.x)) return quick_largest(pair, *windows, x, dy);
  const at::Tensor held_x = pair.paired(pair.held.x), held_y = pair.paired(pair.held.y);
  const bool held = pair.held_is_sequence;
  const at::Tensor &sequence = held ? held_x : x, &reference = held ? x : held_x;
  const at::Tensor &output = held ? held_y : y, &before = held ? y : held_y;
  const at::Tensor larger = at::maximum(output, before);
  const at::Tensor share =
      pulled_back(*pair.layer, sequence, dy * (larger - before)) + pulled_back(*pair.layer, reference, dy * (output - larger));
  const at::Tensor in = sequence - reference, same = in == 0;
  return at::where(same, pulled_back(*pair.layer, sequence, dy), share / in.masked_fill(same, 1.0));
}

/// A place on [0, 1] and its weight.
struct Place {
  double at = 0;
  double weight = 0;
};

/// Places and weights of Gauss and Legendre: roots of the Legendre polynomial by Newton's method.
/// Between a sequence and its reference a norm may pass near a variance of zero, so there are many.
std::array<Place, 32> places() {
  constexpr int n = 32;
  std::array<Place, n> all{};
  for (int i = 0; i < n; ++i) {
    double x = std::cos(std::numbers::pi * (i + 0.75) / (n + 0.5)), slope = 1;
    for (int round = 0; round < 20; ++round) {
      double before = 1, value = x;
      for (int k = 2; k <= n; ++k) before = std::exchange(value, ((2 * k - 1) * x * value - (k - 1) * before) / k);
      slope = n * (x * value - before) / (x * x - 1);
      x -= value / slope;
    }
    all[static_cast<std::size_t>(i)] = {(1 + x) / 2, 1 / ((1 - x * x) * slope * slope)};
  }
  return all;
}

/// The derivative, averaged along the straight way between both sides.
at::Tensor through_path(const Pairing& pair, const at::Tensor& x, const at::Tensor& dy) {
  const at::Tensor way = pair.paired(pair.held.x) - x;
  at::Tensor sum = at::zeros_like(x);
  static const std::array<Place, 32> kPlaces = places();
  for (const auto& [place, weight] : kPlaces) sum.add_(pulled_back(*pair.layer, x + way * place, dy), weight);
  return sum;
}

struct Kept : torch::CustomClassHolder {
  explicit Kept(Pairing p) : pairing(std::move(p)) {}
  Pairing pairing;
};

class RuleFunction : public torch::autograd::Function<RuleFunction> {
 public:
  static Variable forward(AutogradContext* ctx, const Variable& x, const Pairing& pairing) {
    const at::NoGradGuard no_grad;
    const at::Tensor y = pairing.layer->forward(x);
    // A view or the input itself would be taken for a change in place.
    const at::Tensor own = y.is_alias_of(x) ? y.clone() : y;
    ctx->save_for_backward({x, own});
    ctx->saved_data["pairing"] = c10::IValue::make_capsule(c10::make_intrusive<Kept>(pairing));
    return own;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    variable_list result(2);
    if (!gradients[0].defined()) return result;
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor x = saved[0].detach(), y = saved[1].detach();
    const Pairing& pair = static_cast<const Kept&>(*ctx->saved_data.at("pairing").toCapsule()).pairing;
    switch (pair.rule) {
      case AttributionRule::elementwise:
        result[0] = by_ratio(pair, x, y, gradients[0]);
        break;
      case AttributionRule::largest_of_window:
        result[0] = through_largest(pair, x, y, gradients[0]);
        break;
      case AttributionRule::path:
        result[0] = through_path(pair, x, gradients[0]);
        break;
      case AttributionRule::none:
      case AttributionRule::inside:
      case AttributionRule::linear:
        throw InternalError("a layer without a rule of its own was stood in for");
    }
    return result;
  }
};

bool rectifies(nn::Layer& layer) {
  const nn::Part part = layer.part();
  const auto* function = std::get_if<ops::ActivationPart>(&part.what);
  return function != nullptr && function->kind == kernels::Activation::relu;
}

}  // namespace

at::Tensor gradient_to(const at::Tensor& leaf, const at::Tensor& y, const at::Tensor& dy) {
  if (!y.requires_grad()) return at::zeros_like(leaf);
  y.backward(dy, /*retain_graph=*/false, /*create_graph=*/false, at::TensorList(leaf));
  return leaf.grad().defined() ? leaf.grad() : at::zeros_like(leaf);
}

void DifferenceRules::pair(at::Tensor rows, std::int64_t held_rows) {
  rows_ = std::move(rows);
  held_rows_ = held_rows;
}

at::Tensor DifferenceRules::hold(nn::Layer& layer, const std::string& path, const at::Tensor& x) {
  Held held{x.detach(), layer.forward(x).detach(), {}};
  const bool slope = held_is_sequence_ && layer.attribution_rule() == AttributionRule::elementwise && !rectifies(layer);
  if (slope) held.slope = pulled_back(layer, held.x, at::ones_like(held.y));
  return held_.insert_or_assign(path, std::move(held)).first->second.y;
}

at::Tensor DifferenceRules::apply(nn::Layer& layer, const std::string& path, const at::Tensor& x) {
  const AttributionRule rule = layer.attribution_rule();
  if (rule == AttributionRule::none)
    throw ArgumentError(
        format("layer '{}' has no rule for differences from a reference, so that DeepLIFT cannot pass through it; take "
               "integrated_gradients or gradient_x_input",
               path));
  if (!rows_.defined()) return hold(layer, path, x);
  const auto held = held_.find(path);
  if (held == held_.end()) throw InternalError(format("layer '{}' was not held", path));
  const std::int64_t copies = x.size(0) / rows_.size(0);
  std::vector<at::Tensor> rows;
  for (std::int64_t copy = 0; copy < copies; ++copy) rows.push_back(rows_ + copy * held_rows_);
  Pairing pair{&layer,
               rule,
               held_is_sequence_,
               rule == AttributionRule::elementwise && rectifies(layer),
               held->second,
               rows.size() == 1 ? rows.front() : at::cat(rows)};
  return RuleFunction::apply(x, pair);
}

}  // namespace basewise::interpret::detail
