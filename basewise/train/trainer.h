// The training loop: data set, model and losses in; trained weights, log and checkpoints out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/data/loader.h"
#include "basewise/infer/strands.h"
#include "basewise/nn/loss.h"
#include "basewise/nn/model.h"
#include "basewise/train/averaging.h"
#include "basewise/train/checkpoint.h"
#include "basewise/train/clip.h"
#include "basewise/train/early_stopping.h"
#include "basewise/train/log_table.h"
#include "basewise/train/optimizer.h"
#include "basewise/train/schedule.h"

namespace basewise::train {

/// The table [train] of a recipe, as far as gradients are concerned.
struct TrainOptions {
  std::int64_t epochs = 10;
  double max_seconds = 0;           ///< training ends after the step that passes this; 0: no limit. The result then depends on speed
  std::int64_t accumulate = 1;      ///< batches per optimiser step; their gradients are averaged
  std::int64_t validate_every = 1;  ///< epochs between two validations; the last epoch always has one
  std::int64_t log_every = 50;      ///< optimiser steps between two losses in the event files
  data::LoaderOptions loader = {};
  OptimizerOptions optimizer = {};
  ScheduleOptions schedule = {};
  ClipOptions clip = {};
  AveragingOptions average = {};
  SelectionOptions select = {};
  CheckpointOptions checkpoint = {};
};
void describe(Visitor& v, TrainOptions& o);

/// What the loop needs from the world around it.
struct TrainerContext {
  std::uint64_t seed = 0;
  at::Device device = at::kCPU;

  /// What a step sees of the two strands; `predict` and what rewrites models mean nothing here.
  infer::StrandOptions strand = {};

  /// Parts of the model that do not learn (train/freeze.h).
  std::vector<std::string> frozen = {};

  /// Where log.tsv, events/, checkpoints/ and, after a failure, failed_batch.safetensors go.
  /// Empty: nothing is written.
  std::filesystem::path folder = {};

  /// Continue from the newest checkpoint in `folder`; without any, start at the beginning.
  bool resume = false;

  /// JSON of every option that the result depends on; a resume with another one is refused.
  std::string config = {};
  /// The same with the default of every option: one that an earlier version did not know changes
  /// nothing at its default.
  std::string defaults = {};
  /// Device and threads; a resume with another one is warned about (the numbers may differ in the
  /// last digits).
  std::string machine = {};

  /// Values of the validation set, "loss" among them; the model has the averaged weights and is in
  /// evaluation mode. May be empty.
  std::function<NamedValues(nn::Model&)> validate;
  /// Direction of each validation value that `select` names; empty: lower is better.
  HigherIsBetter higher_is_better = {};
};

enum class StopReason { completed, early_stopped, time_limit, interrupted };
constexpr auto words_of(StopReason) {
  return words<StopReason>({{StopReason::completed, "completed"},
                            {StopReason::early_stopped, "early_stopped"},
                            {StopReason::time_limit, "time_limit"},
                            {StopReason::interrupted, "interrupted"}});
}

/// The weights of the best epoch by one of `select.also`.
struct KeptWeights {
  std::string metric = {};
  std::int64_t epoch = -1;  ///< from 1
  double value = 0;
  Bundle weights = {};
};

struct TrainerResult {
  StopReason reason = StopReason::completed;
  std::int64_t epochs = 0;  ///< finished
  std::int64_t steps = 0;
  double seconds = 0;  ///< all sessions of a resumed run
  std::vector<EpochLog> log = {};
  std::int64_t best_epoch = -1;  ///< from 1; -1 when nothing was validated
  std::optional<double> best_value = {};
  std::vector<KeptWeights> also = {};  ///< in the order of `select.also`; those that ever had a value
};

/// What helps against numbers that grow beyond all bounds, for the end of an error.
inline constexpr std::string_view kDivergedAdvice =
    "look for odd values in the data, lower train.optimizer.learning_rate or set train.clip.norm";

/// Trains `model` in place; at the end it holds the final weights (of the best validation,
/// averaged, or the last ones, as the options say).
///
/// Reproducible: every draw of a step (order, augmentation, dropout) is a function of
/// (seed, epoch, batch), so a run that was killed and resumed gives bit for bit the weights of an
/// uninterrupted one, with the same number of threads on the same machine and build, on the CPU.
/// Another number of threads changes the order of sums and thereby last digits.
///
/// From the first step on, SIGINT and SIGTERM finish the step, leave a validation (`Interrupted`,
/// core/interrupt.h), save a checkpoint and return `interrupted`.
/// Errors: DataError for a target of the first epoch that its loss has no meaning for; StateError
/// for a loss that is not finite (epoch, batch and examples named, the batch saved) and for weights
/// that are not at the end, for a checkpoint of another configuration (the first differing key
/// named) or with no undamaged file.
TrainerResult train_model(nn::Model& model, const nn::TotalLoss& loss, const data::DatasetPtr& dataset, const TrainOptions& options,
                          const TrainerContext& context);

/// Takes the first optimiser step of a training and returns the loss before it. Nothing is written,
/// and the model has its weights again afterwards.
/// Errors: as `train_model`.
double try_step(nn::Model& model, const nn::TotalLoss& loss, const data::DatasetPtr& dataset, const TrainOptions& options,
                const TrainerContext& context);

/// What the model makes of a batch of `examples` in training, without learning from it: for layers
/// that cannot do with few of them.
/// Errors: those of the layers.
void try_batch(nn::Model& model, const nn::TotalLoss& loss, const data::DatasetPtr& dataset, std::int64_t examples,
               const TrainerContext& context);

/// A target that its loss has no meaning for, in words: "example 3 ('row2'): labels 'start' is
/// 100005, but ...". `dataset` knows the names of channels and of its example number `example`,
/// from 0.
std::string to_string(const nn::TargetFault& fault, const data::Dataset& dataset, std::int64_t example);

/// Parameters and buffers by name; the tensors are the live ones.
Bundle weights_of(const torch::nn::Module& model);

/// Copies values into the parameters and buffers of the same name.
/// Errors: StateError naming the tensor that is missing or of another shape.
void set_weights(torch::nn::Module& model, const Bundle& weights);

}  // namespace basewise::train
