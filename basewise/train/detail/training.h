// The state and the steps of one call of train_model.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "basewise/core/interrupt.h"
#include "basewise/core/progress.h"
#include "basewise/train/event_file.h"
#include "basewise/train/freeze.h"
#include "basewise/train/strand_step.h"
#include "basewise/train/trainer.h"

namespace basewise::train::detail {

class Training {
 public:
  Training(nn::Model& model, const nn::TotalLoss& loss, data::DatasetPtr dataset, const TrainOptions& options,
           const TrainerContext& context);

  /// Runs to the end or to an interruption.
  TrainerResult run();

  /// The first step alone; returns the loss before it.
  double first_step();

 private:
  using Clock = std::chrono::steady_clock;

  void resume();
  void open_outputs();
  StopReason train_epochs();
  std::optional<StopReason> train_epoch();
  void train_step(data::Loader& loader, std::int64_t batches);
  double train_batch(const Bundle& batch, double share);
  void check_targets(const Bundle& batch) const;
  double mean_loss() const;
  std::optional<std::vector<std::string>> wanted_heads(const Bundle& batch) const;
  void update();
  /// False when it was interrupted and nothing has changed.
  bool end_epoch();
  void write_log();
  void validate(EpochLog& row);
  void require_folder() const;
  void save();
  void save_if_due(bool end_of_epoch);
  void use_final_weights();
  [[noreturn]] void fail_not_finite(const Bundle& batch, std::string_view what, double value);
  TrainerResult result(StopReason reason) const;

  bool stop_wanted() const { return stop_ && stop_->raised(); }
  bool last_epoch() const { return state_.epoch + 1 >= options_.epochs; }
  double seconds() const;
  SchedulePoint point() const;

  nn::Model& model_;
  nn::TotalLoss loss_;
  const TrainOptions& options_;
  const TrainerContext& context_;
  Frozen frozen_;
  StrandStep strands_;
  data::DatasetPtr dataset_;
  data::Loader loader_;
  std::int64_t batches_;
  std::int64_t steps_per_epoch_;
  std::unique_ptr<Optimizer> optimizer_;
  WeightAverage average_;
  Plateau plateau_;
  Selection selection_;
  Bundle best_;
  std::map<std::string, Bundle> also_;  ///< by value of `select.also`
  TrainingState state_;  ///< the parts that live elsewhere (tensors, plateau, selection) are filled in by `save`
  std::optional<StopSignal> stop_;  ///< from the first step on: before it there is nothing to save
  std::unique_ptr<EventFile> events_;
  std::unique_ptr<Progress> progress_;
  Clock::time_point started_ = Clock::now();
  double seconds_before_ = 0;     ///< of earlier sessions
  double waited_before_ = 0;      ///< for data in this epoch, earlier sessions
  double last_save_ = 0;
  double last_log_ = 0;
};

}  // namespace basewise::train::detail
