// A small model with random weights, for tests of this module.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "basewise/nn/model.h"
#include "basewise/tensor/tensors.h"

namespace basewise::infer::detail {

struct TestModelOptions {
  std::int64_t channels = 2;   ///< of the output
  bool same = true;            ///< zero padding to the same length; false: valid convolutions
  std::int64_t stride = 1;     ///< mean pooling at the end
  bool positions = true;       ///< false: the maximum over positions (N, channels)
  std::int64_t declared = -1;  ///< length of the input
  std::uint64_t seed = 1;
};

/// Two convolutions (width 5; width 3, dilation 4) with a cut-off at zero between them; heads
/// "logits" and "other" (twice the logits).
class TestModel : public nn::Model {
 public:
  explicit TestModel(TestModelOptions options = {}) : options_(options) {
    const Stream draw(options.seed);
    first_ = register_parameter("first", random_normal({6, 4, 5}, draw.fork(1)));
    second_ = register_parameter("second", random_normal({options.channels, 6, 3}, draw.fork(2)));
    bias_ = register_parameter("bias", random_normal({6}, draw.fork(3)));
  }

  Bundle forward(const Bundle& inputs) override {
    was_training = is_training();
    had_gradients = at::GradMode::is_enabled();
    ++calls;
    if (fail) throw ArgumentError("the model fails");
    const at::Tensor x = inputs.at("sequence");
    at::Tensor y = at::conv1d(x, first_, bias_, 1, options_.same ? 2 : 0).relu();
    y = at::conv1d(y, second_, {}, 1, options_.same ? 4 : 0, 4);
    if (options_.stride > 1) y = at::avg_pool1d(y, options_.stride);
    if (!options_.positions) y = y.amax(2);
    if (!both_heads) return {{"logits", y}};
    return {{"logits", y}, {"other", 2 * y}};
  }

  std::vector<std::string> input_names() const override { return {"sequence"}; }
  std::vector<std::string> output_names() const override {
    return both_heads ? std::vector<std::string>{"logits", "other"} : std::vector<std::string>{"logits"};
  }
  Context context(const std::string&) const override {
    Context c;
    c.has_length = options_.positions;
    c.left = c.right = options_.same ? 0 : 6;
    c.left += uneven;
    c.stride = options_.stride;
    c.receptive_left = 6;
    c.receptive_right = 6 + options_.stride - 1;
    return c;
  }
  StrandRule strand_rule(const std::string& name) const override {
    if (name == "sequence" || !options_.positions) return nn::Model::strand_rule(name);
    return options_.channels == 1 ? StrandRule::mirrored : StrandRule::paired;
  }
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> input_shapes() const override {
    return {{"sequence", {4, options_.declared}}};
  }
  std::string specification() const override { return {}; }

  bool was_training = false;
  bool had_gradients = false;
  bool both_heads = false;
  bool fail = false;
  std::int64_t uneven = 0;  ///< claimed to be lost at the left end
  std::int64_t calls = 0;

 private:
  TestModelOptions options_;
  at::Tensor first_, second_, bias_;
};

}  // namespace basewise::infer::detail
