// The learning rate over training.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "basewise/core/options.h"

namespace basewise::train {

/// Courses of the learning rate; formulas: `schedule_factor`.
enum class ScheduleKind { constant, step, exponential, plateau, cosine, one_cycle };
constexpr auto words_of(ScheduleKind) {
  return words<ScheduleKind>({{ScheduleKind::constant, "constant"},
                              {ScheduleKind::step, "step", "a cut every few epochs"},
                              {ScheduleKind::exponential, "exponential", "a cut every epoch"},
                              {ScheduleKind::plateau, "plateau", "a cut when validation stops improving"},
                              {ScheduleKind::cosine, "cosine", "falls along half a wave"},
                              {ScheduleKind::one_cycle, "one_cycle", "rises, then falls"}});
}

/// What the threshold of a plateau is measured in.
enum class ThresholdMode { relative, absolute };
constexpr auto words_of(ThresholdMode) {
  return words<ThresholdMode>({{ThresholdMode::relative, "relative", "a share of the best value"},
                               {ThresholdMode::absolute, "absolute", "the units of the value"}});
}

struct ScheduleOptions {
  ScheduleKind name = ScheduleKind::constant;
  std::int64_t warmup_steps = 0;   ///< steps of linear rise from 0; not for one_cycle
  std::int64_t every = 10;         ///< step: epochs between two cuts
  double factor = 0.1;             ///< step, plateau: the cut; exponential: the cut per epoch
  std::int64_t patience = 5;       ///< plateau: validations without improvement before a cut
  double threshold = 1e-4;         ///< plateau: improvement that counts must exceed this
  ThresholdMode threshold_mode = ThresholdMode::relative;
  double minimum = 0;              ///< floor of the factor: cosine ends here, plateau stops here
  double rise = 0.3;               ///< one_cycle: share of the steps spent rising
  double start_divisor = 25;       ///< one_cycle: the first rate is the highest one divided by this
  double end_divisor = 1e4;        ///< one_cycle: the last rate is the first one divided by this
  bool cycle_momentum = false;     ///< one_cycle: momentum (beta1) falls while the rate rises
  double momentum_low = 0.85;
  double momentum_high = 0.95;
};
void describe(Visitor& v, ScheduleOptions& o);

/// Where training stands: `step` counts optimiser steps from 0.
struct SchedulePoint {
  std::int64_t step = 0;
  std::int64_t total_steps = 1;
  std::int64_t steps_per_epoch = 1;
};

/// Factor on the learning rate as a pure function of the point; `plateau` counts as constant here.
///
/// With e = floor(step / steps_per_epoch) and x = step / (total_steps - 1):
/// * constant: 1
/// * step: factor^floor(e / every)
/// * exponential: factor^e
/// * cosine: minimum + (1 - minimum) (1 + cos(pi x')) / 2, x' counted from the end of the warm-up
///   (Loshchilov and Hutter 2017)
/// * one_cycle: cosine rise from 1 / start_divisor to 1 during `rise` of the steps, cosine fall to
///   1 / (start_divisor end_divisor) (Smith and Topin 2018; the phases end at
///   rise * total_steps - 1 and total_steps - 1, as in PyTorch's OneCycleLR)
/// Warm-up multiplies by (step + 1) / warmup_steps while that is below 1.
double schedule_factor(const ScheduleOptions& options, const SchedulePoint& point);

/// Momentum of the one-cycle schedule, nothing for any other or without `cycle_momentum`.
std::optional<double> schedule_momentum(const ScheduleOptions& options, const SchedulePoint& point);

/// The part of a schedule that remembers: cuts the rate when the validation value stops improving.
class Plateau {
 public:
  explicit Plateau(const ScheduleOptions& options) : options_(options) {}

  /// Tells one validation value; `higher_is_better` is its direction.
  /// A value that is not a number is no improvement.
  void observe(double value, bool higher_is_better);

  /// Factor on the learning rate; 1 unless the schedule is `plateau`.
  double factor() const { return state_.factor; }

  struct State {
    double factor = 1;
    std::optional<double> best;
    std::int64_t without_improvement = 0;
  };
  const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

 private:
  ScheduleOptions options_;
  State state_;
};

}  // namespace basewise::train
