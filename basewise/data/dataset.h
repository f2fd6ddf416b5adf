// Datasets are views that compose: a size, and example i as named tensors.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "basewise/core/random.h"
#include "basewise/tensor/bundle.h"

namespace basewise::data {

/// A set of examples. Thread safe for concurrent `get`.
///
/// Names used by convention: "sequence" (4, L) float32 one-hot (A C G T; N is all zeros); targets under the names that the recipe
/// gives; "x.mask" beside "x" where values may be missing.
class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual std::int64_t size() const = 0;

  /// Example i in [0, size()). `draw` is the only source of randomness (jitter, strand, resampled negatives): equal streams give
  /// equal examples. Datasets without randomness ignore it.
  virtual Bundle get(std::int64_t i, Stream draw) const = 0;

  /// Tensor names with shapes without the batch axis (-1: varies), for checks before any work starts.
  virtual Bundle example_shapes() const { return get(0, Stream(0)); }

  /// What is known about the set for people and manifests: source, counts, what was skipped and why.
  virtual std::string summary() const = 0;
};

using DatasetPtr = std::shared_ptr<const Dataset>;

}  // namespace basewise::data
