// What strategies for the two strands cost, in turn in one process: conjoined against plain,
// parameter sharing against a plain net of as many channels.
//
//   strand_benchmark [--benchmark_filter=REGEX]
//     [--benchmark_out=FILE.json --benchmark_out_format=json]
//
// `ratio` is the time of the strategy divided by that of the plain net: 2 for conjoined would be
// the work alone. A step is forward pass, loss, backward pass and Adam on one batch that both see;
// the strands of a conjoined step are made from it.
#include <benchmark/benchmark.h>

#include <cmath>
#include <string>

#include "basewise/core/files.h"
#include "basewise/core/format.h"
#include "basewise/core/parallel.h"
#include "basewise/core/version.h"
#include "basewise/infer/score.h"
#include "basewise/infer/strands.h"
#include "basewise/kernels/isa.h"
#include "basewise/tensor/scopes.h"
#include "measure.h"
#include "model_case.h"

namespace {

using namespace basewise;
using benchmarks::Turns;

constexpr const char* kModels = "recipes/rc_equivariance/models/";

struct Net {
  std::string name;
  std::string file;
  std::int64_t batch;
  std::string plain_filters;  ///< line of the plain file
  std::string twice_filters;  ///< the same with as many filters as the shared net has channels
  nn::LossOptions loss;
};

nn::LossOptions loss_between(const char* type, const char* output, const char* target) {
  nn::LossOptions o;
  o.type = parse_choice<nn::LossType>(type, "type"), o.output = output, o.target = target;
  return o;
}

const std::vector<Net>& nets() {
  static const nn::LossOptions binary = loss_between("binary_cross_entropy", "logits", "labels"),
                               profile = loss_between("multinomial", "profile", "profile");
  static const std::vector<Net> all = {
      {"simulated", "simulated_200", 500, "filters = 20", "filters = 40", binary},
      {"binary", "binary", 100, "filters = 16", "filters = 32", binary},
      {"profile", "profile_nocontrol", 32, "filters = 64", "filters = 128", profile},
  };
  return all;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

// A net with a batch, trained and applied on one strand or on both.
class Trained {
 public:
  Trained(const std::string& toml, const Net& net, bool conjoined)
      : model_(nn::build_model(toml, net.file, 1)), loss_({net.loss}), conjoined_(conjoined) {
    benchmarks::ModelCase c{net.name, net.name, net.file, net.batch, model_->typical_length(), {net.loss}};
    batch_ = benchmarks::random_batch(*model_, c, net.batch, true);
    inputs_.set("sequence", batch_.at("sequence"));
    forms_ = infer::output_forms({net.loss});
    train::OptimizerOptions adam;
    adam.name = train::OptimizerKind::adam;
    optimizer_ = train::make_optimizer(train::trainable_parameters(*model_), adam);
    infer::StrandStrategy strategy;
    strategy.both = conjoined;
    score_ = infer::score_fn(*model_, strategy);
  }

  void step() {
    model_->train();
    optimizer_->zero_grad();
    const at::Tensor loss = loss_(outputs(), batch_);
    if (!std::isfinite(loss.item<double>())) throw std::runtime_error("the loss is no number");
    loss.backward();
    optimizer_->step({.learning_rate = 1e-4});
  }

  void predict() { benchmark::DoNotOptimize(score_(inputs_)); }

 private:
  Bundle outputs() {
    const auto apply = [this](const Bundle& b) { return model_->forward(b); };
    return conjoined_ ? infer::conjoined(apply, infer::as_tokens(inputs_, *model_), infer::strand_rules(*model_),
                                         infer::StrandMerge::mean, forms_)
                      : apply(inputs_);
  }

  nn::ModelPtr model_;
  nn::TotalLoss loss_;
  bool conjoined_;
  Bundle batch_, inputs_;
  infer::OutputForms forms_;
  std::unique_ptr<train::Optimizer> optimizer_;
  infer::ScoreFn score_;
};

enum class What { conjoined_training, conjoined_prediction, sharing_training, sharing_prediction };

void measure(benchmark::State& state, const Net& net, What what) {
  const bool sharing = what == What::sharing_training || what == What::sharing_prediction;
  const bool training = what == What::conjoined_training || what == What::sharing_training;
  const std::string plain = read_file(std::string(kModels) + net.file + ".model.toml");
  Trained ours(sharing ? read_file(std::string(kModels) + net.file + "_rcps.model.toml") : plain, net, !sharing);
  Trained theirs(sharing ? replaced(plain, net.plain_filters, net.twice_filters) : plain, net, false);
  const auto run = [training](Trained& n) { training ? n.step() : n.predict(); };
  Turns turns;
  for (auto _ : state) {
    turns = benchmarks::in_turn([&] { run(ours); }, [&] { run(theirs); }, 3.0, 9);
    state.SetIterationTime(benchmarks::median(turns.ours));
  }
  const auto sequences = static_cast<double>(net.batch);
  state.counters["sequences_per_second"] = sequences / benchmarks::median(turns.ours);
  state.counters["plain_sequences_per_second"] = sequences / benchmarks::median(turns.theirs);
  state.counters["ratio"] = 1 / turns.speedup();
  state.counters["ratio_low"] = 1 / turns.highest_speedup();
  state.counters["ratio_high"] = 1 / turns.lowest_speedup();
  state.counters["others"] = turns.others;
}

}  // namespace

int main(int argc, char** argv) {
  benchmarks::keep_memory();
  at::set_num_threads(threads());
  benchmark::AddCustomContext("instruction_set", std::string(kernels::name(kernels::default_isa())));
  benchmark::AddCustomContext("threads", std::to_string(threads()));
  for (const auto& [key, value] : machine_facts()) benchmark::AddCustomContext(key, value);
  for (const Net& net : nets())
    for (const auto& [name, what] : {std::pair{"conjoined_training", What::conjoined_training},
                                     {"conjoined_prediction", What::conjoined_prediction},
                                     {"sharing_training", What::sharing_training},
                                     {"sharing_prediction", What::sharing_prediction}})
      benchmark::RegisterBenchmark(format("{}/{}", net.name, name).c_str(), measure, net, what)
          ->UseManualTime()
          ->Iterations(1)
          ->Unit(benchmark::kMillisecond);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
