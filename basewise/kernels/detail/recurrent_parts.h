// What the passes of recurrent layers share: how examples are cut into pieces, where rows of the
// record lie, and matrices packed for the innermost loops.
#pragma once

#include "basewise/kernels/detail/buffer.h"
#include "basewise/kernels/detail/recurrent_gates.h"
#include "basewise/kernels/recurrent.h"

namespace basewise::kernels::detail {

/// Errors: ArgumentError for sizes that fit no layer, and for weights or cell states that are
/// missing or make no sense.
void check(const RecurrentShape& shape, const RecurrentWeights (&weights)[2], const RecurrentStart& start);

/// Some examples of one direction, which one thread takes through all steps.
struct RecurrentPiece {
  Index direction;
  Index first;  ///< example
  Index count;
  Index row;    ///< of the record: position t of its example first + i is row + t count + i
};

/// Rows of the record: values of the gates, the cell state (lstm), the state; all after the step.
/// Rows of slopes: gradients of the sums of the gates. Both have one row for each direction,
/// example and position, those of a piece together, position by position.
class RecurrentLayout {
 public:
  explicit RecurrentLayout(const RecurrentShape& shape);

  Index pieces() const { return pieces_; }  ///< of a direction
  RecurrentPiece piece(Index direction, Index number) const;
  Index rows() const { return s_.batch * s_.length; }  ///< of a direction

  Index columns() const { return columns_; }                    ///< of gates, also of slopes
  Index cell_column() const { return columns_; }                ///< of the record
  Index state_column() const { return record_columns_ - s_.units; }
  /// From row to row. A line of cache more than columns need: rows of a power of two would meet in
  /// the same places of a cache.
  Index record_step() const { return round_up(record_columns_, 16) + 16; }
  Index slope_step() const { return round_up(columns_, 16) + 16; }

  /// The rows of a piece in (batch, directions, units); zeros, again and again, where that is null.
  ConstRows ends(const RecurrentPiece& piece, const float* all, const float* zeros) const;
  MutableRows ends(const RecurrentPiece& piece, float* all) const;

  /// The position of a step.
  Index position(Index direction, Index step) const { return direction == 0 ? step : s_.length - 1 - step; }

 private:
  const RecurrentShape& s_;
  Index pieces_;
  Index most_;  ///< examples of a piece
  Index columns_;
  Index record_columns_;
};

/// A matrix (outputs, depth) as panels of outputs.
class PackedMatrix {
 public:
  /// To be filled panel by panel.
  PackedMatrix(const Micro& micro, Index outputs, Index depth);

  Index panels() const { return ceil_div(outputs_, micro_.panel); }
  /// From rows of outputs (outputs, depth).
  void pack_outputs(Index panel, const float* matrix);
  /// From rows of depth (some depth, outputs), which are rows [from, from + count) of the whole.
  void pack_depth(Index panel, const float* matrix, Index from, Index count);

  struct Product {
    ConstRows rows;
    Index count;
    const Segment* segments;  ///< null: the whole depth, side by side
    Index segment_count;
    MutableRows out;
    const float* bias;        ///< of all outputs up to whole panels, or null
    bool accumulate;
  };
  /// out = bias + rows matrix^T, of all outputs.
  void multiply(const Product& product) const;
  void multiply(Index panel, const Product& product) const;

 private:
  const Micro& micro_;
  Index outputs_;
  Index depth_;
  Buffer memory_;
};

}  // namespace basewise::kernels::detail
