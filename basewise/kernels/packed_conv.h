// A convolution made ready for prediction: weights packed once, any stretch of output rows by any
// thread.
#pragma once

#include <cstdint>
#include <memory>

#include "basewise/kernels/conv.h"

namespace basewise::kernels {

/// How a convolution is cut when it is computed by Winograd: output rows come in whole periods,
/// counted from the first row that anybody wants, and their sums read as many taps as the parts of
/// the filter have together, those beyond the filter with a weight of zero.
struct PackedGrid {
  bool winograd = false;
  std::int64_t period = 1;
  std::int64_t width = 1;
  std::int64_t factors = 1;  ///< numbers that are read for each channel and filter
};

/// The faster way for `rows` output rows of an example. `winograd` false: the plain sums.
PackedGrid packed_grid(const ConvShape& shape, std::int64_t rows, bool winograd = true);

/// y[r, f] = activation(bias[f] + sum over c, j of weight[f, c, j]
/// x[r stride + j dilation, c]) + skip[r, f]. A row of the result depends on its own number and on
/// the rows that it reads alone, bit for bit: not on the stretch that it was computed with.
class PackedConv {
 public:
  /// Of `shape`, batch, length and padding are not looked at. `weight` (filters, channels / groups,
  /// width); `bias` (filters) or null.
  /// Errors: ArgumentError for shapes that do not fit.
  PackedConv(const ConvShape& shape, const float* weight, const float* bias, Activation activation, bool winograd = false,
             Isa isa = default_isa());
  ~PackedConv();
  PackedConv(PackedConv&&) noexcept;
  PackedConv& operator=(PackedConv&&) noexcept;

  /// Rows [first, first + count) of the output, counted from the first that anybody wants. By
  /// Winograd: whole periods, and what is left at the end.
  struct Rows {
    const float* x = nullptr;  ///< the row that the first tap of output row `first` reads
    std::int64_t x_rows = 0;   ///< rows of x that exist; only Winograd looks further, and sees zeros
    std::int64_t x_step = 0;   ///< from row to row; the same in all calls whose results shall agree bit for bit
    std::int64_t first = 0;
    std::int64_t count = 0;
    float* y = nullptr;
    std::int64_t y_step = 0;
    const float* skip = nullptr;  ///< may be null
    std::int64_t skip_step = 0;
    const std::uint8_t* pairs = nullptr;  ///< in place of x, where `takes_tokens()`: see `token_pairs`
  };
  void operator()(const Rows& call) const;

  bool takes_tokens() const;

  /// Some taps alone: y[r, f] = sum over c and first <= j < last of weight[f, c, j] x[r x_step + j
  /// dilation tap_step + c], without bias and activation. A row depends on its numbers and on the
  /// taps alone, bit for bit, where `joined` is the same. Not for Winograd, nor where `all_taps()`.
  struct Taps {
    const float* x = nullptr;  ///< where tap 0 of the first row would be; only taps of [first, last) are read
    std::int64_t x_step = 0;   ///< from row to row
    std::int64_t tap_step = 0; ///< from position to position
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::int64_t count = 0;    ///< rows
    float* y = nullptr;
    std::int64_t y_step = 0;
    bool joined = false;       ///< neighbouring positions lie without a gap (tap_step = channels) in all such calls
  };
  void operator()(const Taps& call) const;

  /// Few filters: all taps at once is the only way.
  bool all_taps() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// The rows of a one-hot sequence of four channels, whatever the order of its numbers in memory; or
/// tokens.
struct TokenSource {
  const float* x = nullptr;
  std::int64_t channel_step = 0;
  std::int64_t row_step = 0;
  const std::uint8_t* tokens = nullptr;  ///< in place of x: A C G T as 0 to 3, anything else is N
  std::int64_t length = 0;
};

/// For rows [begin, end), which may lie outside of [0, length), 5 a + b of the token a of the row
/// and b of the row `dilation` further on; N and what lies outside is 4, and so is b behind the
/// last row. False, with nothing useful in `pairs`, where a row is neither one-hot nor zero.
bool token_pairs(const TokenSource& source, std::int64_t begin, std::int64_t end, std::int64_t dilation, std::uint8_t* pairs);

}  // namespace basewise::kernels
