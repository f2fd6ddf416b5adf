// Plans of prediction: the same numbers as layer by layer, whatever the graph, the cut and the
// threads.
#include "basewise/plan/inference_plan.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/random.h"
#include "basewise/ops/kernels.h"
#include "basewise/plan/detail/test_models.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise::plan {
namespace {

using detail::kHead, detail::kOut, detail::layer, detail::random_model, detail::shaken;

Bundle plain(nn::Model& model, const Bundle& inputs) {
  const EvalScope mode(model);
  const NoGradScope no_grad;
  return model.forward(inputs);
}

// Relative to the largest number of an output.
double difference(const at::Tensor& found, const at::Tensor& expected) {
  if (found.sizes() != expected.sizes()) return std::numeric_limits<double>::infinity();
  if (expected.numel() == 0) return 0;
  return ((found - expected).abs().max() / (expected.abs().max() + 1e-6)).item<double>();
}

void expect_equal(const Bundle& found, const Bundle& expected, double tolerance = 1e-5) {
  ASSERT_EQ(found.names(), expected.names());
  for (const auto& [name, value] : expected) {
    EXPECT_EQ(found.at(name).sizes(), value.sizes()) << name;
    EXPECT_LE(difference(found.at(name), value), tolerance) << name;
  }
}

bool same_bits(const Bundle& a, const Bundle& b) {
  for (const auto& [name, value] : a)
    if (!at::equal(value, b.at(name))) return false;
  return true;
}

Bundle sequences(std::int64_t n, std::int64_t length, bool length_major = true) {
  const at::Tensor tokens = (at::sin(at::arange(n * length, at::kDouble) * 1.7) * 1000).to(at::kLong).remainder(4).view({n, length});
  at::Tensor rows = at::one_hot(tokens, 4).to(at::kFloat);
  rows.narrow(1, length / 3, 2).zero_();  // N
  const at::Tensor x = rows.transpose(1, 2);
  return {{"sequence", length_major ? x : x.contiguous()}};
}

TEST(Plan, RandomGraphsEqualTheirLayersForEveryCut) {
  Stream draw(11);
  int built = 0;
  for (int i = 0; i < 60; ++i) {
    const std::string toml = random_model(draw);
    SCOPED_TRACE(toml);
    nn::ModelPtr model;
    try {
      model = shaken(toml, static_cast<std::uint64_t>(i));
    } catch (const ShapeError&) {
      continue;  // the draw left no positions
    }
    ++built;
    const Bundle x = sequences(3, model->input_shapes().front().second[1], i % 2 == 0);
    const Bundle expected = plain(*model, x);
    InferencePlan by_cache(*model);
    const Bundle found = by_cache(x);
    expect_equal(found, expected);
    for (const PlanOptions& options : {PlanOptions{1 << 14, 0, 1}, PlanOptions{0, 7, 1}, PlanOptions{0, 50, 1}}) {
      InferencePlan other(*model, options);
      EXPECT_TRUE(same_bits(other(x), found)) << options.cache << " " << options.rows << "\n" << other.describe();
    }
    {
      const TensorThreadScope threads(2);
      InferencePlan strips(*model, {1 << 14, 0, 5});
      EXPECT_TRUE(same_bits(strips(x), found)) << strips.describe();
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(built, 40);
}

const std::string kBody = layer("conv", "filters = 24\nwidth = 15") + layer("activation", "kind = \"relu\"") +
                          layer("residual", "repeat = 3", "body") +
                          "[[layers.layers]]\ntype = \"conv\"\nfilters = 24\nwidth = 3\ndilation = [2, 4, 8]\n[[layers.layers]]\ntype = "
                          "\"batch_norm\"\n[[layers.layers]]\ntype = \"activation\"\n"
                          "kind = \"relu\"\n";
const std::string kProfile =
    "[[heads]]\nname = \"profile\"\n[[heads.layers]]\ntype = \"conv\"\nfilters = 2\nwidth = 25\n[[heads.layers]]\ntype = \"crop\"\nleft = "
    "40\nright = 60\n";
const std::string kCounts =
    "[[heads]]\nname = \"counts\"\n[[heads.layers]]\ntype = \"pool\"\nkind = \"mean\"\nglobal = true\n[[heads.layers]]\ntype = "
    "\"dense\"\nunits = 3\n";

TEST(Plan, SameBitsForAnyThreadsAndBatch) {
  const nn::ModelPtr model = shaken(kHead + kBody + kProfile + kCounts);
  const Bundle x = sequences(9, 701);
  InferencePlan plan(*model);
  const Bundle all = plan(x);
  expect_equal(all, plain(*model, x));
  for (const int threads : {1, 2, 8}) {
    const TensorThreadScope scope(threads);
    EXPECT_TRUE(same_bits(plan(x), all)) << threads;
    for (const std::int64_t size : {1, 2, 5}) {
      const Bundle some = plan({{"sequence", x.at("sequence").slice(0, 2, 2 + size)}});
      for (const auto& [name, value] : some)
        EXPECT_TRUE(at::equal(value, all.at(name).slice(0, 2, 2 + size))) << name << " " << threads << " " << size;
    }
  }
}

TEST(Plan, ReadsTokensAndRealNumbersAlike) {
  const nn::ModelPtr model = shaken(kHead + kBody + kProfile + kCounts);
  const Bundle x = sequences(4, 300);
  InferencePlan plan(*model);
  const Bundle expected = plan(x);
  const at::Tensor rows = x.at("sequence");
  const at::Tensor tokens = at::where(rows.sum(1) > 0, rows.argmax(1), at::full({}, 4, at::kLong)).to(at::kByte);
  EXPECT_TRUE(same_bits(plan({{"sequence", tokens}}), expected));
  EXPECT_TRUE(same_bits(plan({{"sequence", rows.contiguous()}}), expected));
  // One example of real numbers leaves the others as they are.
  at::Tensor mixed = rows.clone();
  mixed[1] = at::sin(at::arange(4 * 300, at::kFloat)).view({4, 300});
  const Bundle some = plan({{"sequence", mixed}});
  expect_equal(some, plain(*model, {{"sequence", mixed}}));
  for (const auto& [name, value] : some) EXPECT_TRUE(at::equal(value[2], expected.at(name)[2])) << name;
}

TEST(Plan, SeesEveryChangeOfWeightsAndStatistics) {
  const nn::ModelPtr model = shaken(kHead + kBody + kProfile + kCounts);
  const Bundle x = sequences(2, 300);
  InferencePlan plan(*model);
  plan(x);
  for (const char* name : {"body.1.conv.weight", "counts.dense.bias", "body.2.batch_norm.running_var", "body.0.batch_norm.running_mean"}) {
    at::Tensor t;
    for (const auto& p : model->named_parameters())
      if (p.key().find(name) != std::string::npos) t = p.value();
    for (const auto& b : model->named_buffers())
      if (b.key().find(name) != std::string::npos) t = b.value();
    ASSERT_TRUE(t.defined()) << name;
    // Past all of torch's own bookkeeping.
    t.mutable_data_ptr<float>()[t.numel() - 1] += 0.5f;
    expect_equal(plan(x), plain(*model, x));
  }
  const Bundle before = plan(x);
  {
    const at::NoGradGuard no_grad;
    for (auto& p : model->parameters()) p.mul_(1.25);
  }
  const Bundle after = plan(x);
  EXPECT_FALSE(same_bits(before, after));
  expect_equal(after, plain(*model, x));
  // In training mode the plan still is the model in evaluation, and leaves the mode as it was.
  model->train();
  EXPECT_TRUE(same_bits(plan(x), after));
  EXPECT_TRUE(model->is_training());
}

TEST(Plan, LeavesUnknownLayersToThemselvesAndCountsThem) {
  const std::string toml = kHead + "length = 200\n" + layer("conv", "filters = 12\nwidth = 9") + layer("activation", "kind = \"softmax\"") +
                           layer("layer_norm") + layer("upsample", "factor = 2", "odd") + layer("conv", "filters = 16\nwidth = 3") +
                           layer("pool", "kind = \"attention\"\nwidth = 2", "even") + layer("upsample", "factor = 2", "fine") +
                           layer("conv", "filters = 9\nwidth = 1") + kProfile + kCounts;
  const nn::ModelPtr model = shaken(toml);
  const InferencePlan::Steps steps = plan_steps(*model);
  EXPECT_EQ(steps.plain, (std::vector<std::string>{"odd", "even", "fine"}));
  InferencePlan plan(*model);
  const Bundle x = sequences(5, 200, false);
  const ops::KernelCounts before = ops::kernel_counts();
  const Bundle found = plan(x);
  EXPECT_EQ(ops::kernel_counts().plain - before.plain, 3);
  EXPECT_EQ(ops::kernel_counts().torch, before.torch);
  expect_equal(found, plain(*model, x));
}

TEST(Plan, LeavesRecurrentLayersToThemselves) {
  const nn::ModelPtr model = shaken(kHead + "length = 200\n" + layer("conv", "filters = 12\nwidth = 9") + layer("pool", "width = 5") +
                                    layer("gru", "units = 7\nbidirectional = true", "both") + layer("conv", "filters = 9\nwidth = 3") +
                                    layer("lstm", "units = 5\noutput = \"final\"", "end") + layer("dense", "units = 3") + kOut);
  EXPECT_EQ(plan_steps(*model).plain, (std::vector<std::string>{"both", "end"}));
  InferencePlan plan(*model);
  const Bundle x = sequences(5, 200, false);
  const Bundle found = plan(x);
  expect_equal(found, plain(*model, x));
  EXPECT_TRUE(at::equal(plan({{"sequence", x.at("sequence").slice(0, 2, 4)}}).at("out"), found.at("out").slice(0, 2, 4)));
}

TEST(Plan, NotANumberStaysWhereItIsRead) {
  const nn::ModelPtr model =
      shaken(kHead + layer("conv", "filters = 20\nwidth = 7") + layer("pool", "width = 3\nstride = 1\npadding = \"same\"") +
             layer("conv", "filters = 3\nwidth = 5") + kOut);
  at::Tensor x = sequences(3, 120).at("sequence").clone();
  x[1][2][50] = std::numeric_limits<float>::quiet_NaN();
  InferencePlan plan(*model);
  const at::Tensor found = plan({{"sequence", x}}).at("out"), expected = plain(*model, {{"sequence", x}}).at("out");
  EXPECT_TRUE(at::equal(found.isnan(), expected.isnan()));
  EXPECT_GT(expected.isnan().sum().item<std::int64_t>(), 0);
  EXPECT_LE(difference(at::nan_to_num(found), at::nan_to_num(expected)), 1e-5);
}

TEST(Plan, EdgesOfTheInput) {
  const nn::ModelPtr model = shaken(kHead + kBody + kProfile + kCounts);
  InferencePlan plan(*model);
  const Bundle none{{"sequence", at::zeros({0, 4, 300})}};
  EXPECT_EQ(plan(none).at("profile").sizes(), plain(*model, none).at("profile").sizes());
  for (const std::int64_t length : {101, 130, 499}) expect_equal(plan(sequences(2, length)), plain(*model, sequences(2, length)));
  for (const Bundle& bad : {Bundle{{"sequence", at::zeros({2, 5, 300})}}, Bundle{{"sequence", at::zeros({2, 4, 90})}},
                            Bundle{{"other", at::zeros({2, 4, 90})}}})
    EXPECT_EQ(error_text([&] { plan(bad); }), error_text([&] { plain(*model, bad); }));
}

TEST(Plan, SeveralInputsMeet) {
  const nn::ModelPtr model = shaken(
      "format = 1\n[inputs.sequence]\nchannels = 4\n[inputs.control]\nchannels = 2\n[inputs.state]\nfeatures = 6\n" +
      layer("conv", "filters = 10\nwidth = 5", "a") +
      layer("conv", "from = [\"a\", \"control\"]\ncombine = \"concat\"\nfilters = 11\nwidth = 3", "b") +
      layer("pool", "global = true", "c") + layer("dense", "from = [\"c\", \"state\"]\ncombine = \"concat\"\nunits = 5", "d") + kOut);
  Bundle x = sequences(3, 90);
  x.set("control", at::sin(at::arange(3 * 2 * 90, at::kFloat)).view({3, 2, 90}));
  x.set("state", at::cos(at::arange(3 * 6, at::kFloat)).view({3, 6}));
  InferencePlan plan(*model);
  expect_equal(plan(x), plain(*model, x));
}

TEST(Plan, OtherKernelsAndNumbersAreTheModelsOwn) {
  const nn::ModelPtr model = shaken(kHead + kBody + kProfile + kCounts);
  const Bundle x = sequences(2, 300);
  InferencePlan plan(*model);
  {
    const ops::KernelScope scope(ops::Kernels::torch);
    const ops::KernelCounts before = ops::kernel_counts();
    plan(x);
    EXPECT_EQ(ops::kernel_counts().basewise, before.basewise);
  }
  model->to(at::kDouble);
  EXPECT_EQ(plan({{"sequence", x.at("sequence").to(at::kDouble)}}).at("profile").scalar_type(), at::kDouble);
}

TEST(Plan, ComputesOnlyRowsThatAreRead) {
  // 600 of 2,000 positions are kept; 15 + 2 (2 + 4 + 8) + 25 rows of context are needed beside
  // them.
  const std::string head =
      "[[heads]]\nname = \"out\"\n[[heads.layers]]\ntype = \"conv\"\nfilters = 2\nwidth = 25\n[[heads.layers]]\ntype = \"crop\"\nleft = "
      "700\nright = 700\n";
  const nn::ModelPtr model = shaken(kHead + kBody + head);
  at::Tensor x = sequences(1, 2000).at("sequence").clone();
  InferencePlan plan(*model);
  const at::Tensor before = plan({{"sequence", x}}).at("out");
  x.slice(2, 0, 600).fill_(std::numeric_limits<float>::quiet_NaN());
  x.slice(2, 1400, 2000).fill_(std::numeric_limits<float>::quiet_NaN());
  // Not tokens any more, but the rows that count are: nobody looks at the others.
  EXPECT_TRUE(at::equal(plan({{"sequence", x}}).at("out"), before));
}

TEST(Plan, PublishedModels) {
  for (const nlohmann::json& j : nlohmann::json::parse(read_file("benchmarks/models/cases.json"))) {
    SCOPED_TRACE(j.at("name").get<std::string>());
    const std::string file = j.at("model");
    if (j.at("name") == "basenji" || j.at("name") == "chrombpnet") continue;  // as large as a test bears; tests/laws counts their steps
    const nn::ModelPtr model = shaken(read_file(file));
    const Bundle x = sequences(2, j.at("length"));
    InferencePlan plan(*model);
    expect_equal(plan(x), plain(*model, x));
    model->train();
    EXPECT_TRUE(plan_steps(*model).plain.empty());
    EXPECT_TRUE(model->is_training());
  }
}

}  // namespace
}  // namespace basewise::plan
