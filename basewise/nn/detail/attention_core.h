// The parameters of an attention layer, and what it computes of a segment and its memory.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "basewise/nn/detail/attention_scope.h"
#include "basewise/nn/detail/layers_attention.h"
#include "basewise/nn/shape.h"

namespace basewise::nn::detail {

/// What an attention layer reads: the end of its memory, then a segment.
struct AttentionInput {
  at::Tensor rows;          ///< (N, kept + length of the segment, channels)
  std::int64_t kept = 0;    ///< positions of the memory
  at::Tensor absent;        ///< (N) whole numbers: so many first positions of `rows` are not there; undefined: none
  at::Tensor first;         ///< (N) whole numbers: place in the sequence of the first position of `rows`; undefined: 0
  bool training = false;
};

class AttentionCore {
 public:
  /// Registers parameters with `layer`, for an input of `channels`.
  /// Errors: ShapeError for options that do not fit each other or the channels.
  AttentionCore(torch::nn::Module& layer, const AttentionOptions& options, std::int64_t channels);

  /// (N, channels, length of the segment)
  at::Tensor operator()(const AttentionInput& input) const;

  void initialise(std::uint64_t seed, const std::string& name);

  const AttentionOptions& options() const { return options_; }
  std::int64_t channels() const { return channels_; }

  /// Positions of the memory: as many as a query attends to, or as are needed to compute the keys
  /// of those before it.
  std::int64_t memory() const;
  /// Positions of the memory that convolutions read to the left of the first key.
  std::int64_t context() const;
  /// Positions to the right that a convolution looks at.
  std::int64_t look_ahead() const;

  double multiply_adds(std::int64_t length) const;

 private:
  struct Padding {
    std::int64_t left = 0;
    std::int64_t right = 0;
  };
  enum Which { kQuery, kKey, kValue };
  struct Conv {
    at::Tensor weight;  // (width, width, conv_width)
    at::Tensor bias;
  };
  at::Tensor heads_of(const at::Tensor& rows, Which which, const Padding& padding) const;
  at::Tensor placed(const AttentionInput& input) const;
  at::Tensor distances(std::int64_t left, std::int64_t right, const AttentionInput& input) const;
  std::int64_t side() const { return (options_.conv_width - 1) / 2; }

  AttentionOptions options_;
  std::int64_t channels_;
  std::array<Conv, 3> convs_;
  at::Tensor qkv_;       // (3 heads width, channels)
  at::Tensor position_;  // W_r, (heads width, channels)
  at::Tensor output_;    // (channels, heads width)
  HeadBiases biases_;
  bool own_biases_ = false;
};

}  // namespace basewise::nn::detail
