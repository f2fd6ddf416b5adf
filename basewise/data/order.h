// Which examples make which batch: passes, balanced draws, several data sets in turn,
// parallel streams of segments.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "basewise/core/choice.h"

namespace basewise::data {

/// One example of a batch.
struct Draw {
  std::int64_t example = 0;
  std::int64_t pass = 0;  ///< over its set: an example that comes twice in an epoch is drawn anew (augmentation) in its second pass
};

/// The batches of one epoch, or of a part of it.
struct EpochOrder {
  struct Batch {
    std::int64_t first = 0;  ///< draws [first, last)
    std::int64_t last = 0;
    std::int64_t set = 0;  ///< which of several data sets all of them are of
  };
  std::vector<Draw> draws;
  std::vector<Batch> batches;
  std::vector<bool> restarts;  ///< with streams, one per draw: nothing that came before in this row belongs to it
};

/// The order in which the examples of a data set come. An epoch is a pure function of its number.
class Order {
 public:
  virtual ~Order() = default;

  /// Batches in every epoch.
  virtual std::int64_t batches() const = 0;

  /// Batches [first, last) of an epoch; the draws count from the first of them. However an epoch is
  /// cut into parts, its batches are the same.
  virtual EpochOrder part(std::int64_t epoch, std::int64_t first, std::int64_t last) const = 0;

  /// Batches that are worth making at once: memory grows with the set, not with the epoch.
  virtual std::int64_t part_batches() const = 0;

  /// All batches of an epoch.
  EpochOrder epoch(std::int64_t number) const { return part(number, 0, batches()); }
};
using OrderPtr = std::shared_ptr<const Order>;

struct OrderOptions {
  std::int64_t batch_size = 64;
  bool shuffle = true;                 ///< in another order in each pass, drawn from (seed, pass)
  bool drop_last = false;              ///< leave out a last batch that is not full
  std::int64_t batches_per_epoch = 0;  ///< 0: an epoch is one pass, or near it; else so many full batches, in passes that go on
  std::uint64_t seed = 0;
};

/// Every example once in each pass.
/// Errors: ArgumentError for an empty set if `batches_per_epoch` asks for batches.
OrderPtr passes(std::int64_t examples, const OrderOptions& options);

/// In each pass every positive once and every s-th negative, evenly interleaved (see `Loader`).
/// Batches are full.
/// Errors: ArgumentError unless there are both.
OrderPtr balanced(std::vector<std::int64_t> positives, std::vector<std::int64_t> negatives, double positive_fraction,
                  const OrderOptions& options);

/// How often each of several data sets has its turn.
enum class Turns {
  by_size,  ///< as its size asks for, so that all end their passes together
  equally,  ///< as often as every other: a small set comes again sooner
};
constexpr auto words_of(Turns) {
  return words<Turns>({{Turns::by_size, "by_size", "all end their passes together"},
                       {Turns::equally, "equally", "a small set comes again sooner"}});
}

/// Data sets of `sizes` examples that are numbered one after the other. Every batch is of one set
/// and full; the sets take turns, as evenly as their numbers of batches allow, and each goes on
/// with its own passes from epoch to epoch. Without `batches_per_epoch` an epoch is one pass over
/// the largest set, rounded to whole batches.
/// Errors: ArgumentError for an empty set.
OrderPtr sets_in_turn(std::vector<std::int64_t> sizes, Turns turns, const OrderOptions& options);

/// Streams for models with a memory: row k of a batch goes on where row k of the batch before
/// ended.
///
/// `stretches` are the lengths of rows of examples that follow each other without a gap (tiles of
/// one strand of a chromosome), numbered one after the other. A pass puts the stretches in a row,
/// in an order of its own with `shuffle`, and cuts it into `batch_size` streams whose lengths
/// differ by one at most. `restarts` marks where a stream begins and where it goes over to another
/// stretch. A last batch has fewer rows, the first ones, unless it is dropped; with
/// `batches_per_epoch` it always is.
/// Errors: ArgumentError for no examples.
OrderPtr parallel_streams(std::vector<std::int64_t> stretches, const OrderOptions& options);

}  // namespace basewise::data
