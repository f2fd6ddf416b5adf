// Ordered loading by several threads: a batch is a pure function of (seed, epoch, index), whatever
// the number of workers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/data/dataset.h"
#include "basewise/data/order.h"

namespace basewise::data {

/// Which examples an epoch draws, and in which order.
enum class Sampling { all, balanced, streams };
constexpr auto words_of(Sampling) {
  return words<Sampling>(
      {{Sampling::all, "all", "every example in each pass"},
       {Sampling::balanced, "balanced",
        "every positive and every s-th negative, others in the next pass, evenly interleaved"},
       {Sampling::streams, "streams", "each row of a batch is the segment that follows that row of the batch before"}});
}

struct LoaderOptions {
  std::int64_t batch_size = 64;
  bool shuffle = true;     ///< a new order each epoch, drawn from (seed, epoch)
  bool drop_last = false;  ///< leave out a last batch that is not full
  std::int64_t batches_per_epoch =
      0;                           ///< 0: one pass over the set; else epochs of so many full batches, in passes that do not end with them
  Sampling sampling = Sampling::all;
  double positive_fraction = 0.2;  ///< balanced: share of positives that negatives are thinned for
  Turns turns = Turns::by_size;    ///< of several data sets
  std::int64_t workers = 1;        ///< threads that prepare batches; 0 prepares in the calling thread
  std::int64_t prefetch = 4;       ///< batches kept ready at most: bounds memory
  std::uint64_t seed = 0;
};
void describe(Visitor& v, LoaderOptions& o);

/// Yields the batches of one epoch in order.
///
/// With `balanced` sampling (Zhou et al. 2022) a pass is every positive once and every s-th
/// negative, s = ceil(negatives * p / ((1 - p) * positives)); which negatives advances by one after
/// each pass, so that s passes take every negative once. Both are shuffled apart and interleaved
/// evenly. An example that comes twice in an epoch is drawn anew (augmentation) in its second pass.
/// Epochs have as many batches as `batches_per_epoch` says, else as one pass fills on average.
///
/// With `streams` (`parallel_streams`) the set must hold stretches of examples that follow each
/// other, and a batch has the tensor "restart" (N) bool beside those of its examples. A set that is
/// several sets (`several`) gives batches of one of them at a time, in turn. Errors in a worker
/// leave `next` with the epoch, batch and example named.
class Loader {
 public:
  /// In the order that the options ask for.
  Loader(DatasetPtr dataset, LoaderOptions options);

  /// In an order of the caller's own; of the options `workers`, `prefetch` and `seed` count.
  Loader(DatasetPtr dataset, LoaderOptions options, OrderPtr order);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// Batches in every epoch.
  std::int64_t batches() const;

  /// Starts (or restarts) at a batch of an epoch: resuming in the middle costs nothing. Nothing is
  /// prepared before the first start. Call `start` and `next` from one thread.
  void start(std::int64_t epoch, std::int64_t first_batch = 0);

  /// The next batch, or nothing at the end of the epoch; begins with epoch 0 when nothing was
  /// started. Errors of the data set are thrown here in order, with "epoch 3, batch 17, example
  /// 1042: " in front; the call after that goes on with the next batch.
  std::optional<Bundle> next();

  /// Indices of the examples of batch `index` of `epoch`, in order.
  std::vector<std::int64_t> examples(std::int64_t epoch, std::int64_t index) const;

  /// Batch `index` of `epoch`, computed here and now; `next` yields exactly these.
  Bundle batch(std::int64_t epoch, std::int64_t index) const;

  /// Seconds that `next` waited for workers since `start`.
  double seconds_waited() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::data
