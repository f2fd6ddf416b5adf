#include "basewise/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "basewise/train/detail/bounds.h"

namespace basewise::train {
namespace {

/// From `start` to `end` along half a cosine wave while x goes from 0 to 1.
double anneal(double start, double end, double x) { return end + (start - end) / 2 * (1 + std::cos(std::numbers::pi * x)); }

/// Value of a quantity that goes from `low` to `high` and down to `end` over one cycle.
double one_cycle(const ScheduleOptions& o, const SchedulePoint& p, double low, double high, double end) {
  const double step = static_cast<double>(std::min(p.step, p.total_steps - 1));
  const double top = o.rise * static_cast<double>(p.total_steps) - 1, last = static_cast<double>(p.total_steps - 1);
  if (step <= top) return top > 0 ? anneal(low, high, step / top) : high;
  return last > top ? anneal(high, end, (step - top) / (last - top)) : end;
}

double cosine(const ScheduleOptions& o, const SchedulePoint& p) {
  const double length = static_cast<double>(std::max<std::int64_t>(1, p.total_steps - 1 - o.warmup_steps));
  const double x = static_cast<double>(std::max<std::int64_t>(0, p.step - o.warmup_steps)) / length;
  return anneal(1, o.minimum, std::min(1.0, x));
}

double cyclical(const ScheduleOptions& o, const SchedulePoint& p) {
  const double half = static_cast<double>(o.half_cycle), step = static_cast<double>(p.step);
  const double cycle = std::floor(step / (2 * half)), share = std::abs(step / half - 2 * cycle - 1);
  if (o.cycles > 0 && cycle >= static_cast<double>(o.cycles)) return 1 / (o.start_divisor * o.end_divisor);
  return share / o.start_divisor + (1 - share);
}

double base_factor(const ScheduleOptions& o, const SchedulePoint& p) {
  const std::int64_t epoch = p.step / std::max<std::int64_t>(1, p.steps_per_epoch);
  switch (o.name) {
    case ScheduleKind::step:
      return std::pow(o.factor, static_cast<double>(epoch / o.every));
    case ScheduleKind::exponential:
      return std::pow(o.factor, static_cast<double>(epoch));
    case ScheduleKind::cosine:
      return cosine(o, p);
    case ScheduleKind::one_cycle:
      return one_cycle(o, p, 1 / o.start_divisor, 1, 1 / (o.start_divisor * o.end_divisor));
    case ScheduleKind::cyclical:
      return cyclical(o, p);
    case ScheduleKind::constant:
    case ScheduleKind::plateau:
    case ScheduleKind::stall:
      break;
  }
  return 1;
}

}  // namespace

void describe(Visitor& v, ScheduleOptions& o) {
  using enum ScheduleKind;
  v("name", o.name, "course of the learning rate");
  v.when("name", o.name, {constant, step, exponential, plateau, stall, cosine, cyclical},
         [&] { v("warmup_steps", o.warmup_steps, "optimiser steps of linear rise from 0 at the start", non_negative()); });
  v.when("name", o.name, {step}, [&] { v("every", o.every, "epochs between two cuts", at_least(1)); });
  v.when("name", o.name, {step, plateau, stall, exponential},
         [&] { v("factor", o.factor, "of a cut; exponential: per epoch", detail::share_above_zero()); });
  v.when("name", o.name, {plateau}, [&] { v("patience", o.patience, "validations without improvement before a cut", non_negative()); });
  v.when("name", o.name, {plateau, stall}, [&] {
    v("threshold", o.threshold, "plateau: an improvement counts if it is larger than this; stall: less than this is a cut", non_negative());
    v("threshold_mode", o.threshold_mode, "what the threshold is");
    v("most_cuts", o.most_cuts, "cuts at most; 0: any number", non_negative());
  });
  v.when("name", o.name, {cosine, plateau, stall}, [&] { v("minimum", o.minimum, "the factor never falls below this", fraction()); });
  v.when("name", o.name, {one_cycle}, [&] { v("rise", o.rise, "share of the steps during which the rate rises", fraction()); });
  v.when("name", o.name, {cyclical}, [&] {
    v("half_cycle", o.half_cycle, "optimiser steps of one rise, and of one fall", at_least(1));
    v("cycles", o.cycles, "how many, before the last rate; 0: to the end of training", non_negative());
  });
  v.when("name", o.name, {one_cycle, cyclical}, [&] {
    v("start_divisor", o.start_divisor, "the first rate is learning_rate divided by this", at_least(1));
    v("end_divisor", o.end_divisor, "the last rate is the first rate divided by this", at_least(1));
  });
  v.when("name", o.name, {one_cycle}, [&] {
    v("cycle_momentum", o.cycle_momentum, "momentum (adam: beta1) falls while the rate rises and rises again after");
    v.when("cycle_momentum", o.cycle_momentum, true, [&] {
      v("momentum_low", o.momentum_low, "momentum at the highest rate", fraction());
      v("momentum_high", o.momentum_high, "momentum at the first and the last step", fraction());
    });
  });
}

double schedule_factor(const ScheduleOptions& options, const SchedulePoint& point) {
  double factor = base_factor(options, point);
  if (options.name != ScheduleKind::one_cycle && point.step < options.warmup_steps) {
    factor *= static_cast<double>(point.step + 1) / static_cast<double>(options.warmup_steps);
  }
  return factor;
}

std::optional<double> schedule_momentum(const ScheduleOptions& options, const SchedulePoint& point) {
  if (options.name != ScheduleKind::one_cycle || !options.cycle_momentum) return std::nullopt;
  return one_cycle(options, point, options.momentum_high, options.momentum_low, options.momentum_high);
}

void Plateau::observe(double value, bool higher_is_better) {
  if (options_.name != ScheduleKind::plateau || std::isnan(value)) return;
  const double share = state_.best && options_.threshold_mode == ThresholdMode::relative ? std::abs(*state_.best) : 1;
  const double margin = share * options_.threshold;
  const bool improved =
      std::isfinite(value) && (!state_.best || (higher_is_better ? value > *state_.best + margin : value < *state_.best - margin));
  if (improved) {
    state_.best = value;
    state_.without_improvement = 0;
  } else if (++state_.without_improvement > options_.patience) {
    cut();
    state_.without_improvement = 0;
  }
}

void Plateau::observe_training(double loss) {
  if (options_.name != ScheduleKind::stall || !std::isfinite(loss)) return;
  if (state_.best) {
    const double share = options_.threshold_mode == ThresholdMode::relative ? std::abs(*state_.best) : 1;
    if (*state_.best - loss < share * options_.threshold) cut();
  }
  state_.best = loss;
}

void Plateau::cut() {
  if (options_.most_cuts > 0 && state_.cuts >= options_.most_cuts) return;
  state_.factor = std::max(options_.minimum, state_.factor * options_.factor);
  ++state_.cuts;
}

}  // namespace basewise::train
