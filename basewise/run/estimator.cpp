#include "basewise/run/estimator.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>

#include "basewise/core/files.h"
#include "basewise/core/options.h"
#include "basewise/nn/weights.h"
#include "basewise/run/gradient.h"
#include "basewise/run/log_odds_estimator.h"

namespace basewise::run {
namespace {

/// The table; what programs add stands behind those of the house.
class Table {
 public:
  static Table& one() {
    static Table table;
    return table;
  }

  std::vector<const Estimator*> all() {
    const std::lock_guard lock(mutex_);
    return all_;
  }
  void add(const Estimator* estimator) {
    const std::lock_guard lock(mutex_);
    for (const Estimator* other : all_)
      if (other->name() == estimator->name())
        throw ArgumentError(format("there is an estimator '{}' already", estimator->name()));
    all_.push_back(estimator);
  }
  void remove(const Estimator* estimator) {
    const std::lock_guard lock(mutex_);
    std::erase(all_, estimator);
  }

 private:
  Table() : ours_{make_gradient_estimator(), make_log_odds_estimator()} {
    for (const auto& estimator : ours_) all_.push_back(estimator.get());
  }

  std::mutex mutex_;
  std::vector<std::shared_ptr<Estimator>> ours_;
  std::vector<const Estimator*> all_;
};

}  // namespace

void Estimator::save(const nn::Model& model, const fs::path& file) const { nn::save_weights(model, file); }

nn::ModelPtr Estimator::open(const fs::path& folder, const fs::path& weights) const {
  for (const fs::path& part : {folder / results::kModelFile, weights})
    if (!fs::exists(part))
      throw StateError(
          format("{} is no run folder with a model: {} is missing", folder.string(), part.filename().string()));
  const nn::ModelPtr model = nn::build_model_file(folder / results::kModelFile, 0);
  nn::load_weights(*model, weights);
  model->eval();
  return model;
}

std::vector<const Estimator*> estimators() { return Table::one().all(); }

const Estimator& find_estimator(const std::string& name) {
  std::vector<std::string> known;
  for (const Estimator* estimator : estimators()) {
    if (estimator->name() == name) return *estimator;
    known.push_back(estimator->name());
  }
  const auto near = nearest(name, known);
  throw ArgumentError(format("train.method is '{}'{}; there are {}", name,
                             near ? format(" (did you mean '{}'?)", *near) : "", fmt::join(known, ", ")));
}

EstimatorScope::EstimatorScope(std::unique_ptr<Estimator> estimator) : estimator_(std::move(estimator)) {
  Table::one().add(estimator_.get());
}

EstimatorScope::~EstimatorScope() { Table::one().remove(estimator_.get()); }

train::TrainerResult fit_at_once(RunSetup& setup, const RunFolder& folder, const std::function<void()>& fit) {
  const auto start = std::chrono::steady_clock::now();
  fit();
  setup.model->to(setup.device);
  train::TrainerResult result;
  train::EpochLog row{.epoch = 1,
                      .step = 0,
                      .seconds = 0,
                      .learning_rate = 0,
                      .train_loss = std::nan(""),
                      .validation = {},
                      .data_wait_seconds = 0};
  row.validation = validate(setup, *setup.model);
  result.epochs = 1;
  result.seconds = row.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.log.push_back(row);
  write_file(folder.path() / results::kLogFile, train::log_tsv(result.log));
  return result;
}

void refuse_init(const Recipe& recipe) {
  if (!recipe.init.empty())
    throw ArgumentError(
        format("[[init]] has no meaning for train.method = \"{}\", which starts from no weights", recipe.train.method));
}

}  // namespace basewise::run
