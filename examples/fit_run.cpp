// Trains a network and data of its own and leaves a run folder, as `basewise train` does: fit_run
// FOLDER
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "basewise/data/dataset.h"
#include "basewise/nn/loss.h"
#include "basewise/run/fit_run.h"
#include "basewise/run/open_run.h"
#include "basewise/tensor/tensors.h"

namespace bw = basewise;

/// Is there more G and C than A and T? Sequences (4, 20) and one label.
class Composition final : public bw::data::Dataset {
 public:
  explicit Composition(std::uint64_t seed) : seed_(seed) {}
  std::int64_t size() const override { return 256; }
  std::string summary() const override { return "more G and C than A and T"; }
  bw::Bundle get(std::int64_t i, bw::Stream) const override {
    const at::Tensor sequence = bw::random_one_hot(1, 20, bw::Stream(seed_, static_cast<std::uint64_t>(i)))[0];
    return {{"sequence", sequence}, {"labels", (sequence.slice(0, 1, 3).sum() > 10).to(at::kFloat).reshape({1})}};
  }

 private:
  std::uint64_t seed_;
};

/// A weight per letter and one more.
class Weights final : public bw::nn::Model {
 public:
  Weights() {
    weight_ = register_parameter("weight", at::zeros({1, 4}));
    bias_ = register_parameter("bias", at::zeros({1}));
  }
  bw::Bundle forward(const bw::Bundle& inputs) override {
    return {{"logits", at::linear(inputs.at("sequence").sum(2), weight_, bias_)}};
  }
  std::vector<std::string> input_names() const override { return {"sequence"}; }
  std::vector<std::string> output_names() const override { return {"logits"}; }
  Context context(const std::string&) const override { return {}; }  // one value for the whole sequence
  std::string specification() const override { return {}; }          // not a model file

 private:
  at::Tensor weight_, bias_;
};

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];

  bw::data::DataSplits data;
  data.train = std::make_shared<Composition>(1);
  data.validation = std::make_shared<Composition>(2);
  data.test = std::make_shared<Composition>(3);
  bw::run::FitOptions options;
  options.name = "composition";
  options.train.options.epochs = 20;
  options.train.options.optimizer.learning_rate = 0.1;
  options.overwrite = true;
  const bw::nn::TotalLoss loss(std::vector<bw::nn::LossOptions>(1));  // logits against labels
  bw::run::fit_run(std::make_shared<Weights>(), loss, data, options, folder);

  const bw::run::OpenRun run = bw::run::open_run(folder, std::make_shared<Weights>());
  const at::Tensor rows = at::eye(4).unsqueeze(2).expand({4, 4, 20}).contiguous();  // all A, all C, all G, all T
  const at::Tensor logits = run.score()({{"sequence", rows}}).at("logits");
  for (const int letter : {0, 1, 2, 3})
    std::printf("all %c: %s\n", "ACGT"[letter], logits[letter][0].item<double>() > 0 ? "more G and C" : "more A and T");
  for (const char* file : {"config.toml", "weights.safetensors", "log.tsv", "manifest.json"})
    std::printf("%s %s\n", file, std::filesystem::exists(folder / file) ? "is there" : "is missing");
}
