// The published models of benchmarks/models train and predict on our convolutions alone: a layer
// that falls back to torch's in silence would cost a user most of the speed and show nowhere else.
// Counts, no times.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "basewise/core/files.h"
#include "basewise/kernels/isa.h"
#include "basewise/ops/kernels.h"
#include "basewise/nn/model.h"
#include "basewise/plan/inference_plan.h"
#include "basewise/tensor/scopes.h"

namespace basewise {
namespace {

struct Published {
  std::string name;
  nn::ModelPtr model;
  Bundle batch;
  std::int64_t convolutions = 0;
};

// With `length_major`, sequences lie as our loader makes them, else as torch's tensors do by
// default.
Published published(const nlohmann::json& j, bool length_major) {
  Published p{j.at("name"), nn::build_model_file(j.at("model").get<std::string>(), 1), {}, 0};
  const std::int64_t length = j.at("length");
  for (const nn::LayerRow& row : p.model->layer_rows(length)) p.convolutions += row.type == "conv" ? 1 : 0;
  const at::Tensor rows = at::one_hot(at::arange(2 * length).remainder(3).view({2, length}), 4).to(at::kFloat);
  p.batch.set("sequence", length_major ? rows.transpose(1, 2) : rows.transpose(1, 2).contiguous());
  return p;
}

nlohmann::json cases() { return nlohmann::json::parse(read_file("benchmarks/models/cases.json")); }

class Counted {
 public:
  std::int64_t basewise() const { return ops::kernel_counts().basewise - before_.basewise; }
  std::int64_t torch() const { return ops::kernel_counts().torch - before_.torch; }
  std::int64_t plain() const { return ops::kernel_counts().plain - before_.plain; }

 private:
  ops::KernelCounts before_ = ops::kernel_counts();
};

TEST(KernelFallback, EveryConvolutionOfAPublishedModelIsOurs) {
  std::set<std::string> names;
  for (const nlohmann::json& j : cases()) {
    const Published p = published(j, names.size() % 2 == 0);
    SCOPED_TRACE(p.name);
    ASSERT_GT(p.convolutions, 0);
    {
      const EvalScope mode(*p.model);
      const NoGradScope no_grad;
      const Counted counted;
      p.model->forward(p.batch);
      EXPECT_EQ(counted.torch(), 0);
      EXPECT_EQ(counted.basewise(), p.convolutions);
    }
    {
      plan::InferencePlan plan(*p.model);
      const Counted counted;
      plan(p.batch);
      EXPECT_EQ(counted.torch(), 0);
      EXPECT_EQ(counted.basewise(), p.convolutions);
      EXPECT_EQ(counted.plain(), 0) << fmt::to_string(fmt::join(plan::plan_steps(*p.model).plain, ", "));
    }
    // Two examples a step are enough: what computes is chosen by shapes and types,
    // not by how many there are.
    const TrainScope mode(*p.model);
    const Counted counted;
    at::Tensor sum;
    for (const auto& [name, output] : p.model->forward(p.batch)) sum = sum.defined() ? sum + output.sum() : output.sum();
    sum.backward();
    EXPECT_EQ(counted.torch(), 0);
    EXPECT_EQ(counted.basewise(), p.convolutions);
    for (const auto& parameter : p.model->named_parameters()) EXPECT_TRUE(parameter.value().grad().defined()) << parameter.key();
    names.insert(p.name);
  }
  EXPECT_EQ(names, (std::set<std::string>{"basenji", "basset", "bpnet", "chrombpnet", "cnn_deep", "deepcpg", "ecoli"}));
}

TEST(KernelFallback, TheCountsSeeTorch) {
  const Published p = published(cases().at(0), true);
  const ops::KernelScope scope(ops::Kernels::torch);
  const NoGradScope no_grad;
  const Counted counted;
  p.model->forward(p.batch);
  EXPECT_EQ(counted.basewise(), 0);
  EXPECT_EQ(counted.torch(), p.convolutions);
}

TEST(KernelFallback, TheWidestInstructionSetIsTaken) {
  if (std::getenv("BASEWISE_ISA") != nullptr) GTEST_SKIP() << "BASEWISE_ISA forces an instruction set";
  EXPECT_EQ(kernels::name(kernels::default_isa()), kernels::name(kernels::supported_isas().back()));
}

}  // namespace
}  // namespace basewise
