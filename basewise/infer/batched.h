// Prediction batch by batch: the same numbers for any batch size.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "basewise/core/options.h"
#include "basewise/data/dataset.h"
#include "basewise/infer/score.h"

namespace basewise::infer {

struct BatchOptions {
  std::int64_t batch_size = 64;
  std::int64_t workers = 1;     ///< threads that prepare examples while the model computes; 0: none
  std::string progress = {};    ///< title of a progress display; empty: none
};
void describe(Visitor& v, BatchOptions& o);

/// Called in order with the first example's number, the outputs of a batch and the batch itself
/// (inputs, targets, positions).
using BatchConsumer = std::function<void(std::int64_t first, const Bundle& outputs, const Bundle& batch)>;

/// Applies `score` to every example of a data set, in order; memory holds a few batches.
/// Errors: those of the data set and the model, with the batch named.
void predict_batches(const data::DatasetPtr& dataset, const ScoreFn& score, const BatchOptions& options, const BatchConsumer& consumer);

/// All outputs of a data set, concatenated, on the CPU.
Bundle predict(const data::DatasetPtr& dataset, const ScoreFn& score, const BatchOptions& options = {});

/// All outputs of inputs that are in memory: tensors (N, ...) that agree in N.
Bundle predict(const Bundle& inputs, const ScoreFn& score, std::int64_t batch_size = 64);

}  // namespace basewise::infer
