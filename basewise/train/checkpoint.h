// Everything that a bit-exact resume needs, in folders that appear whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/nn/loss_mean.h"
#include "basewise/tensor/bundle.h"
#include "basewise/train/early_stopping.h"
#include "basewise/train/log_table.h"
#include "basewise/train/schedule.h"

namespace basewise::train {

struct CheckpointOptions {
  std::int64_t every_steps = 0;   ///< optimiser steps between two checkpoints; 0: not by steps
  double every_seconds = 60;      ///< seconds between two checkpoints; 0: not by time
  bool every_epoch = true;        ///< one after each epoch too, but not sooner than 5 seconds after the last
  std::int64_t keep = 2;          ///< the newest ones are kept
};
void describe(Visitor& v, CheckpointOptions& o);

/// State of training between two optimiser steps. Random draws are functions of
/// (seed, epoch, batch), so no generator is stored.
struct TrainingState {
  std::int64_t step = 0;   ///< optimiser steps taken
  std::int64_t epoch = 0;  ///< from 0: the running one
  std::int64_t batch = 0;  ///< next batch of that epoch
  double loss_sum = 0;     ///< sum of the batch losses of the running epoch
  nn::LossMean loss = {};  ///< of the running epoch, over what was measured
  double learning_rate = 0;
  double seconds = 0;            ///< spent so far in all sessions
  double data_wait_seconds = 0;  ///< of the running epoch
  Plateau::State plateau;
  Selection::State selection;
  std::vector<EpochLog> log = {};
  std::string config = {};   ///< the resolved recipe as JSON, to compare with on resume
  std::string machine = {};  ///< device and threads, to compare with on resume
  Bundle tensors;       ///< "model/...", "optimizer/...", "average/...", "best/...", "also/<value>/..."
};

/// Writes <folder>/step-<12 digits>/{state.json, tensors.safetensors} atomically and removes all
/// but the newest `keep`. state.json carries a version and the SHA-256 of both parts. A checkpoint
/// of the same step is replaced.
void save_checkpoint(const std::filesystem::path& folder, const TrainingState& state, std::int64_t keep);

/// The newest checkpoint that is whole, or nothing if the folder holds none. A damaged one is
/// passed over with a warning that says what is wrong.
/// Errors: StateError naming the files if all are damaged or the newest was written by a later
/// version.
std::optional<TrainingState> load_newest_checkpoint(const std::filesystem::path& folder);

/// Tensors of `bundle` under "prefix/", without the prefix, and the other way round.
Bundle with_prefix(const std::string& prefix, const Bundle& bundle);
Bundle without_prefix(const std::string& prefix, const Bundle& bundle);

/// Key and both values of the first difference between two configurations (JSON objects), "" if
/// there is none. An option that was not there when `saved` was written is no difference while it
/// has its value of `defaults`.
std::string config_difference(const std::string& saved, const std::string& present, const std::string& defaults = {});

}  // namespace basewise::train
