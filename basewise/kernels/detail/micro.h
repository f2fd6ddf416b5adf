// The innermost loops, compiled once per instruction set: what everything else in this module is
// made of. Plain pointers and integers only: these headers are read under several sets of compiler
// flags.
#pragma once

#include <cstdint>

namespace basewise::kernels {
enum class Isa;
struct Update;
}

namespace basewise::kernels::detail {

using Index = std::int64_t;

struct LossRow;
struct GateCall;
struct GateSlopesCall;

/// A stretch of a sum: `length` consecutive numbers of each row, starting `offset` after the row,
/// times as many rows of the panel.
struct Segment {
  Index offset;  ///< numbers from the start of a row
  Index length;
  Index panel;  ///< first row of the panel
};

/// out[r, f] (+)= bias[f] + sum over segments and k of rows[r, offset + k] panel[panel + k, f], for
/// one panel of `width` outputs f.
struct RowsCall {
  const float* panel;  ///< (all k, width), width being that of the kernel
  int width;           ///< Micro::vector or Micro::panel
  int valid;           ///< outputs to store, at most width
  const float* rows;
  Index row_step;
  const Segment* segments;
  Index segment_count;
  float* out;
  Index out_step;
  Index row_count;
  const float* bias;  ///< (width) or null
  bool accumulate;    ///< add to what `out` holds
  bool relu;          ///< largest of the result and zero
};

/// out[c, f] += sum over r of left[r, c] right[r, f]: c < count, f < width, r < rows. Reads `width`
/// numbers of each row of `right`.
struct OuterCall {
  const float* left;
  Index left_step;
  Index count;
  const float* right;
  Index right_step;
  int width;  ///< Micro::vector or Micro::panel
  Index rows;
  float* out;
  Index out_step;
};

/// Memory that will be read next: brought into the second-level cache on the way. `second` may be
/// null.
struct Ahead {
  const float* first;
  const float* second;
  Index numbers;  ///< of each
};

/// out[m, p] (+)= sum over k < depth and t < taps of weights[k, t, m] columns[k, p + t tap_step],
/// p < count. Writes, and reads, whole registers of positions.
struct FewCall {
  const float* columns;  ///< (depth, step)
  Index step;
  Index depth;
  Index taps;
  Index tap_step;
  const float* weights;  ///< (depth, taps, outputs)
  int outputs;           ///< 3 to 8
  float* out;            ///< (outputs, out_step)
  Index out_step;
  Index count;
  bool accumulate;  ///< add to what `out` holds
  Ahead ahead;
};

/// out[p, m] (+)= bias[m] + sum over i < phases of sums[i, m, p + i apart], p < count.
/// Reads whole registers of positions.
struct FewRowsCall {
  const float* sums;  ///< (phases, outputs, sums_step)
  Index sums_step;
  int outputs;  ///< at most 8
  Index phases;
  Index apart;
  float* out;
  Index out_step;
  Index count;
  const float* bias;  ///< (outputs) or null
  bool accumulate;    ///< add to what `out` holds
  bool relu;          ///< largest of the result and zero
};

/// Pairs of the tokens A C G T N.
constexpr Index kTokenPairs = 25;

/// out[r, f] = bias[f] + sum over groups g of tables[g, pairs[r pair_stride + g group_step], f],
/// f < valid.
struct TokenRowsCall {
  const float* tables;  ///< (groups, kTokenPairs, Micro::panel)
  const std::uint8_t* pairs;
  Index pair_stride;
  Index group_step;
  Index groups;
  const float* bias;  ///< (Micro::panel)
  float* out;
  Index out_step;
  Index row_count;
  int valid;  ///< at most Micro::panel
  bool relu;
};

/// tables[g, pairs[r pair_stride + g group_step], f] += rows[r, f], f < Micro::panel.
struct TokenAddCall {
  float* tables;
  const std::uint8_t* pairs;
  Index pair_stride;
  Index group_step;
  Index groups;
  const float* rows;
  Index row_step;
  Index row_count;
};

/// planes[j * plane_step + tile * tile_step + c] = combination j of the rows of the tile,
/// column c; see winograd_schemes.h.
struct WinogradCall {
  int taps;  ///< 3 or 4: which scheme
  const float* const* rows;  ///< (tiles, rows of a tile)
  Index tiles;
  Index columns;
  float* planes;
  Index plane_step;
  Index tile_step;
};

/// rows[tile, k][c] = bias[c] + combination k of the planes at the tile, column c.
struct WinogradOutputCall {
  int taps;
  const float* planes;
  Index plane_step;
  Index tile_step;
  Index tiles;
  Index columns;
  float* const* rows;  ///< (tiles, outputs of a tile); null: not wanted
  const float* bias;   ///< (columns) or null
  bool accumulate;
  bool relu;
  const float* const* skips;  ///< as rows: added last; null for none
};

/// Rows of numbers with equal numbers of columns; `step` is from row to row.
struct ConstRows {
  const float* data;
  Index step;
};
struct MutableRows {
  float* data;
  Index step;
};

enum class Function { identity, relu, exponential, gelu, gelu_tanh, silu, sigmoid, tanh, softplus, elu, leaky_relu };

/// value = function(scale[c] (x[c] - centre[c]) + shift[c]); without `scale`, function(x).
/// out = value + skip. Everything may be null but `x` and `out`;
/// `value` gets the result before the skip is added.
struct MapCall {
  ConstRows x;
  const float* centre;
  const float* scale;
  const float* shift;
  Function function;
  ConstRows skip;
  MutableRows value;
  MutableRows out;
  Index rows;
  Index columns;
};

/// Gradient before the function, then through the normalisation:
/// g = dy function'(z) from `value` (after the function), or from z = scale (x - centre) + shift
/// when `x` is given, or from x without `scale`; out = gain g + slope (x - centre) + offset;
/// without `gain`, out = g.
struct GradientCall {
  ConstRows dy;
  ConstRows value;
  ConstRows x;
  const float* centre;
  const float* scale;
  const float* shift;
  Function function;
  const float* gain;
  const float* slope;
  const float* offset;
  MutableRows out;
  Index rows;
  Index columns;
};

/// The loops for one instruction set.
struct Micro {
  int vector;  ///< numbers in a register
  int panel;   ///< outputs of a full panel
  void (*rows)(const RowsCall& call);
  void (*outer)(const OuterCall& call);
  void (*token_rows)(const TokenRowsCall& call);
  void (*token_add)(const TokenAddCall& call);
  /// Winograd: inputs to factors, gradients of outputs to factors, products to outputs.
  void (*winograd_input)(const WinogradCall& call);
  void (*winograd_spread)(const WinogradCall& call);
  void (*winograd_output)(const WinogradOutputCall& call);
  void (*map)(const MapCall& call);
  void (*gradient)(const GradientCall& call);
  /// sum[c] += sum over rows of x[r, c]
  void (*column_sums)(ConstRows x, Index rows, Index columns, float* sum);
  /// sum[c] += sum of (x - centre), squares[c] += sum of (x - centre)^2
  void (*column_moments)(ConstRows x, const float* centre, Index rows, Index columns, float* sum, float* squares);
  /// sum[c] += sum of g, product[c] += sum of g (x - centre), g as in GradientCall
  void (*gradient_moments)(const GradientCall& call, float* sum, float* product);
  void (*few)(const FewCall& call);
  void (*few_rows)(const FewRowsCall& call);
  /// to[k, i] = row i of x, number k, for i < rows, else 0: `panel` columns, `depth` rows.
  void (*transpose)(ConstRows x, Index rows, Index depth, MutableRows to);
  /// Largest of `count` rows per column, and which row had it first (may be null);
  /// a NaN is the largest of all.
  void (*largest_row)(ConstRows x, Index count, Index columns, float* y, std::uint8_t* which);
  /// dx[j, c] = or += dy[c] where which[c] == j, else 0 or nothing; j < count.
  void (*scatter_row)(const float* dy, const std::uint8_t* which, Index count, Index columns, MutableRows dx, bool accumulate);
  /// y[c] = factor * sum over `count` rows; and back: dx[j, c] = or += factor dy[c].
  void (*mean_row)(ConstRows x, Index count, Index columns, float factor, float* y);
  void (*spread_row)(const float* dy, Index count, Index columns, float factor, MutableRows dx, bool accumulate);
  /// y[i] = x[i] factor where the number drawn for (key, first + i) is at least `threshold` of
  /// 2^32, else 0.
  void (*dropout)(const float* x, float* y, Index n, Index first, std::uint64_t key, std::uint32_t threshold, float factor);
  /// One step of an optimiser.
  void (*update)(const Update& call);
  /// Sum of squares of n numbers, each first brought into [-bound, bound] where bound is above
  /// zero.
  double (*bounded_squares)(float* x, Index n, float bound);
  /// Sum of a row of a loss, and its gradient.
  double (*loss_row)(const LossRow& call);
  /// The largest of n numbers; minus infinity for none.
  float (*largest_number)(const float* x, Index n);
  /// x[i] = exp(scale x[i] - less); returns their sum.
  float (*exponential_row)(float* x, Index n, float scale, float less);
  /// dp[i] = scale p[i] (dp[i] - mean)
  void (*softmax_gradient_row)(const float* p, float* dp, Index n, float mean, float scale);
  /// A step of a recurrent cell, and its gradients: recurrent_gates.h.
  void (*gates)(const GateCall& call);
  void (*gate_slopes)(const GateSlopesCall& call);
};

/// Null where the set was not compiled for this architecture.
const Micro* micro_or_null(Isa isa);
const Micro& micro(Isa isa);

}  // namespace basewise::kernels::detail
