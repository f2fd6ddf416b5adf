#include "basewise/ops/detail/recurrent_steps.h"

#include <optional>
#include <vector>

namespace basewise::ops::detail {
namespace {

using kernels::GateFunction;
using kernels::RecurrentCell;

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return at::linear(x, weight, bias.defined() ? std::optional(bias) : std::nullopt);
}

at::Tensor gate(const at::Tensor& sum, GateFunction function) {
  return function == GateFunction::sigmoid ? sum.sigmoid() : (sum * 0.2 + 0.5).clamp(0, 1);
}

// One direction of a cell: state and cell state, (N, units) each.
class Steps {
 public:
  Steps(const RecurrentWeight& weight, const RecurrentSettings& settings, at::Tensor state, at::Tensor cell)
      : w_(weight), settings_(settings), units_(weight.recurrent.size(1)), state_(std::move(state)), cell_(std::move(cell)) {}

  /// `input` (N, gate units) is what the weight made of the input.
  void next(const at::Tensor& input) {
    if (settings_.cell == RecurrentCell::gru_reset_before) return reset_before(input);
    const at::Tensor back = linear(state_, w_.recurrent, w_.recurrent_bias);
    if (settings_.cell == RecurrentCell::gru) return update(input, gated(input + back, 0), gated(input + back, 1), part(back, 2));
    const at::Tensor sum = input + back;
    cell_ = gated(sum, 1) * cell_ + gated(sum, 0) * part(sum, 2).tanh();
    state_ = gated(sum, 3) * cell_.tanh();
  }

  const at::Tensor& state() const { return state_; }
  const at::Tensor& cell() const { return cell_; }

 private:
  at::Tensor part(const at::Tensor& sum, std::int64_t number) const { return sum.narrow(-1, number * units_, units_); }
  at::Tensor gated(const at::Tensor& sum, std::int64_t number) const { return gate(part(sum, number), settings_.gates); }

  void update(const at::Tensor& input, const at::Tensor& reset, const at::Tensor& keep, const at::Tensor& back) {
    const at::Tensor candidate = (part(input, 2) + reset * back).tanh();
    state_ = keep * state_ + (1 - keep) * candidate;
  }

  void reset_before(const at::Tensor& input) {
    const auto rows = [&](const at::Tensor& t, std::int64_t from, std::int64_t count) {
      return t.defined() ? t.narrow(0, from * units_, count * units_) : t;
    };
    const at::Tensor gates = input.narrow(-1, 0, 2 * units_) + linear(state_, rows(w_.recurrent, 0, 2), rows(w_.recurrent_bias, 0, 2));
    const at::Tensor let = gated(gates, 0) * state_;
    update(input, at::ones({}, input.options()), gated(gates, 1), linear(let, rows(w_.recurrent, 2, 1), rows(w_.recurrent_bias, 2, 1)));
  }

  const RecurrentWeight& w_;
  const RecurrentSettings& settings_;
  std::int64_t units_;
  at::Tensor state_;
  at::Tensor cell_;
};

}  // namespace

RecurrentResult recurrent_steps(const RecurrentTensors& t, const RecurrentSettings& settings) {
  const at::Tensor rows = t.x.transpose(1, 2);
  const std::int64_t length = rows.size(1), units = t.weights[0].recurrent.size(1);
  const auto start = [&](const at::Tensor& all, std::int64_t d) {
    return all.defined() ? all.narrow(1, d * units, units) : at::zeros({rows.size(0), units}, rows.options().requires_grad(std::nullopt));
  };
  std::vector<at::Tensor> states, last, cells;
  for (std::int64_t d = 0; d < settings.directions(); ++d) {
    const RecurrentWeight& w = t.weights[static_cast<std::size_t>(d)];
    const at::Tensor inputs = linear(rows, w.weight, w.bias);
    Steps steps(w, settings, start(t.state, d), start(t.cell, d));
    std::vector<at::Tensor> all(static_cast<std::size_t>(length));
    for (std::int64_t step = 0; step < length; ++step) {
      const std::int64_t position = d == 0 ? step : length - 1 - step;
      steps.next(inputs.select(1, position));
      all[static_cast<std::size_t>(position)] = steps.state();
    }
    states.push_back(length > 0 ? at::stack(all, 2) : at::zeros({rows.size(0), units, 0}, rows.options()));
    last.push_back(steps.state());
    cells.push_back(steps.cell());
  }
  const bool lstm = settings.cell == RecurrentCell::lstm;
  return {at::cat(states, 1), at::cat(last, 1), lstm ? at::cat(cells, 1) : at::Tensor()};
}

}  // namespace basewise::ops::detail
