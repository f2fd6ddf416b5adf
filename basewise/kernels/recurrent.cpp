#include "basewise/kernels/recurrent.h"

#include <algorithm>
#include <vector>

#include "basewise/kernels/detail/micro.h"
#include "basewise/kernels/detail/recurrent_parts.h"

namespace basewise::kernels {
namespace {

using namespace detail;  // NOLINT: this source is made of the pieces in there

constexpr Index kRows = 192;  // of the product of inputs and weights: each panel of weights serves so many

// Weights of one direction. `gates` are those of the recurrent weights that the state multiplies
// first; what is left of a GRU is `candidate`.
struct Direction {
  PackedMatrix input, gates, candidate;
  Buffer bias, candidate_bias;

  Direction(const Micro& micro, const RecurrentShape& s, const RecurrentWeights& w)
      : input(micro, s.gate_units(), s.channels),
        gates(micro, first_units(s), s.units),
        candidate(micro, s.gate_units() - first_units(s), s.units) {
    const Index panel = micro.panel, all = s.gate_units(), first = first_units(s);
    const bool behind = s.cell == RecurrentCell::gru;  // the reset stands between the two sums, and so do their biases
    float *b = bias.zeros(round_up(all, panel)), *c = candidate_bias.zeros(round_up(all - first, panel));
    for (Index u = 0; u < all; ++u) {
      if (w.bias != nullptr) b[u] = w.bias[u];
      if (w.recurrent_bias != nullptr) (behind && u >= first ? c[u - first] : b[u]) += w.recurrent_bias[u];
    }
  }
  static Index first_units(const RecurrentShape& s) { return s.cell == RecurrentCell::lstm ? 4 * s.units : 2 * s.units; }
};

class Forward {
 public:
  Forward(const RecurrentForward& call, const Run& run)
      : call_(call), s_(call.shape), micro_(micro(run.isa)), executor_(*run.executor), layout_(s_) {
    zeros_.zeros(s_.units);
    for (Index d = 0; d < s_.directions(); ++d) directions_.emplace_back(micro_, s_, call.weights[d]);
  }

  void operator()() {
    pack();
    executor_(s_.directions() * layout_.pieces(),
              [&](Index task) { Piece(*this, layout_.piece(task / layout_.pieces(), task % layout_.pieces()))(); });
  }

 private:
  void pack() {
    const Index input = directions_[0].input.panels(), gates = directions_[0].gates.panels(), candidate = directions_[0].candidate.panels();
    const Index all = input + gates + candidate;
    executor_(s_.directions() * all, [&](Index task) {
      Direction& d = directions_[static_cast<std::size_t>(task / all)];
      const RecurrentWeights& w = call_.weights[task / all];
      const Index panel = task % all;
      if (panel < input)
        d.input.pack_outputs(panel, w.weight);
      else if (panel < input + gates)
        d.gates.pack_outputs(panel - input, w.recurrent);
      else
        d.candidate.pack_outputs(panel - input - gates, w.recurrent + Direction::first_units(s_) * s_.units);
    });
  }

  // Examples of one direction, from the first step to the last. Where nothing is recorded, rows of
  // some steps are kept at a time.
  class Piece {
   public:
    Piece(const Forward& all, const RecurrentPiece& piece)
        : all_(all),
          s_(all.s_),
          p_(piece),
          weights_(all.directions_[static_cast<std::size_t>(p_.direction)]),
          step_(all.layout_.record_step()) {
      const RecurrentStart& start = all.call_.start;
      known_ = start.state != nullptr;
      state_ = all.layout_.ends(p_, start.state, all.zeros_.data());
      cell_ = all.layout_.ends(p_, start.cell, all.zeros_.data());
    }

