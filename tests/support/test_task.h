// A small learnable task and model for the tests of training.
#pragma once

#include <filesystem>
#include <limits>
#include <memory>

#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "basewise/core/random.h"
#include "basewise/data/dataset.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/tensors.h"

namespace basewise::train::testing {

/// Random sequences (4, 37); label t of 5 is 1 when letter t mod 4 is more frequent than the others
/// on average. `poison`: example that is not a number.
class LetterTask final : public data::Dataset {
 public:
  LetterTask(std::int64_t size, std::uint64_t seed, std::int64_t poison = -1) : size_(size), seed_(seed), poison_(poison) {}
  std::int64_t size() const override { return size_; }
  std::string summary() const override { return "letters"; }
  Bundle get(std::int64_t i, Stream draw) const override {
    at::Tensor sequence = random_one_hot(1, 37, Stream(seed_, static_cast<std::uint64_t>(i))).squeeze(0);
    const at::Tensor counts = sequence.sum(1);
    at::Tensor labels = (at::cat({counts, counts.slice(0, 0, 1)}) > 37.0 / 4).to(at::kFloat);
    if (draw.bernoulli(0.1)) labels = 1 - labels;  // depends on the stream, as augmentation does
    if (i == poison_) sequence = sequence * std::numeric_limits<float>::quiet_NaN();
    return {{"sequence", sequence}, {"labels", labels}};
  }

 private:
  std::int64_t size_;
  std::uint64_t seed_;
  std::int64_t poison_;
};

/// Convolution, batch norm by hand (a buffer), dropout, mean over positions,
/// dense layer: logits (N, 5).
class LetterModel : public nn::Model {
 public:
  explicit LetterModel(std::uint64_t seed = 1) {
    const Stream draw(seed);
    filters_ = register_parameter("filters", random_normal({6, 4, 3}, draw.fork(0), 0, 0.3));
    shift_ = register_parameter("shift", at::zeros({6}));
    dense_ = register_parameter("dense", random_normal({5, 6}, draw.fork(1), 0, 0.3));
    mean_ = register_buffer("mean", at::zeros({6}));
    seen_ = register_buffer("seen", at::zeros({}, at::kLong));
  }
  Bundle forward(const Bundle& inputs) override {
    at::Tensor h = at::conv1d(inputs.at("sequence"), filters_, shift_);
    if (is_training()) {
      const at::NoGradGuard no_grad;
      mean_.lerp_(h.mean(at::IntArrayRef{0, 2}), momentum_);
      seen_ += 1;
    }
    h = at::dropout(at::relu(h - mean_.view({1, 6, 1})), dropout_, is_training()).mean(2);
    return {{"logits", at::linear(h, dense_)}};
  }
  std::vector<std::string> input_names() const override { return {"sequence"}; }
  std::vector<std::string> output_names() const override { return {"logits"}; }
  Context context(const std::string&) const override { return {}; }
  std::string specification() const override { return "# letters\n"; }
  at::Tensor penalty() const override { return dense_.square().sum() * 1e-4; }
  void constrain() override { dense_.clamp_(-2, 2); }

  double dropout_ = 0.2;
  double momentum_ = 0.1;
  at::Tensor filters_, shift_, dense_, mean_, seen_;
};

inline fs::path fresh_folder(const std::string& name) {
  const fs::path folder = fs::path(::testing::TempDir()) / ("basewise_train_" + name);
  fs::remove_all(folder);
  return folder;
}

}  // namespace basewise::train::testing
