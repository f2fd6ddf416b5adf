#include "basewise/kernels/recurrent_backward.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "basewise/kernels/detail/micro.h"
#include "basewise/kernels/detail/recurrent_parts.h"

namespace basewise::kernels {
namespace {

using namespace detail;  // NOLINT: this source is made of the pieces in there

constexpr Index kRows = 96;      // whose numbers stay in cache while panels pass by
constexpr Index kOutputs = 128;  // rows of a block of a weight's gradient, never of two kinds of gates
constexpr Index kColumns = 64;   // columns of the block

// Through all steps backwards: slopes of all gates; then products of these with what the gates
// read, which no longer depend on each other.
class Backward {
 public:
  Backward(const RecurrentBackward& call, const Run& run)
      : call_(call),
        s_(call.shape),
        micro_(micro(run.isa)),
        executor_(*run.executor),
        layout_(s_),
        units_(s_.units),
        step_(layout_.record_step()),
        slope_step_(layout_.slope_step()),
        to_input_(micro_, s_.channels, s_.directions() * s_.gate_units()),
        slopes_(s_.directions() * layout_.rows() * slope_step_) {
    zeros_.zeros(units_);
    for (Index d = 0; d < s_.directions(); ++d) to_state_.emplace_back(micro_, units_, s_.gate_units());
  }

  void operator()() {
    pack();
    const Index pieces = layout_.pieces(), steps = steps_at_once(), parts = ceil_div(s_.length, steps);
    executor_(s_.directions() * pieces, [&](Index task) { through_time(layout_.piece(task / pieces, task % pieces)); });
    if (call_.dx) executor_(pieces * parts, [&](Index task) { inputs(layout_.piece(0, task / parts), task % parts * steps, steps); });
    const std::vector<Block> blocks = weight_blocks();
    executor_(static_cast<Index>(blocks.size()), [&](Index task) { weights(blocks[static_cast<std::size_t>(task)]); });
    const Index columns = ceil_div(layout_.columns(), kOutputs);
    executor_(s_.directions() * columns, [&](Index task) { biases(task / columns, task % columns * kOutputs); });
  }

 private:
  void pack() {
    const Index state = to_state_[0].panels(), input = call_.dx ? to_input_.panels() : 0;
    executor_(s_.directions() * state + input, [&](Index task) {
      if (task < s_.directions() * state) {
        const Index d = task / state;
        return to_state_[static_cast<std::size_t>(d)].pack_depth(task % state, call_.weights[d].recurrent, 0, s_.gate_units());
      }
      for (Index d = 0; d < s_.directions(); ++d)
        to_input_.pack_depth(task - s_.directions() * state, call_.weights[d].weight, d * s_.gate_units(), s_.gate_units());
    });
  }

  const float* record(const RecurrentPiece& p, Index position) const { return call_.record + (p.row + position * p.count) * step_; }
  float* slopes(const RecurrentPiece& p, Index position) { return slopes_.data() + (p.row + position * p.count) * slope_step_; }

  // State and cell state before a step.
  struct Before {
    ConstRows state;
    ConstRows cell;
  };
  Before before(const RecurrentPiece& p, Index step) const {
    if (step == 0) return {layout_.ends(p, call_.start.state, zeros_.data()), layout_.ends(p, call_.start.cell, zeros_.data())};
    const float* rows = record(p, layout_.position(p.direction, step - 1));
    return {{rows + layout_.state_column(), step_}, {rows + layout_.cell_column(), step_}};
  }

  // ---- from the last step to the first ----------------------------------------------------------

  void through_time(const RecurrentPiece& p) {
    thread_local Buffer state_memory, cell_memory;
    const MutableRows dstate{state_memory.reserve(p.count * units_), units_}, dcell{cell_memory.reserve(p.count * units_), units_};
    copy(p.count, layout_.ends(p, call_.dlast, zeros_.data()), dstate);
    copy(p.count, layout_.ends(p, call_.dlast_cell, zeros_.data()), dcell);
    for (Index step = s_.length - 1; step >= 0; --step) {
      const Index position = layout_.position(p.direction, step);
      if (call_.dstates)
        for (Index i = 0; i < p.count; ++i) {
          const float* given = call_.dstates.at(p.first + i, position) + p.direction * units_;
          for (Index k = 0; k < units_; ++k) dstate.data[i * units_ + k] += given[k];
        }
      back_step(p, step, dstate, dcell);
    }
    if (call_.dstart != nullptr) copy(p.count, {dstate.data, units_}, layout_.ends(p, call_.dstart));
    if (call_.dstart_cell != nullptr) copy(p.count, {dcell.data, units_}, layout_.ends(p, call_.dstart_cell));
  }

