// Which epoch is the best one, and when to stop waiting for a better one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "basewise/core/options.h"

namespace basewise::train {

struct SelectionOptions {
  std::string metric = "loss";  ///< validation value that decides
  std::int64_t patience = 0;    ///< validations without improvement before training stops; 0: never stops early
  double min_delta = 0;         ///< smallest change that counts as an improvement
  bool keep_best = true;        ///< the final weights are those of the best validation, not the last ones
};
void describe(Visitor& v, SelectionOptions& o);

/// Watches one validation value.
class Selection {
 public:
  /// `higher_is_better`: direction of the metric.
  Selection(SelectionOptions options, bool higher_is_better) : options_(std::move(options)), higher_is_better_(higher_is_better) {}

  /// Tells the value of an epoch; true if it is the best so far. A value that is not a number never is.
  bool observe(double value, std::int64_t epoch);

  /// True when `patience` validations in a row brought no improvement.
  bool exhausted() const { return options_.patience > 0 && state_.without_improvement >= options_.patience; }

  bool higher_is_better() const { return higher_is_better_; }

  struct State {
    std::optional<double> best;
    std::int64_t best_epoch = -1;
    std::int64_t without_improvement = 0;
  };
  const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

 private:
  SelectionOptions options_;
  bool higher_is_better_;
  State state_;
};

}  // namespace basewise::train
