// The learning rate over training.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "basewise/core/options.h"

namespace basewise::train {

/// Courses of the learning rate; formulas: `schedule_factor`.
enum class ScheduleKind { constant, step, exponential, plateau, stall, cosine, one_cycle, cyclical };
constexpr auto words_of(ScheduleKind) {
  return words<ScheduleKind>({{ScheduleKind::constant, "constant"},
                              {ScheduleKind::step, "step", "a cut every few epochs"},
                              {ScheduleKind::exponential, "exponential", "a cut every epoch"},
                              {ScheduleKind::plateau, "plateau", "a cut when validation stops improving"},
                              {ScheduleKind::stall, "stall", "a cut when the training loss falls too little"},
                              {ScheduleKind::cosine, "cosine", "falls along half a wave"},
                              {ScheduleKind::one_cycle, "one_cycle", "rises, then falls"},
                              {ScheduleKind::cyclical, "cyclical", "rises and falls in straight lines, again and again"}});
}

/// What the threshold of plateau and stall is measured in.
enum class ThresholdMode { relative, absolute };
constexpr auto words_of(ThresholdMode) {
  return words<ThresholdMode>({{ThresholdMode::relative, "relative", "a share of the value before"},
                               {ThresholdMode::absolute, "absolute", "the units of the value"}});
}

struct ScheduleOptions {
  ScheduleKind name = ScheduleKind::constant;
  std::int64_t warmup_steps = 0;   ///< steps of linear rise from 0; not for one_cycle
  std::int64_t every = 10;         ///< step: epochs between two cuts
  double factor = 0.1;             ///< step, plateau, stall: the cut; exponential: the cut per epoch
  std::int64_t patience = 5;       ///< plateau: validations without improvement before a cut
  double threshold = 1e-4;         ///< plateau: improvement that counts must exceed this; stall: reach this
  ThresholdMode threshold_mode = ThresholdMode::relative;
  std::int64_t most_cuts = 0;      ///< plateau, stall: cuts at most; 0: any number
  double minimum = 0;              ///< floor of the factor: cosine ends here, plateau and stall stop here
  double rise = 0.3;               ///< one_cycle: share of the steps spent rising
  double start_divisor = 25;       ///< one_cycle, cyclical: the first rate is the highest one divided by this
  double end_divisor = 1e4;        ///< one_cycle, cyclical with an end: the last rate is the first one divided by this
  std::int64_t half_cycle = 1000;  ///< cyclical: steps of one rise, and of one fall
  std::int64_t cycles = 0;         ///< cyclical: how many; then the last rate. 0: to the end of training
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

/// Factor on the learning rate as a pure function of the point;
/// `plateau` and `stall` count as constant here.
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
/// * cyclical: with c = floor(step / (2 half_cycle)) and h = |step / half_cycle - 2 c - 1|,
///   h / start_divisor + (1 - h); from cycle `cycles` on 1 / (start_divisor end_divisor) (Smith
///   2017, triangular)
/// Warm-up multiplies by (step + 1) / warmup_steps while that is below 1.
double schedule_factor(const ScheduleOptions& options, const SchedulePoint& point);

/// Momentum of the one-cycle schedule, nothing for any other or without `cycle_momentum`.
std::optional<double> schedule_momentum(const ScheduleOptions& options, const SchedulePoint& point);

/// The part of a schedule that remembers: `plateau` cuts the rate when the validation value stops
/// improving, `stall` when an epoch brings the training loss down by less than a threshold.
class Plateau {
 public:
  explicit Plateau(const ScheduleOptions& options) : options_(options) {}

  /// Tells one validation value; `higher_is_better` is its direction.
  /// A value that is not a number is no improvement. Means nothing to other schedules than plateau.
  void observe(double value, bool higher_is_better);

  /// Tells the training loss of an epoch: `stall` cuts where (before - loss), with a relative
  /// threshold by |before|, is below the threshold. The first loss is no cut.
  /// Means nothing to other schedules.
  void observe_training(double loss);

  /// Factor on the learning rate; 1 unless the schedule is `plateau` or `stall`.
  double factor() const { return state_.factor; }

  struct State {
    double factor = 1;
    std::optional<double> best;  ///< of stall: the loss before
    std::int64_t without_improvement = 0;
    std::int64_t cuts = 0;
  };
  const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

 private:
  void cut();

  ScheduleOptions options_;
  State state_;
};

}  // namespace basewise::train
