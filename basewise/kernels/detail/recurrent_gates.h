// A step of a recurrent cell: what its gates make of the sums that they get, and the way back.
// Plain pointers and integers only, as in micro.h.
#pragma once

#include "basewise/kernels/detail/micro.h"

namespace basewise::kernels::detail {

/// What is computed of a step. Columns of a row of gates stand in blocks of as many as there are
/// units: r, z, n of a GRU, i, f, g, o of an LSTM.
enum class GateStage {
  gru,     ///< all; a fourth block is the recurrent sum of n, which r scales
  reset,   ///< of a GRU whose reset comes before the recurrent sum: r and z, and what r lets through of the state
  update,  ///< of the same: n, and the state after the step
  lstm,    ///< all
};

struct GateCall {
  GateStage stage;
  bool hard;             ///< gates are 0.2 x + 0.5 within [0, 1], else sigmoids
  MutableRows gates;     ///< sums in, values of the functions out
  ConstRows state;       ///< before the step
  ConstRows cell;        ///< before the step; of lstm
  MutableRows new_cell;  ///< of lstm
  MutableRows out;       ///< state after the step; of reset: what is let through of that before
  Index rows;
  Index units;
};

struct GateSlopesCall {
  GateStage stage;
  bool hard;
  ConstRows gates;     ///< as GateCall left them
  ConstRows state;     ///< before the step
  ConstRows cell;      ///< before the step; of lstm
  ConstRows new_cell;  ///< of lstm
  ConstRows dlet;      ///< of reset: gradient of what was let through
  /// gradient of the state after the step in; what of it is one of the state before, not through
  /// sums, out (lstm: nothing)
  MutableRows dstate;
  MutableRows dcell;   ///< the same of the cell; of lstm
  MutableRows slopes;  ///< gradients of the sums, in the columns of the gates
  Index rows;
  Index units;
};

}  // namespace basewise::kernels::detail
