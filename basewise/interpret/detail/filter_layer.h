// Which activation of a model is looked at, and where its places lie.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/nn/model.h"
#include "basewise/nn/shape.h"

namespace basewise::interpret::detail {

struct FilterLayer {
  std::string layer = {};       ///< the convolution
  std::string activation = {};  ///< itself, or the function behind it
  std::string input = {};       ///< of the model
  std::int64_t filters = 0;
  bool both_strands = false;  ///< the batch holds each sequence twice; the first half is the given strand
  nn::Geometry geometry{};

  /// Bases that one place reads; 0: all.
  std::int64_t reach() const { return geometry.receptive_field().value_or(0); }

  /// First base of the window of place i: what is read, or `window` bases around the middle of its
  /// cell.
  std::int64_t start(std::int64_t i, std::int64_t window) const;
};

/// Paths of the convolutions along positions, in the order of the model; none where there are none.
/// Errors: ArgumentError for a model that is not made of layers.
std::vector<std::string> convolutions_of(const nn::Model& model);

/// Errors: see `filter_run`.
FilterLayer filter_layer(const nn::Model& model, const std::string& path, bool before_function, std::int64_t length = 0);

}  // namespace basewise::interpret::detail