  // Slopes of one step, and the gradient of the state before it.
  void back_step(const RecurrentPiece& p, Index step, const MutableRows& dstate, const MutableRows& dcell) {
    const Index position = layout_.position(p.direction, step);
    const float* rows = record(p, position);
    const auto [state, cell] = before(p, step);
    const bool wanted = step > 0 || call_.dstart != nullptr, hard = s_.gates == GateFunction::hard_sigmoid;
    const MutableRows ds{slopes(p, position), slope_step_};
    GateSlopesCall call{GateStage::gru, hard, {rows, step_}, state, cell, {rows + layout_.cell_column(), step_}, {}, dstate,
                        dcell,          ds,   p.count,       units_};
    const auto multiply = [&](std::initializer_list<Segment> segments, const MutableRows& out, bool accumulate) {
      to_state_[static_cast<std::size_t>(p.direction)].multiply(
          {{ds.data, ds.step}, p.count, segments.begin(), static_cast<Index>(segments.size()), out, nullptr, accumulate});
    };
    if (s_.cell == RecurrentCell::gru) {
      micro_.gate_slopes(call);
      if (wanted) multiply({{0, 2 * units_, 0}, {3 * units_, units_, 2 * units_}}, dstate, true);
    } else if (s_.cell == RecurrentCell::lstm) {
      call.stage = GateStage::lstm;
      micro_.gate_slopes(call);
      if (wanted) multiply({{0, 4 * units_, 0}}, dstate, false);
    } else {
      thread_local Buffer memory;
      const MutableRows dlet{memory.reserve(p.count * units_), units_};
      call.stage = GateStage::update;
      micro_.gate_slopes(call);
      multiply({{2 * units_, units_, 2 * units_}}, dlet, false);
      call.stage = GateStage::reset;
      call.dlet = {dlet.data, units_};
      micro_.gate_slopes(call);
      if (wanted) multiply({{0, 2 * units_, 0}}, dstate, true);
    }
  }

  void copy(Index rows, ConstRows from, MutableRows to) const {
    for (Index i = 0; i < rows; ++i) std::copy_n(from.data + i * from.step, units_, to.data + i * to.step);
  }

  // ---- gradient of the inputs -------------------------------------------------------------------

  // Of a piece that is enough work for one thread.
  Index steps_at_once() const { return std::max<Index>(1, ceil_div(kRows, std::max<Index>(1, layout_.piece(0, 0).count))); }

  // Both directions in one sum: their slopes lie equally far from each other in every row.
  void inputs(const RecurrentPiece& p, Index first, Index most) {
    const Index count = std::min(most, s_.length - first), depth = s_.gate_units();
    const Segment segments[] = {{0, depth, 0}, {layout_.rows() * slope_step_, depth, depth}};
    const bool by_position = p.count < count;  // whatever is more goes through the loops at once
    for (Index panel = 0; panel < to_input_.panels(); ++panel)
      for (Index k = 0; k < (by_position ? p.count : count); ++k) {
        const Index example = by_position ? k : 0, position = by_position ? first : first + k;
        const float* rows = slopes(p, position) + example * slope_step_;
        to_input_.multiply(panel, {{rows, by_position ? p.count * slope_step_ : slope_step_},
                                   by_position ? count : p.count,
                                   segments,
                                   s_.directions(),
                                   {call_.dx.at(p.first + example, position), by_position ? call_.dx.row_step : call_.dx.sample_step},
                                   nullptr,
                                   false});
      }
  }

  // ---- gradients of the weights -----------------------------------------------------------------

  enum class Read { input, state, let };  // let: what a reset gate let through of the state

  // Rows and columns of one weight.
  struct Block {
    Index direction;
    Read read;
    Index slope;  // column of the slopes of the first row
    Index output;
    Index outputs;
    Index column;
    Index columns;
  };

  std::vector<Block> weight_blocks() const {
    std::vector<Block> all;
    const auto add = [&](Index d, Read read, Index slope, Index output, Index outputs, Index columns) {
      for (Index o = 0; o < outputs; o += kOutputs)
        for (Index c = 0; c < columns; c += kColumns)
          all.push_back({d, read, slope + o, output + o, std::min(kOutputs, outputs - o), c, std::min(kColumns, columns - c)});
    };
    const bool lstm = s_.cell == RecurrentCell::lstm, before = s_.cell == RecurrentCell::gru_reset_before;
    const Index first = (lstm ? 4 : 2) * units_;
    for (Index d = 0; d < s_.directions(); ++d) {
      if (call_.dweights[d].weight != nullptr) add(d, Read::input, 0, 0, s_.gate_units(), s_.channels);
      if (call_.dweights[d].recurrent == nullptr) continue;
      add(d, Read::state, 0, 0, first, units_);
      if (!lstm) add(d, before ? Read::let : Read::state, before ? first : first + units_, first, units_, units_);
    }
    return all;
  }

