// Random changes of training examples: the other strand, and sequences that move against their
// targets.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/data/dataset.h"

namespace basewise::data {

/// How long what was drawn holds.
enum class AugmentPer { sequence, batch, epoch };
constexpr auto words_of(AugmentPer) {
  return words<AugmentPer>({{AugmentPer::sequence, "sequence", "strand and shift are drawn for each example"},
                            {AugmentPer::batch, "batch", "they are drawn once for all examples of a batch, as Basenji does since 2018"},
                            {AugmentPer::epoch, "epoch",
                             "every second epoch is seen from the other strand, and shifts follow each other, as Basenji did in 2017"}});
}

struct AugmentOptions {
  double reverse_complement = 0;  ///< probability that a training example is seen from the other strand
  std::int64_t jitter = 0;        ///< genome windows: centre moves by up to this many bases; sequences: cut so many from both ends
  bool random = true;             ///< false: training examples as those of evaluation, neither moved nor turned
  AugmentPer per = AugmentPer::sequence;
  std::int64_t shift = 0;                 ///< the sequence moves by up to so many bases, its targets stay
  std::vector<std::int64_t> shifts = {};  ///< per epoch: bases that it moves by, one after the other
};
void describe(Visitor& v, AugmentOptions& o);

/// The examples turned and moved as the options say, first the one and then the other: for each
/// example (`get`, `write`), for a batch (`finish_batch`) or for an epoch (`at_epoch`; without it
/// epoch 0). A pure function of the streams and numbers that these are given.
/// Errors: ArgumentError for a shift as long as the sequence, and where there is no sequence.
DatasetPtr augmented(DatasetPtr dataset, const AugmentOptions& options);

}  // namespace basewise::data
