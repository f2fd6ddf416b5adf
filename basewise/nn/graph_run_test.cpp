// Positions that nobody reads are not computed, and what is read has the same numbers, gradients
// and statistics as before.
#include <gtest/gtest.h>

#include "basewise/core/format.h"
#include "basewise/nn/model.h"
#include "basewise/ops/native.h"
#include "tests/support/model_tests.h"

namespace basewise::nn {
namespace {

struct Pass {
  std::vector<std::pair<std::string, at::Tensor>> all;  // outputs, gradients of the input and of every parameter, buffers
  at::Tensor second;                                    // gradient of the squared gradient of the input
};

Pass pass(const std::string& toml, const at::Tensor& x, at::ScalarType type, ops::Kernels kernels, bool training, bool twice) {
  const ops::KernelScope scope(kernels);
  const ModelPtr model = build_model(toml, "test", 3);
  model->train(training);
  model->to(type);
  shake(*model);
  at::Tensor input = x.to(type).detach().requires_grad_(true);
  Pass result;
  const Bundle outputs = model->forward({{"sequence", input}});
  at::Tensor loss = at::zeros({}, input.options());
  for (const auto& [name, y] : outputs) {
    result.all.emplace_back(name, y);
    loss = loss + (y * at::cos(at::arange(y.numel(), at::kDouble)).view(y.sizes()).to(type)).square().sum();
  }
  loss.backward({}, twice, twice);
  const at::Tensor gradient = input.grad();
  result.all.emplace_back("sequence", gradient);
  for (const auto& p : model->named_parameters()) result.all.emplace_back(p.key(), p.value().grad());
  for (const auto& b : model->named_buffers()) result.all.emplace_back(b.key(), b.value());
  if (!twice) return result;
  input.mutable_grad().reset();
  gradient.square().sum().backward();
  result.second = input.grad();
  for (auto& p : model->parameters()) p.mutable_grad().reset();
  return result;
}

std::string of_head(const std::string& type, const std::string& more) { return layer_text(type, more, "heads.layers"); }
std::string residual(const std::string& inner) { return "[[layers]]\ntype = \"residual\"\n" + inner; }
std::string inside(const std::string& type, const std::string& more) { return layer_text(type, more, "layers.layers"); }

const std::string kInput = "format = 1\n[inputs.sequence]\nchannels = 4\nlength = 131\n";
const std::string kStem = layer_text("conv", "filters = 12\nwidth = 7") + layer_text("activation", "kind = \"relu\"");
std::string dilated(int dilation, const std::string& more = "") {
  return residual(inside("conv", format("filters = 12\nwidth = 3\ndilation = {}\n{}", dilation, more)) +
                  inside("activation", "kind = \"relu\""));
}
const std::string kProfile = head_text("profile", of_head("conv", "filters = 2\nwidth = 15") + of_head("crop", "length = 41"));
const std::string kCounts =
    head_text("counts", of_head("crop", "length = 55") + of_head("pool", "kind = \"mean\"\nglobal = true") + of_head("dense", "units = 3"));

struct Case {
  std::string name, toml;
  bool fewer;  // whether something is left out
};

std::vector<Case> cases() {
  const std::string norm = inside("batch_norm", "");
  return {
      {"two heads of one trunk", kInput + kStem + dilated(1) + dilated(8) + dilated(16) + kProfile + kCounts, true},
      {"heads of unequal reach",
       kInput + kStem + dilated(4) + kProfile +
           head_text("counts", of_head("crop", "left = 3\nright = 50") + of_head("conv", "filters = 3\nwidth = 1")),
       true},
      {"valid and causal", kInput + kStem + dilated(5, "padding = \"valid\"") + dilated(2, "padding = \"causal\"") + kProfile, true},
      {"strides",
       kInput + layer_text("conv", "filters = 12\nwidth = 7\nstride = 2") + layer_text("conv", "filters = 9\nwidth = 5\nstride = 3") +
           head_text("profile", of_head("crop", "left = 4\nright = 6") + of_head("conv", "filters = 2\nwidth = 3")),
       true},
      {"norms inside and outside",
       kInput + kStem + layer_text("batch_norm", "") +
           residual(inside("conv", "filters = 12\nwidth = 5") + norm + inside("activation", "kind = \"relu\"") +
                    inside("conv", "filters = 12\nwidth = 3")) +
           dilated(7) + kProfile + kCounts,
       true},
      {"residual unit with a norm",
       kInput + kStem + residual(inside("conv", "filters = 12\nwidth = 5") + norm + inside("activation", "kind = \"relu\"")) + kProfile,
       true},
      {"projection and blocks",
       kInput + kStem + residual(inside("conv", "filters = 20\nwidth = 5\npadding = \"valid\"")) + "[[layers]]\ntype = \"block\"\n" +
           inside("conv", "filters = 11\nwidth = 4") + inside("crop", "left = 2\nright = 1") + kProfile,
       true},
      {"functions, dense layers and pools",
       kInput + kStem + layer_text("activation", "kind = \"softmax\"") + layer_text("dense", "units = 10\non = \"channels\"") +
           layer_text("pool", "width = 2") + dilated(3).replace(dilated(3).find("filters = 12"), 12, "filters = 10") +
           head_text("profile", of_head("conv", "filters = 2\nwidth = 9") + of_head("crop", "left = 11\nright = 9")),
       true},
      {"concatenation",
       kInput + layer_text("conv", "name = \"a\"\nfilters = 12\nwidth = 7") +
           layer_text("conv", "name = \"b\"\nfilters = 9\nwidth = 3\ndilation = 6") +
           layer_text("conv", "name = \"c\"\nfrom = [\"a\", \"b\"]\ncombine = \"concat\"\nfilters = 8\nwidth = 5") + kProfile,
       true},
      {"windows that see padding alone",
       kInput + layer_text("conv", "filters = 12\nwidth = 3\npadding = \"explicit\"\npad_left = 40\npad_right = 0") +
           head_text("profile", of_head("crop", "left = 5\nright = 140")),
       false},
      {"nothing cropped", kInput + kStem + dilated(2) + head_text("profile", of_head("conv", "filters = 2\nwidth = 15")), false},
  };
}

// Gradients through several layers of normalisation are differences of larger numbers:
// 2e-4 in single precision.
TEST(GraphRun, CroppedPositionsChangeNothing) {
  const at::Tensor x = at::sin(at::arange(3 * 4 * 131, at::kDouble) * 1.7).view({3, 4, 131});
  for (const Case& c : cases())
    for (const bool training : {true, false}) {
      SCOPED_TRACE(c.name + (training ? ", training" : ", evaluation"));
      const Pass exact = pass(c.toml, x, at::kDouble, ops::Kernels::torch, training, false),
                 found = pass(c.toml, x, at::kFloat, ops::Kernels::basewise, training, false);
      const Pass same = pass(c.toml, x, at::kDouble, ops::Kernels::basewise, training, false);
      ASSERT_EQ(found.all.size(), exact.all.size());
      for (std::size_t i = 0; i < exact.all.size(); ++i) {
        ASSERT_EQ(found.all[i].second.defined(), exact.all[i].second.defined()) << exact.all[i].first;
        if (!exact.all[i].second.defined()) continue;
        ASSERT_EQ(found.all[i].second.sizes(), exact.all[i].second.sizes()) << exact.all[i].first;
        EXPECT_LE(relative_difference(found.all[i].second, exact.all[i].second), 2e-4) << exact.all[i].first;
        // A bias in front of a norm has no gradient but rounding, which is compared with 1e-6 here.
        EXPECT_LE(relative_difference(same.all[i].second, exact.all[i].second), 1e-7) << exact.all[i].first;
      }
    }
}

TEST(GraphRun, GradientsOfGradientsPassThroughCrops) {
  const at::Tensor x = at::sin(at::arange(2 * 4 * 131, at::kDouble) * 1.7).view({2, 4, 131});
  for (const Case& c : {cases()[0], cases()[2]}) {
    const Pass exact = pass(c.toml, x, at::kDouble, ops::Kernels::torch, true, true),
               found = pass(c.toml, x, at::kFloat, ops::Kernels::basewise, true, true);
    EXPECT_LE(relative_difference(found.second, exact.second), 2e-4) << c.name;
  }
}

TEST(GraphRun, DenseLayersReadPositionsWithoutACopy) {
  const at::Tensor x = at::sin(at::arange(29 * 4 * 131, at::kDouble) * 1.7).view({29, 4, 131});
  for (const auto& [flatten, bias] :
       {std::pair<std::string, std::string>{layer_text("flatten", ""), ""}, {"", ""}, {layer_text("flatten", ""), "\nbias = false"}}) {
    const std::string toml = kInput + kStem + layer_text("pool", "width = 3") + flatten +
                             layer_text("dense", "units = 37\non = \"flat\"" + bias) + layer_text("activation", "kind = \"relu\"") +
                             head_text("out", of_head("dense", "units = 5"));
    const Pass exact = pass(toml, x, at::kDouble, ops::Kernels::torch, true, true),
               found = pass(toml, x, at::kFloat, ops::Kernels::basewise, true, false);
    const Pass twice = pass(toml, x, at::kFloat, ops::Kernels::basewise, true, true);
    const Pass once = pass(toml, x, at::kDouble, ops::Kernels::torch, true, false);
    for (std::size_t i = 0; i < found.all.size(); ++i) {
      EXPECT_LE(relative_difference(found.all[i].second, once.all[i].second), 5e-5) << found.all[i].first;
    }
    EXPECT_LE(relative_difference(twice.second, exact.second), 2e-4);
    const ModelPtr model = build_model(toml, "test", 3);
    const at::Tensor y = model->forward({{"sequence", x.to(at::kFloat)}}).at("out");
    std::vector<std::string> names;
    for (auto node = y.grad_fn(); node && names.size() < 9;
         node = node->next_edges().empty() ? nullptr : node->next_edge(node->next_edges().size() > 2 ? 1 : 0).function)
      names.push_back(node->name());
    bool joined = false;
    for (const std::string& name : names) joined = joined || name.find("DenseFunction") != std::string::npos;
    EXPECT_TRUE(joined) << fmt::format("{}", fmt::join(names, ", "));
  }
}

// What autograd keeps of the steps before the heads says how much was computed.
TEST(GraphRun, LessIsComputed) {
  const ops::KernelCounts before = ops::kernel_counts();
  const Case c = cases()[0];
  const ModelPtr model = build_model(c.toml, "test", 3);
  const at::Tensor y = model->forward({{"sequence", at::ones({2, 4, 131}).requires_grad_()}}).at("profile");
  EXPECT_EQ(ops::kernel_counts().torch, before.torch);
  EXPECT_EQ(y.sizes(), (std::vector<std::int64_t>{2, 2, 41}));
  // The profile is no longer a slice of something longer.
  EXPECT_EQ(y.storage().nbytes(), 2u * 2 * 41 * sizeof(float));
}

}  // namespace
}  // namespace basewise::nn
