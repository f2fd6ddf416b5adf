#include "basewise/train/early_stopping.h"

#include <cmath>

namespace basewise::train {

void describe(Visitor& v, SelectionOptions& o) {
  v("metric", o.metric, "validation value that decides which epoch is best: loss, or a metric of [evaluate]");
  v("patience", o.patience, "validations without improvement before training stops; 0: never stops early", non_negative());
  v("min_delta", o.min_delta, "smallest change of the value that counts as an improvement", non_negative());
  v("keep_best", o.keep_best, "the final weights are those of the best validation instead of the last ones");
}

bool Selection::observe(double value, std::int64_t epoch) {
  const bool better = std::isfinite(value) && (!state_.best || (higher_is_better_ ? value > *state_.best + options_.min_delta
                                                                                  : value < *state_.best - options_.min_delta));
  if (better) {
    state_ = {.best = value, .best_epoch = epoch, .without_improvement = 0};
  } else {
    ++state_.without_improvement;
  }
  return better;
}

}  // namespace basewise::train
