// Sums over taps of rows: the one shape behind the forward pass and the gradient to the data.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "basewise/kernels/detail/buffer.h"
#include "basewise/kernels/detail/few_sums.h"
#include "basewise/kernels/shape.h"

namespace basewise::kernels::detail {

/// out[r, m] = sum over taps t and k < depth of weight(m, t, k) source[r stride + row(t), k].
/// Weights are packed once; then any stretch of rows can be computed, by any thread.
class Correlation {
 public:
  /// weight(m, t, k): called once for every number.
  using Weight = std::function<void(Index m, Index tap, float* over_depth)>;

  /// `rows`: offsets of the taps, rising.
  Correlation(const Micro& micro, Index outputs, Index depth, std::vector<Index> rows, Index stride,
              const Weight& weight, const Executor& executor);

  /// Few outputs (few_sums.h): `compute` takes all taps at once.
  bool few() const { return few_.has_value(); }
  const std::vector<Index>& rows() const { return rows_; }

  struct Target {
    float* data;       ///< first row wanted
    Index step;        ///< from row to row
    Index count;       ///< rows
    const float* bias = nullptr;  ///< `padded_outputs()` numbers
    bool accumulate = false;
    bool relu = false;
    const float* skip = nullptr;  ///< added last; only Winograd does
    Index skip_step = 0;
    Ahead ahead{};                ///< what the caller reads next; only sums for few outputs look
  };
  Index padded_outputs() const { return round_up(outputs_, micro_.panel); }

  /// Taps [first, last) only. `source` is where row r = 0 with offset 0 would be,
  /// `step` the numbers from row to row.
  void compute(const float* source, Index step, Index first, Index last, const Target& target, Buffer& scratch) const;
  void compute(const float* source, Index step, const Target& target, Buffer& scratch) const {
    compute(source, step, 0, static_cast<Index>(rows_.size()), target, scratch);
  }
  /// The same with rows that lie `row_step` apart and positions that lie `step` apart; not for
  /// `few()`. `join`: neighbouring taps may become one sum.
  void compute_apart(const float* source, Index row_step, Index step, Index first, Index last, const Target& target, bool join) const;

 private:
  struct Panel {
    Index first;
    int width;
    int valid;
    Index start;  ///< in packed_
  };
  std::vector<Segment> segments(Index step, Index first, Index last, bool join) const;
  void pack_panel(const Panel& panel, const Weight& weight);

  const Micro& micro_;
  Index outputs_;
  Index depth_;
  std::vector<Index> rows_;
  Index stride_;
  std::optional<FewSums> few_;
  std::vector<Panel> panels_;
  Buffer packed_;
};

/// Stretches of output rows that read the same taps without leaving the source, or, with `padded`,
/// rows whose source must be extended by zeros.
struct Stretch {
  Index begin;
  Index end;
  Index first_tap;
  Index last_tap;
  bool padded;
};

/// Covers [0, count) in order: rows that a source of `source_rows` rows serves directly, and those
/// at the ends. A long reach with few taps leaves out the taps that fall outside (`padded` false);
/// a short one pads, which keeps tiles whole. `pads_only` always pads.
std::vector<Stretch> stretches(Index count, Index source_rows, const std::vector<Index>& tap_rows, Index stride, bool pads_only);

}  // namespace basewise::kernels::detail