    void operator()() {
      const Index most = std::clamp<Index>(ceil_div(kRows, p_.count), 1, std::max<Index>(1, s_.length));
      thread_local Buffer kept;
      if (all_.call_.record == nullptr) kept.reserve(most * p_.count * step_);
      for (Index step = 0; step < s_.length; step += most) {
        const Index count = std::min(most, s_.length - step);
        const Index first = all_.layout_.position(p_.direction, p_.direction == 0 ? step : step + count - 1);
        float* rows = all_.call_.record != nullptr ? all_.call_.record + (p_.row + first * p_.count) * step_ : kept.data();
        project(first, count, rows);
        for (Index k = 0; k < count; ++k) {
          const Index position = all_.layout_.position(p_.direction, step + k);
          take_step(rows + (position - first) * p_.count * step_);
          if (const MutableBlock& y = all_.call_.states) put(state_, {y.at(p_.first, position) + p_.direction * s_.units, y.sample_step});
        }
      }
      if (all_.call_.last != nullptr) put(state_, all_.layout_.ends(p_, all_.call_.last));
      if (all_.call_.last_cell != nullptr) put(cell_, all_.layout_.ends(p_, all_.call_.last_cell));
    }

   private:
    // W x + b of some positions, in one product.
    void project(Index first, Index count, float* rows) const {
      thread_local Buffer packed;
      float* x = packed.reserve(count * p_.count * s_.channels);
      for (Index t = 0; t < count; ++t)
        for (Index i = 0; i < p_.count; ++i)
          std::copy_n(all_.call_.x.at(p_.first + i, first + t), s_.channels, x + (t * p_.count + i) * s_.channels);
      weights_.input.multiply({{x, s_.channels}, count * p_.count, nullptr, 0, {rows, step_}, weights_.bias.data(), false});
    }

    void take_step(float* rows) {
      GateCall call{GateStage::gru, s_.gates == GateFunction::hard_sigmoid, {rows, step_}, state_, cell_, {}, {}, p_.count, s_.units};
      if (known_) multiply(weights_.gates, state_, rows, nullptr, true);
      const MutableRows state{rows + all_.layout_.state_column(), step_};
      float* candidate = rows + 2 * s_.units;
      call.out = state;
      if (s_.cell == RecurrentCell::gru) {
        float* recurrent = rows + 3 * s_.units;
        if (known_)
          multiply(weights_.candidate, state_, recurrent, weights_.candidate_bias.data(), false);
        else
          put({weights_.candidate_bias.data(), 0}, {recurrent, step_});
      } else if (s_.cell == RecurrentCell::gru_reset_before) {
        thread_local Buffer memory;
        call.stage = GateStage::reset;
        call.out = {memory.reserve(p_.count * s_.units), s_.units};
        all_.micro_.gates(call);
        if (known_) multiply(weights_.candidate, {call.out.data, s_.units}, candidate, nullptr, true);
        call.stage = GateStage::update;
        call.out = state;
      } else {
        call.stage = GateStage::lstm;
        call.new_cell = {rows + all_.layout_.cell_column(), step_};
      }
      all_.micro_.gates(call);
      state_ = {state.data, step_};
      if (s_.cell == RecurrentCell::lstm) cell_ = {call.new_cell.data, step_};
      known_ = true;
    }

    void multiply(const PackedMatrix& weights, ConstRows state, float* out, const float* bias, bool accumulate) const {
      weights.multiply({state, p_.count, nullptr, 0, {out, step_}, bias, accumulate});
    }

    void put(ConstRows from, MutableRows to) const {
      for (Index i = 0; i < p_.count; ++i) std::copy_n(from.data + i * from.step, s_.units, to.data + i * to.step);
    }

    const Forward& all_;
    const RecurrentShape& s_;
    RecurrentPiece p_;
    const Direction& weights_;
    Index step_;
    ConstRows state_{}, cell_{};  // before the next step
    bool known_ = false;          // the state is not zero
  };

  const RecurrentForward& call_;
  const RecurrentShape& s_;
  const Micro& micro_;
  const Executor& executor_;
  RecurrentLayout layout_;
  std::vector<Direction> directions_;
  Buffer zeros_;
};

}  // namespace

std::int64_t recurrent_record(const RecurrentShape& shape) {
  const RecurrentLayout layout(shape);
  return shape.directions() * layout.rows() * layout.record_step();
}

void recurrent_forward(const RecurrentForward& call, const Run& run) {
  check(call.shape, call.weights, call.start);
  Forward(call, run)();
}

}  // namespace basewise::kernels
