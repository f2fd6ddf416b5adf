// Coverage in bins with places, for the tests of this module.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "basewise/core/random.h"
#include "basewise/data/dataset.h"
#include "basewise/infer/score.h"
#include "basewise/tensor/tensors.h"

namespace basewise::evaluate::testing {

/// A window: where it lies, predictions and measurements (tracks, bins), which were measured.
struct BinnedWindow {
  std::string chromosome = {};
  std::int64_t start = 0;
  at::Tensor scores = {}, coverage = {}, mask = {};
};

/// Windows as a data set: fields "scores", "coverage" and "coverage.mask".
class BinnedWindows final : public data::Dataset {
 public:
  BinnedWindows(std::vector<BinnedWindow> windows, std::int64_t bin) : windows_(std::move(windows)), bin_(bin) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(windows_.size()); }
  Bundle get(std::int64_t i, Stream) const override {
    const BinnedWindow& w = windows_.at(static_cast<std::size_t>(i));
    return {{"scores", w.scores}, {"coverage", w.coverage}, {"coverage.mask", w.mask}};
  }
  data::Origin origin(std::int64_t i) const override {
    const BinnedWindow& w = windows_.at(static_cast<std::size_t>(i));
    if (w.chromosome.empty()) return {};
    return {.name = w.chromosome, .chromosome = w.chromosome, .start = w.start, .end = w.start + w.scores.size(1) * bin_};
  }
  std::string summary() const override { return "windows"; }
  const std::vector<BinnedWindow>& windows() const { return windows_; }

 protected:
  Schema make_schema() const override {
    const std::vector<std::int64_t> shape = windows_.at(0).scores.sizes().vec();
    Schema schema{{.name = "scores", .shape = shape, .bin = bin_},
                  {.name = "coverage", .shape = shape, .role = Role::target, .bin = bin_}};
    schema.add_mask("coverage");
    return schema;
  }

 private:
  std::vector<BinnedWindow> windows_;
  std::int64_t bin_;
};

/// A window with random coverage and predictions near it; a tenth is not measured.
inline BinnedWindow random_window(const std::string& chromosome, std::int64_t start, std::int64_t tracks, std::int64_t bins, Stream draw) {
  BinnedWindow w{.chromosome = chromosome, .start = start};
  w.coverage = random_normal({tracks, bins}, draw.fork(1)).mul(1.2).exp().round();
  w.scores = (w.coverage * 0.7 + random_uniform({tracks, bins}, draw.fork(2))).contiguous();
  w.mask = random_uniform({tracks, bins}, draw.fork(3)) > 0.1;
  w.coverage.masked_fill_(w.mask.logical_not(), std::nanf(""));
  return w;
}

/// What a model predicts: the scores that stand in the batch.
inline infer::ScoreFn copy_scores() {
  return [](const Bundle& batch) { return Bundle{{"rate", batch.at("scores")}}; };
}

}  // namespace basewise::evaluate::testing
