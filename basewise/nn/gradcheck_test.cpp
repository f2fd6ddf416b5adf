// Gradients of the kernels' autograd functions against differences of their own outputs along
// random directions.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "basewise/nn/model.h"
#include "basewise/ops/kernels.h"
#include "tests/support/model_tests.h"

namespace basewise::nn {
namespace {

std::string activation(const std::string& kind) { return layer_text("activation", "kind = \"" + kind + "\""); }

at::Tensor wave(at::IntArrayRef shape, double step) {
  return at::sin(at::arange(c10::multiply_integers(shape), at::kDouble) * step).view(shape).to(at::kFloat);
}

// d/dh of sum(y w) at x + h u, parameters + h u, against the gradient times u. Smooth layers only:
// steps of ReLU and maxima would need h = 0.
void check_gradients(const std::string& layers) {
  const std::string toml = "format = 1\n[inputs.sequence]\nchannels = 4\n" + layers +
                           "[[heads]]\nname = \"out\"\n[[heads.layers]]\ntype = \"conv\"\nfilters = 3\nwidth = 5\n";
  const ModelPtr model = build_model(toml, "test", 3);
  model->train();
  const ops::KernelCounts before = ops::kernel_counts();
  at::Tensor x = wave({3, 4, 97}, 1.7).requires_grad_();
  std::vector<at::Tensor> all{x};
  for (const at::Tensor& p : model->parameters()) all.push_back(p);
  const auto value = [&] {
    const at::Tensor y = model->forward({{"sequence", x}}).at("out");
    return (y.to(at::kDouble) * wave(y.sizes(), 0.61).to(at::kDouble)).sum();
  };
  value().backward();
  EXPECT_GT(ops::kernel_counts().basewise, before.basewise);
  EXPECT_EQ(ops::kernel_counts().torch, before.torch);
  constexpr double kStep = 4e-3;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const at::Tensor direction = wave(all[i].sizes(), 2.3 + static_cast<double>(i));
    const double expected = (all[i].grad().to(at::kDouble) * direction.to(at::kDouble)).sum().item<double>();
    const at::NoGradGuard no_grad;
    const auto slope = [&](double h) {
      const at::Tensor here = all[i].clone();
      const double above = (all[i].add_(direction, h), value().item<double>());
      const double below = (all[i].copy_(here).sub_(direction, h), value().item<double>());
      all[i].copy_(here);
      return (above - below) / (2 * h);
    };
    // Richardson's: the error of the square of the step cancels.
    const double found = (4 * slope(kStep / 2) - slope(kStep)) / 3;
    // Of single precision: rounding of some thousand outputs over the step.
    const double scale =
        all[i].grad().norm().item<double>() * direction.norm().item<double>() / std::sqrt(static_cast<double>(all[i].numel()));
    EXPECT_NEAR(found, expected, 5e-3 * scale + 2e-2) << "tensor " << i << " of " << layers;
  }
}

TEST(GradCheck, UnitsPredictSmallSteps) {
  const std::string wide = layer_text("conv", "filters = 40\nwidth = 7"), norm = layer_text("batch_norm", "");
  check_gradients(wide + activation("exponential"));
  check_gradients(wide + norm + layer_text("activation", "kind = \"sigmoid\"\nshift = 2\nout_scale = 7"));
  check_gradients(wide + norm +
                  layer_text("activation", "kind = \"tanh\"\nin_scale = 0.5\nshift = 1\npower = 3\nout_scale = 5\noffset = 3"));
  check_gradients(wide + activation("gelu") + layer_text("conv", "filters = 36\nwidth = 3\ndilation = 4") + activation("silu"));
  check_gradients(wide + norm + activation("gelu") + layer_text("conv", "filters = 20\nwidth = 5\nstride = 2") + norm);
  check_gradients(wide + activation("gelu_sigmoid") + layer_text("dense_link") +
                  layer_text("conv", "filters = 24\nwidth = 3\ndilation = 2", "layers.layers") +
                  layer_text("batch_norm", "", "layers.layers") + activation("exp_linear"));
  check_gradients(wide + layer_text("pool", "kind = \"mean\"\nwidth = 3") + layer_text("conv", "filters = 32\nwidth = 6\ngroups = 2"));
}

}  // namespace
}  // namespace basewise::nn
