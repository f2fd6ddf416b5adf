// One pass over a data set whose targets lie along the sequence:
// bins with their places, each bin of a genome once.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "basewise/evaluate/evaluate.h"
#include "basewise/evaluate/measure.h"

namespace basewise::evaluate {

/// What is looked at.
struct BinnedHead {
  std::string output = {};    ///< empty: the only one
  std::string target = {};
  bool exponential = false;  ///< the output is the logarithm of what the target says: its exponential is taken
};

/// One example: numbers for each track and bin. Valid while it is looked at.
struct BinnedExample {
  std::int64_t number = 0;         ///< in the data set
  std::string_view chromosome = {};  ///< empty: the set has no places
  std::int64_t start = 0;          ///< first base of the first bin
  std::int64_t bin = 1;            ///< bases
  std::size_t tracks = 0, bins = 0;
  std::span<const float> predicted = {}, measured = {};  ///< (tracks, bins)
  std::span<const std::uint8_t> known = {};              ///< (tracks, bins) 1: was measured
  /// (bins) 1: the bin was measured in some track and no example before this one had it.
  std::span<const std::uint8_t> fresh = {};

  float prediction(std::size_t track, std::size_t b) const { return predicted[track * bins + b]; }
  float measurement(std::size_t track, std::size_t b) const { return measured[track * bins + b]; }
  bool is_known(std::size_t track, std::size_t b) const { return known[track * bins + b] != 0; }
};

/// Which bins of a genome were seen: a bit for each. Bins whose middles lie in the same stretch of
/// `bin` bases are one, so that windows that overlap count once wherever they begin.
class SeenBins {
 public:
  explicit SeenBins(std::int64_t bin) : bin_(bin) {}

  /// Whether the bin from `start` on is new; it is not, afterwards.
  bool add(const std::string& chromosome, std::int64_t start);
  std::int64_t bytes() const;

 private:
  std::int64_t bin_;
  std::unordered_map<std::string, std::vector<bool>> seen_ = {};
};

/// What a pass met.
struct BinnedPass {
  std::int64_t examples = 0;
  std::int64_t bins = 0;      ///< that were measured in some track, each once
  std::int64_t repeated = 0;  ///< that an earlier example had
};

/// Predicts a set batch by batch and gives every example to `receive`, in order. Values (N, T) of
/// sites are examples of one bin, as long as the window. Examples that are read from the other
/// strand are turned by no one: sets of measurements have none (ArgumentError).
/// Errors: ShapeError where output and target do not fit; those of the model and the data set.
BinnedPass each_binned(const Source& source, const BinnedHead& head, const BatchOptions& batches,
                       const std::function<void(const BinnedExample&)>& receive);

}  // namespace basewise::evaluate
