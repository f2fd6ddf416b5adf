// What flows between layers, known before any tensor exists:
// its shape, and which positions of the input it comes from.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "basewise/nn/symmetry.h"

namespace basewise::nn {

/// Shape of an activation without the batch axis: (N, channels, length), or (N, channels) when it
/// has no positions.
struct Shape {
  static constexpr std::int64_t kVaries = -1;
  std::int64_t channels = 0;
  bool positions = true;          ///< false: (N, channels)
  std::int64_t length = kVaries;  ///< kVaries: whatever the input brings

  /// "(N, 48, 2560)", "(N, 48, L)" or "(N, 64)".
  std::string to_string() const;
  bool operator==(const Shape&) const = default;
};

/// How one layer maps positions: which input positions an output position reads,
/// and where output positions lie.
struct Alignment {
  /// First and last input position that output position i reads (may lie outside the input:
  /// padding). Periodic: reads(i + out_period) = reads(i) + in_period.
  std::function<std::pair<std::int64_t, std::int64_t>(std::int64_t i)> reads;
  std::int64_t in_period = 1;
  std::int64_t out_period = 1;
  std::int64_t cut_left = 0;   ///< input positions lost at the left end (negative: gained by padding)
  std::int64_t cut_right = 0;  ///< the same at the right end
  bool reads_all = false;       ///< every output can depend on the whole input, whatever `reads` says
  bool positions_end = false;   ///< the output has no positions

  static Alignment pointwise();
  /// Every number of the output can depend on the whole input, and positions end here.
  static Alignment everything();
  /// Every position can depend on the whole input and stays where it is, as in attention over all
  /// positions.
  static Alignment among_all();
  /// A window of `span` positions (dilation included) that moves by `stride` over an input padded
  /// by pad_left, pad_right. Output cell i stands for input positions [i stride + cut_left, (i + 1)
  /// stride + cut_left): the middle of its window, or, when `causal`, its last `stride` positions.
  static Alignment window(std::int64_t span, std::int64_t stride, std::int64_t pad_left, std::int64_t pad_right, bool causal = false);
  static Alignment crop(std::int64_t left, std::int64_t right);
  /// Nearest: output i reads i / factor. Linear (half-pixel centres): the two neighbours of
  /// (i + 1/2) / factor - 1/2.
  static Alignment upsample(std::int64_t factor, bool linear);
};

/// Where the positions of an activation come from, composed exactly over all layers since the
/// input.
///
/// Distances are in units of 1/`unit` input positions, so that upsampling beyond one position per
/// base stays exact.
/// Errors: ShapeError for distances beyond 1e18 units, and for a pattern that repeats only after
/// more than 10,000 cells.
class Geometry {
 public:
  /// The input itself; `source` is the index of the model's input.
  explicit Geometry(int source = 0);

  Geometry through(const Alignment& layer) const;

  /// Of a sum or concatenation of `a` and `b`: reads what either reads; aligned as `a`.
  static Geometry merge(const Geometry& a, const Geometry& b);

  int source() const { return source_; }
  /// No positions are left: what is read is the whole input.
  bool positions_end() const { return positions_end_; }
  /// A cell can depend on the whole input. Stride and cuts count all the same where positions do
  /// not end.
  bool reads_all() const { return reads_all_; }
  std::int64_t unit() const { return unit_; }
  std::int64_t stride() const { return stride_; }
  std::int64_t left() const { return left_; }
  std::int64_t right() const { return right_; }

  /// Input positions (in units) that can change cell i: first and one past the last, relative to
  /// the input's start. Not for what reads everything.
  std::pair<std::int64_t, std::int64_t> interval(std::int64_t i) const;

  /// Largest reach to the left and right of a cell, in whole input positions (rounded up); nothing
  /// where a cell reads the whole input.
  std::optional<std::pair<std::int64_t, std::int64_t>> reach() const;

  /// Total input positions that one output position reads at most (hull);
  /// nothing where it reads all.
  std::optional<std::int64_t> receptive_field() const;

  bool same_stride(const Geometry& other) const;

  /// Cells that `this` has lost at the left and right end since `before`, in cells of the common
  /// stride.
  std::pair<std::int64_t, std::int64_t> cut_since(const Geometry& before) const;

  /// "1", "8" or "1/2": input positions per cell.
  std::string stride_text() const;

 private:
  void refine(std::int64_t factor);
  int source_ = 0;
  bool reads_all_ = false;
  bool positions_end_ = false;
  std::int64_t unit_ = 1;
  std::int64_t stride_ = 1;
  std::int64_t left_ = 0;
  std::int64_t right_ = 0;
  /// What cells 0 .. period-1 read; cell i + period reads period * stride further right.
  std::vector<std::pair<std::int64_t, std::int64_t>> reads_;
};

/// Shape and origin of one activation, and how it moves when the sequence is reverse complemented.
struct Activation {
  Shape shape;
  Geometry geometry;
  Symmetry symmetry{};

  /// RC turns its positions around.
  bool mirrors() const { return shape.positions && !symmetry.is(Symmetry::Moves::none) && !symmetry.is(Symmetry::Moves::unchanged); }
};

}  // namespace basewise::nn
