#include "basewise/ops/recurrent.h"

#include "basewise/core/error.h"
#include "basewise/kernels/recurrent_backward.h"
#include "basewise/ops/detail/kept.h"
#include "basewise/ops/detail/recurrent_steps.h"
#include "basewise/ops/native.h"

namespace basewise::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

// Everything that is read, in one order; what is undefined has no place in the lists that autograd
// sees.
constexpr std::size_t kX = 0, kWeights = 1, kState = 9, kCell = 10, kAll = 11;
using Inputs = std::array<at::Tensor, kAll>;

Inputs inputs_of(const RecurrentTensors& t) {
  Inputs all{length_major(t.x)};
  for (std::size_t d = 0; d < 2; ++d) {
    const RecurrentWeight& w = t.weights[d];
    std::size_t i = kWeights + 4 * d;
    for (const at::Tensor* part : {&w.weight, &w.recurrent, &w.bias, &w.recurrent_bias}) all[i++] = *part;
  }
  all[kState] = t.state;
  all[kCell] = t.cell;
  return all;
}

struct Plan {
  RecurrentSettings settings;
  std::array<bool, kAll> there{};
  bool states = false;   // of every position
  bool records = false;  // somebody may ask for gradients
};

variable_list present(const Inputs& all) {
  variable_list list;
  for (const at::Tensor& t : all)
    if (t.defined()) list.push_back(t);
  return list;
}

// In their places; all but x without gaps.
Inputs placed(at::TensorList list, const Plan& plan) {
  Inputs all;
  std::size_t next = 0;
  for (std::size_t i = 0; i < kAll; ++i)
    if (plan.there[i]) all[i] = i == kX ? list[next++] : list[next++].contiguous();
  return all;
}

const float* floats_of(const at::Tensor& t) { return t.defined() ? t.const_data_ptr<float>() : nullptr; }
float* mutable_floats(const at::Tensor& t) { return t.defined() ? t.mutable_data_ptr<float>() : nullptr; }

kernels::RecurrentShape shape_of(const Inputs& all, const RecurrentSettings& s) {
  const at::Tensor& x = all[kX];
  return {x.size(0), x.size(2), x.size(1), all[kWeights + 1].size(1), s.cell, s.gates, s.bidirectional};
}

// What both passes read.
template <class Call>
Call call_of(const Inputs& all, const RecurrentSettings& s) {
  Call call;
  call.shape = shape_of(all, s);
  call.x = rows_of(all[kX]);
  for (std::size_t d = 0; d < 2; ++d) {
    const std::size_t w = kWeights + 4 * d;
    call.weights[d] = {floats_of(all[w]), floats_of(all[w + 1]), floats_of(all[w + 2]), floats_of(all[w + 3])};
  }
  call.start = {floats_of(all[kState]), floats_of(all[kCell])};
  return call;
}

class RecurrentFunction : public torch::autograd::Function<RecurrentFunction> {
 public:
  // States of every position where they are wanted, those at the ends, those of the cell.
  static variable_list forward(AutogradContext* ctx, at::TensorList list, const Plan& plan) {
    const Inputs all = placed(list, plan);
    auto call = call_of<kernels::RecurrentForward>(all, plan.settings);
    const kernels::RecurrentShape& s = call.shape;
    const at::TensorOptions options = all[kX].options().requires_grad(std::nullopt);
    const std::int64_t channels = s.directions() * s.units;
    variable_list results;
    if (plan.states) {
      results.push_back(empty_length_major(s.batch, channels, s.length, options));
      call.states = mutable_rows_of(results.back());
    }
    results.push_back(at::empty({s.batch, channels}, options));
    call.last = mutable_floats(results.back());
    if (s.cell == kernels::RecurrentCell::lstm) {
      results.push_back(at::empty({s.batch, channels}, options));
      call.last_cell = mutable_floats(results.back());
    }
    at::Tensor record;
    if (plan.records) {
      record = at::empty({kernels::recurrent_record(s)}, options);
      call.record = mutable_floats(record);
    }
    kernels::recurrent_forward(call, native_run());
    if (!plan.records) return results;
    variable_list saved(list.begin(), list.end());
    saved.push_back(record);
    ctx->save_for_backward(saved);
    ctx->set_materialize_grads(false);
    detail::keep(ctx, plan);
    return results;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    if (at::GradMode::is_enabled())
      throw ArgumentError("gradients of the gradients of recurrent layers are torch's alone: choose torch's kernels for them");
    const auto plan = detail::kept<Plan>(ctx);
    variable_list saved = ctx->get_saved_variables();
    const at::Tensor record = saved.back();
    saved.pop_back();
    const Inputs all = placed(saved, plan);
    auto call = call_of<kernels::RecurrentBackward>(all, plan.settings);
    call.record = floats_of(record);
    std::array<at::Tensor, 3> given;
    for (std::size_t i = 0; i < gradients.size(); ++i) given[i + (plan.states ? 0 : 1)] = gradients[i];
    if (given[0].defined()) given[0] = length_major(given[0]);
    for (std::size_t i : {1U, 2U})
      if (given[i].defined()) given[i] = given[i].contiguous();
    call.dstates = rows_of(given[0]);
    call.dlast = floats_of(given[1]);
    call.dlast_cell = floats_of(given[2]);
    Inputs d;
    std::size_t edge = 0;
    for (std::size_t i = 0; i < kAll; ++i) {
      if (!plan.there[i] || !ctx->needs_input_grad(edge++)) continue;
      const at::TensorOptions options = all[i].options().requires_grad(std::nullopt);
      d[i] = i == kX ? empty_length_major(call.shape.batch, call.shape.channels, call.shape.length, options)
                     : at::empty(all[i].sizes(), options);
    }
    call.dx = mutable_rows_of(d[kX]);
    for (std::size_t direction = 0; direction < 2; ++direction) {
      const std::size_t w = kWeights + 4 * direction;
      call.dweights[direction] = {mutable_floats(d[w]), mutable_floats(d[w + 1]), mutable_floats(d[w + 2]), mutable_floats(d[w + 3])};
    }
    call.dstart = mutable_floats(d[kState]);
    call.dstart_cell = mutable_floats(d[kCell]);
    kernels::recurrent_backward(call, native_run());
    variable_list result;
    for (std::size_t i = 0; i < kAll; ++i)
      if (plan.there[i]) result.push_back(d[i]);
    result.emplace_back();  // of the plan
    return result;
  }
};

}  // namespace

RecurrentResult recurrent(const RecurrentTensors& tensors, const RecurrentSettings& settings, bool states) {
  if (!native(tensors.x) || !native(tensors.weights[0].weight)) {
    RecurrentResult result = detail::recurrent_steps(tensors, settings);
    if (!states) result.states = at::Tensor();
    return result;
  }
  RECORD_FUNCTION("basewise::recurrent", c10::ArrayRef<const c10::IValue>());
  const Inputs all = inputs_of(tensors);
  Plan plan{settings, {}, states};
  for (std::size_t i = 0; i < kAll; ++i) {
    plan.there[i] = all[i].defined();
    plan.records = plan.records || (at::GradMode::is_enabled() && all[i].defined() && all[i].requires_grad());
  }
  const variable_list list = present(all);
  const variable_list results = RecurrentFunction::apply(at::TensorList(list), plan);
  const std::size_t first = states ? 1 : 0;
  return {states ? results[0] : at::Tensor(), results[first], results.size() > first + 1 ? results[first + 1] : at::Tensor()};
}

}  // namespace basewise::ops
