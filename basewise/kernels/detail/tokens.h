// First layers over DNA: rows that are tokens need no multiplication.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/kernels/detail/buffer.h"
#include "basewise/kernels/shape.h"

namespace basewise::kernels::detail {

/// Whether sums over tokens serve a convolution of this shape: four channels, one group, more than
/// one tap, enough filters to fill a register.
bool reads_tokens(const Micro& micro, const ConvShape& shape);

/// The tokens of the examples of a convolution, two taps at a time. An example counts as tokens
/// when each of its rows is one-hot or all zeros (N); the others keep the general path, so that
/// what an example gives never depends on its neighbours in a batch.
class Tokens {
 public:
  /// Reads (batch, length, 4), or tokens.
  Tokens(const ConstBlock& x, const ConvShape& shape, const Executor& executor);
  Tokens(const ConstTokens& x, const ConvShape& shape, const Executor& executor);

  bool has(Index sample) const { return found_[static_cast<std::size_t>(sample)] != 0; }
  bool all() const;
  bool any() const;

  /// For every position q of the padded sequence 5 a + b of the tokens a at q and b at
  /// q + dilation: A C G T as 0 to 3, N and padding as 4.
  const std::uint8_t* pairs(Index sample) const { return pairs_.data() + sample * padded_; }

 private:
  explicit Tokens(const ConvShape& shape);
  template <class TokenAt>
  void read(const TokenAt& token_at, const ConvShape& shape, Index sample);

  Index padded_;
  std::vector<std::uint8_t> pairs_;
  std::vector<std::uint8_t> found_;
};

/// out[r] = bias + sum over pairs of taps of the row of weights that belongs to the two tokens:
/// taps / 2 additions where the general path has 4 taps multiplications. Tables are made once; then
/// any stretch of rows can be computed, by any thread.
class TokenSums {
 public:
  /// `weight`: (filters, 4, width), `bias`: (filters) or null.
  TokenSums(const Micro& micro, const ConvShape& shape, const float* weight, const float* bias, const Executor& executor);

  /// Output rows [begin, begin + count) of an example.
  void compute(const std::uint8_t* pairs, Index begin, Index count, float* out, Index out_step, bool relu) const;

 private:
  void fill_panel(Index panel, const float* weight);

  const Micro& micro_;
  ConvShape shape_;
  Index groups_;
  Buffer tables_;  ///< (panels, pairs of taps, pairs of tokens, panel)
  Buffer bias_;
};

/// The gradient to the weights: rows of the output's gradient are added up per pair of tokens, then
/// shared out to taps and tokens.
class TokenGradient {
 public:
  TokenGradient(const Micro& micro, const ConvShape& shape);

  /// Rows [begin, begin + count) of the gradient of an example. Whole panels are read of each row;
  /// what lies beyond the filters may be anything.
  void add(const std::uint8_t* pairs, Index begin, Index count, const float* rows, Index row_step);
  /// sums[(tap * 4 + token) * step + filter] += what was added.
  void share_out(float* sums, Index step) const;

 private:
  const Micro& micro_;
  ConvShape shape_;
  Index groups_;
  Buffer tables_;  ///< as in TokenSums
};

}  // namespace basewise::kernels::detail