  // dweight[o, c] = sum over examples and positions of slope[o] read[c]
  void weights(const Block& b) {
    thread_local Buffer sums_memory, read_memory;
    const Index width = round_up(b.columns, micro_.panel);
    float *sums = sums_memory.zeros(b.outputs * width), *read = read_memory.zeros(kRows * width);
    for (Index number = 0; number < layout_.pieces(); ++number) {
      const RecurrentPiece p = layout_.piece(b.direction, number);
      // Where the state starts at zero the first step has nothing to add.
      const Index without = b.read == Read::input || call_.start.state != nullptr ? 0 : p.count;
      const Index begin = b.direction == 0 ? without : 0, end = s_.length * p.count - without + begin;
      for (Index row = begin; row < end; row += kRows) {
        const Index rows = std::min(kRows, end - row);
        for (Index r = 0; r < rows; ++r) take(p, b, row + r, read + r * width);
        for (Index c = 0; c < width; c += micro_.panel)
          micro_.outer(
              {slopes(p, 0) + row * slope_step_ + b.slope, slope_step_, b.outputs, read + c, width, micro_.panel, rows, sums + c, width});
      }
    }
    const RecurrentGradients& gradients = call_.dweights[b.direction];
    const Index columns = b.read == Read::input ? s_.channels : units_;
    float* to = (b.read == Read::input ? gradients.weight : gradients.recurrent) + b.output * columns + b.column;
    for (Index o = 0; o < b.outputs; ++o) std::copy_n(sums + o * width, b.columns, to + o * columns);
  }

  // What the gates of a row read: row t count + i of a piece.
  void take(const RecurrentPiece& p, const Block& b, Index row, float* to) const {
    const Index position = row / p.count, i = row % p.count;
    if (b.read == Read::input) {
      std::copy_n(call_.x.at(p.first + i, position) + b.column, b.columns, to);
      return;
    }
    const ConstRows state = before(p, layout_.position(p.direction, position)).state;  // a step has the number of its mirror image
    const float* from = state.data + i * state.step + b.column;
    const float* reset = record(p, position) + i * step_ + b.column;
    for (Index c = 0; c < b.columns; ++c) to[c] = b.read == Read::let ? from[c] * reset[c] : from[c];
  }

  void biases(Index direction, Index first) {
    const RecurrentGradients& gradients = call_.dweights[direction];
    if (gradients.bias == nullptr && gradients.recurrent_bias == nullptr) return;
    const Index count = std::min(kOutputs, layout_.columns() - first);
    const float* rows = slopes_.data() + direction * layout_.rows() * slope_step_ + first;
    float sums[kOutputs] = {};
    for (Index row = 0; row < layout_.rows(); row += kRows) {
      float part[kOutputs] = {};
      micro_.column_sums({rows + row * slope_step_, slope_step_}, std::min(kRows, layout_.rows() - row), count, part);
      for (Index c = 0; c < count; ++c) sums[c] += part[c];
    }
    // Of a GRU whose reset comes behind the sums the candidate has two columns, one for each bias.
    for (Index column = first; column < first + count; ++column) {
      const bool two = s_.cell == RecurrentCell::gru, recurrent = two && column >= 3 * units_, input = two && column / units_ == 2;
      if (gradients.bias != nullptr && !recurrent) gradients.bias[column] = sums[column - first];
      if (gradients.recurrent_bias == nullptr || input) continue;
      gradients.recurrent_bias[recurrent ? column - units_ : column] = sums[column - first];
    }
  }

  const RecurrentBackward& call_;
  const RecurrentShape& s_;
  const Micro& micro_;
  const Executor& executor_;
  RecurrentLayout layout_;
  Index units_;
  Index step_;
  Index slope_step_;
  std::vector<PackedMatrix> to_state_;  // of each direction: slopes to the state before
  PackedMatrix to_input_;               // slopes of all directions to the input
  Buffer slopes_;
  Buffer zeros_;
};

}  // namespace

void recurrent_backward(const RecurrentBackward& call, const Run& run) {
  check(call.shape, call.weights, call.start);
  Backward(call, run)();
}

}  // namespace basewise::kernels
