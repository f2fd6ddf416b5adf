#include "model_case.h"

#include <malloc.h>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/tensor/scopes.h"

namespace basewise::benchmarks {
namespace {

nn::LossOptions loss_of(const nlohmann::json& j) {
  nn::LossOptions o;
  o.type = parse_choice<nn::LossType>(j.at("type").get<std::string>(), "type");
  o.output = j.at("output");
  o.target = j.at("target");
  o.distribution = parse_choice<nn::Distribution>(j.value("distribution", std::string(to_word(o.distribution))), "distribution");
  o.log_input = j.value("log_input", o.log_input);
  return o;
}

at::Tensor random_target(const nn::LossOptions& loss, const at::Tensor& output) {
  if (loss.type == nn::LossType::binary_cross_entropy) return (at::rand_like(output) < 0.1).to(at::kFloat);
  if (loss.type == nn::LossType::mse) return at::randn_like(output);
  return at::poisson(at::full_like(output, 0.2));
}

train::OptimizerOptions adamw() {
  train::OptimizerOptions o;
  o.name = train::OptimizerKind::adamw;
  o.weight_decay = 0.01;
  return o;
}

}  // namespace

std::vector<ModelCase> model_cases(const std::string& file) {
  std::vector<ModelCase> cases;
  for (const nlohmann::json& j : nlohmann::json::parse(read_file(file))) {
    ModelCase c{j.at("name"), j.at("title"), j.at("model"), j.at("batch"), j.at("length"), {}};
    for (const nlohmann::json& loss : j.at("losses")) c.losses.push_back(loss_of(loss));
    cases.push_back(std::move(c));
  }
  return cases;
}

Bundle random_batch(nn::Model& model, const ModelCase& c, std::int64_t batch, bool length_major) {
  at::manual_seed(1);
  const at::Tensor rows = at::one_hot(at::randint(4, {batch, c.length}), 4).to(at::kFloat);
  const at::Tensor sequence = rows.transpose(1, 2);
  Bundle all;
  all.set("sequence", length_major ? sequence : sequence.contiguous());
  const EvalScope mode(model);
  const NoGradScope no_grad;
  const Bundle outputs = model.forward(all);
  for (const nn::LossOptions& loss : c.losses) all.set(loss.target, random_target(loss, at::empty(outputs.at(loss.output).sizes())));
  return all;
}

void keep_memory() {
  constexpr int kGibibyte = 1 << 30;
  ::mallopt(M_MMAP_THRESHOLD, kGibibyte);
  ::mallopt(M_TRIM_THRESHOLD, kGibibyte);
  ::mallopt(M_TOP_PAD, 64 << 20);
}

Trainee::Trainee(const ModelCase& c, ops::Kernels kernels, std::int64_t batch)
    : kernels_(kernels), model_(nn::build_model_file(c.model, 1)), plan_(*model_), loss_(c.losses) {
  const ops::KernelScope scope(kernels_);
  batch_ = random_batch(*model_, c, batch, kernels == ops::Kernels::basewise);
  optimizer_ = train::make_optimizer(train::trainable_parameters(*model_), adamw());
  model_->train();
}

double Trainee::step() {
  const ops::KernelScope scope(kernels_);
  model_->train();
  optimizer_->zero_grad();
  const at::Tensor loss = loss_(model_->forward(batch_), batch_);
  const double value = loss.item<double>();
  loss.backward();
  optimizer_->step({.learning_rate = 1e-4});
  return value;
}

double Trainee::predict() {
  const ops::KernelScope scope(kernels_);
  const Bundle outputs = plan_(batch_);
  return outputs.at(model_->output_names().front()).mean().item<double>();
}

}  // namespace basewise::benchmarks
