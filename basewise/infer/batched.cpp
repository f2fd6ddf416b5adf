#include "basewise/infer/batched.h"

#include <algorithm>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/core/interrupt.h"
#include "basewise/core/progress.h"
#include "basewise/data/loader.h"
#include "basewise/tensor/scopes.h"

namespace basewise::infer {
namespace {

/// Gathers outputs of batches; on the CPU, since all of them may not fit on a device.
class Collector {
 public:
  void add(const Bundle& outputs) { batches_.push_back(outputs.to(at::kCPU)); }
  Bundle collect() const { return batches_.empty() ? Bundle() : concatenate(batches_); }

 private:
  std::vector<Bundle> batches_;
};

void check_batch_size(std::int64_t batch_size) {
  if (batch_size < 1) throw ArgumentError(format("batch_size is {}: expected at least 1", batch_size));
}

}  // namespace

void describe(Visitor& v, BatchOptions& o) {
  v("batch_size", o.batch_size, "examples that the model sees at once; changes speed and memory, not numbers",
    counted(1));
  v("workers", o.workers, "threads that prepare examples", non_negative());
}

void predict_batches(const data::DatasetPtr& dataset, const ScoreFn& score, const BatchOptions& options, const BatchConsumer& consumer) {
  check_batch_size(options.batch_size);
  if (dataset->set_sizes().size() > 1)
    throw ArgumentError("several data sets that train in turn are predicted one by one: their batches are not in order");
  if (dataset->size() == 0) return;
  data::LoaderOptions loading;
  loading.batch_size = options.batch_size;
  loading.workers = options.workers;
  loading.shuffle = false;
  data::Loader loader(dataset, loading);
  std::optional<Progress> progress;
  if (!options.progress.empty()) progress.emplace(options.progress, dataset->size(), "examples");
  loader.start(0);
  std::int64_t first = 0;
  for (std::int64_t b = 0; b < loader.batches(); ++b) {
    throw_if_stopping();  // a training that validates
    const std::optional<Bundle> batch = loader.next();
    if (!batch) break;
    const std::int64_t n = batch_size(*batch);
    with_context(format("batch {} (examples {} to {})", b, first, first + n - 1), [&] { consumer(first, score(*batch), *batch); });
    first += n;
    if (progress) progress->advance(n);
  }
}

Bundle predict(const data::DatasetPtr& dataset, const ScoreFn& score, const BatchOptions& options) {
  Collector collector;
  predict_batches(dataset, score, options, [&](std::int64_t, const Bundle& outputs, const Bundle&) { collector.add(outputs); });
  return collector.collect();
}

Bundle predict(const Bundle& inputs, const ScoreFn& score, std::int64_t rows) {
  check_batch_size(rows);
  const std::int64_t n = batch_size(inputs);
  Collector collector;
  for (std::int64_t first = 0; first < n; first += rows) {
    Bundle batch;
    for (const auto& [name, value] : inputs) batch.set(name, value.slice(0, first, std::min(n, first + rows)));
    collector.add(score(batch));
  }
  return collector.collect();
}

}  // namespace basewise::infer
