#include "basewise/data/detail/loader_order.h"

#include "basewise/core/error.h"

namespace basewise::data::detail {

OrderPtr order_of(const Dataset& set, const LoaderOptions& o) {
  const OrderOptions options{.batch_size = o.batch_size,
                             .shuffle = o.shuffle,
                             .drop_last = o.drop_last,
                             .batches_per_epoch = o.batches_per_epoch,
                             .seed = o.seed};
  const std::vector<std::int64_t> sets = set.set_sizes();
  if (sets.size() > 1 && o.sampling != Sampling::all)
    throw ArgumentError(
        format("sampling is {}, but {} data sets take turns; they are drawn with sampling = \"all\"", o.sampling, sets.size()));
  if (sets.size() > 1) return sets_in_turn(sets, o.turns, options);
  switch (o.sampling) {
    case Sampling::all:
      return passes(set.size(), options);
    case Sampling::streams:
      return parallel_streams(set.stretches(), options);
    case Sampling::balanced:
      break;
  }
  std::vector<std::int64_t> positives, negatives;
  for (std::int64_t i = 0; i < set.size(); ++i) (set.positive(i) ? positives : negatives).push_back(i);
  return balanced(std::move(positives), std::move(negatives), o.positive_fraction, options);
}

}  // namespace basewise::data::detail
