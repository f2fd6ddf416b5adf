// With torch: trains a model and data of its own and leaves a run folder.
#include <cstdio>
#include <memory>

#include <basewise/data/dataset.h>
#include <basewise/nn/loss.h>
#include <basewise/run/fit_run.h>
#include <basewise/run/open_run.h>
#include <basewise/tensor/tensors.h>

namespace bw = basewise;

/// Is there more G and C than A and T? Sequences (4, 20), labels (1).
class Composition final : public bw::data::Dataset {
 public:
  std::int64_t size() const override { return 64; }
  std::string summary() const override { return "composition"; }
  bw::Bundle get(std::int64_t i, bw::Stream) const override {
    const at::Tensor sequence = bw::random_one_hot(1, 20, bw::Stream(1, static_cast<std::uint64_t>(i)))[0];
    return {{"sequence", sequence}, {"labels", (sequence.slice(0, 1, 3).sum() > 10).to(at::kFloat).reshape({1})}};
  }
};

/// A weight per letter.
class Weights final : public bw::nn::Model {
 public:
  Weights() { weight_ = register_parameter("weight", at::zeros({1, 4})); }
  bw::Bundle forward(const bw::Bundle& inputs) override {
    return {{"logits", at::linear(inputs.at("sequence").sum(2), weight_)}};
  }
  std::vector<std::string> input_names() const override { return {"sequence"}; }
  std::vector<std::string> output_names() const override { return {"logits"}; }
  Context context(const std::string&) const override { return {}; }
  std::string specification() const override { return {}; }

 private:
  at::Tensor weight_;
};

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  bw::data::DataSplits data;
  data.train = data.validation = data.test = std::make_shared<Composition>();
  bw::run::FitOptions options;
  options.train.options.epochs = 5;
  options.train.options.optimizer.learning_rate = 0.1;
  options.overwrite = true;
  const auto result = bw::run::fit_run(std::make_shared<Weights>(),
                                       bw::nn::TotalLoss(std::vector<bw::nn::LossOptions>(1)), data, options, argv[1]);
  const auto run = bw::run::open_run(argv[1], std::make_shared<Weights>());
  std::printf("%s after %d epochs\n", run.recipe.name.c_str(), static_cast<int>(result.training.epochs));
}
