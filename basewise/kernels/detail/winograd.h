// Convolutions of many channels by Winograd: half of the multiplications of plain sums.
#pragma once

#include <functional>
#include <vector>

#include "basewise/kernels/detail/correlation.h"

namespace basewise::kernels::detail {

/// Rows of which [begin, end) exist; the others are zeros.
struct RowSource {
  const float* data;  ///< where row 0 is or would be
  Index step;
  Index begin;
  Index end;
};

/// How tiles of outputs lie over rows. Taps of a filter stand `dilation` rows apart, and so do the
/// outputs of a tile; a filter longer than the scheme's is cut into parts, which share what has
/// been made of the inputs. Tile i has its first output at row i / dilation * period()
/// + i % dilation.
struct WinogradTiling {
  /// For filters of `width` taps.
  WinogradTiling(Index width, Index dilation);

  int taps;       ///< of the scheme: 3 or 4
  Index inputs;   ///< of a tile
  Index outputs;  ///< of a tile
  Index parts;
  Index dilation;

  /// Rows [k period, (k + 1) period) are whole tiles.
  Index period() const { return outputs * dilation; }
  /// Tiles that cover `count` rows.
  Index tiles(Index count) const;
  Index first_row(Index tile) const { return tile / dilation * period() + tile % dilation; }
  /// Part p of a filter reads what was made for the tile this much further on, times p.
  Index part_shift() const { return dilation; }
};

/// Whether this pays: many channels on both sides, three taps and more, no stride,
/// and rows enough to fill tiles.
bool prefers_winograd(Index outputs, Index depth, Index width, Index stride, Index dilation, Index rows);

/// The same sum as `Correlation`, for evenly spaced taps.
class WinogradSum {
 public:
  /// weight(m, t, k): called once for every tap. Tap t of output row r reads row r + first + t
  /// dilation.
  WinogradSum(const Micro& micro, Index outputs, Index depth, Index first, Index width, Index dilation, const Correlation::Weight& weight,
             const Executor& executor);

  const WinogradTiling& tiling() const { return tiling_; }
  Index padded_outputs() const { return round_up(outputs_, micro_.vector); }

  /// `target.count` rows of output, the first of which is row `begin`. What a row gives depends, in
  /// its last digits, on its place within the stretch.
  void compute(const RowSource& source, Index begin, const Correlation::Target& target, Buffer& scratch) const;

 private:
  void pack_panel(Index panel, const Correlation::Weight& weight);
  void products(Index j, Index part, const float* inputs, Index step, Index count, float* to) const;
  int panel_width(Index first) const { return outputs_ - first <= micro_.vector ? micro_.vector : micro_.panel; }

  const Micro& micro_;
  Index outputs_;
  Index depth_;
  Index first_;
  Index width_;
  WinogradTiling tiling_;
  Buffer packed_;  ///< (panels, inputs of a tile, parts, depth, width of the panel)
};

/// The gradient to the weights of the same filters: sums of products over tiles.
class WinogradGradient {
 public:
  WinogradGradient(const Micro& micro, Index outputs, Index depth, Index first, Index width, Index dilation);

  const WinogradTiling& tiling() const { return tiling_; }

  /// Numbers of a sum, to be zeroed before the first `add`.
  Index numbers() const { return tiling_.inputs * tiling_.parts * depth_ * step(); }
  Index step() const { return round_up(outputs_, micro_.panel); }

  /// Tiles whose factors wait for their products: as many as the sums are worth reading and writing
  /// for.
  struct Waiting {
    Buffer factors;
    Index tiles = 0;
  };
  /// Rows [begin, begin + count) of the gradient of the outputs and what they read of x.
  void add(float* sums, const RowSource& x, const RowSource& gradient, Index begin, Index count, Waiting& waiting) const;
  /// What still waits.
  void flush(float* sums, Waiting& waiting) const;

  /// (taps, depth, step) from the sums.
  void finish(const float* sums, float* to, const Executor& executor) const;

 private:
  struct Planes {
    Index most, left_step, right_step, left, right;
  };
  Planes planes() const;

  const Micro& micro_;
  Index outputs_;
  Index depth_;
  Index first_;
  Index width_;
  WinogradTiling tiling_;
};

}  // namespace basewise::kernels::detail
