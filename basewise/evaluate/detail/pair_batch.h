// One batch of a head beside its target, as rows of numbers.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "basewise/tensor/bundle.h"

namespace basewise::evaluate::detail {

/// One whole number for each example, or undefined where the batch has none of this name.
/// Errors: ShapeError for another shape.
at::Tensor scalar_per_example(const Bundle& batch, const std::string& name);

/// The mask of a target (bool), of the shape of `like`; undefined where there is none.
at::Tensor mask_of(const Bundle& batch, const std::string& target, const at::Tensor& like);

/// What the bootstrap draws together: the stretch of `block` bases in which a position lies.
std::int64_t block_of(std::int64_t chromosome, std::int64_t position, std::int64_t block);

/// Predictions and targets (N, channels, positions) of one batch;
/// one position where outputs are (N, channels).
struct PairBatch {
  /// Output `output` of `outputs` beside `target` of `batch`.
  /// Errors: ShapeError where they do not fit.
  PairBatch(const std::string& output, const std::string& target, const Bundle& outputs, const Bundle& batch);

  std::int64_t examples() const { return scores_.size(0); }
  std::int64_t channels() const { return scores_.size(1); }
  std::int64_t length() const { return scores_.size(2); }
  bool along() const { return along_; }                                          ///< outputs have positions
  bool placed() const { return position_.defined() && chromosome_.defined(); }  ///< examples have places

  std::span<const float> scores(std::int64_t example, std::int64_t channel) const;   ///< (positions)
  std::span<const float> targets(std::int64_t example, std::int64_t channel) const;  ///< (positions)
  const bool* measured(std::int64_t example, std::int64_t channel) const;            ///< (positions), null: all of them
  std::int64_t start(std::int64_t example) const;       ///< first base, 0 without places
  std::int64_t chromosome(std::int64_t example) const;  ///< -1 without places
  std::int64_t circle(std::int64_t example) const;      ///< length of the circle, 0: none

 private:
  std::size_t row(std::int64_t example, std::int64_t channel) const;
  at::Tensor scores_, targets_, mask_, position_, chromosome_, circle_;
  bool along_ = false;
};

}  // namespace basewise::evaluate::detail
