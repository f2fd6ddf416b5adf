#include "basewise/train/early_stopping.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"

namespace basewise::train {
namespace {

Watch watch_of(const HigherIsBetter& higher_is_better, const std::string& metric, double min_delta) {
  return Watch(higher_is_better && higher_is_better(metric), min_delta);
}

}  // namespace

void describe(Visitor& v, SelectionOptions& o) {
  v("metric", o.metric, "validation value that decides which epoch is best: loss, or a metric of [evaluate] such as auroc, mean.auroc");
  v("stop_metric", o.stop_metric, "validation value that patience and the schedule plateau wait for; empty: metric");
  v("patience", o.patience, "validations without improvement before training stops; 0: never stops early", non_negative());
  v("min_delta", o.min_delta, "smallest change of the value that patience waits for that counts as an improvement", non_negative());
  v("keep_best", o.keep_best, "the final weights are those of the best validation instead of the last ones");
  v("also", o.also, "further validation values whose best weights are kept, as weights.<value>.safetensors");
}

const std::string& stop_metric(const SelectionOptions& options) {
  return options.stop_metric.empty() ? options.metric : options.stop_metric;
}

std::vector<std::string> watched_values(const SelectionOptions& options) {
  std::vector<std::string> names{options.metric};
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  add(stop_metric(options));
  for (const std::string& name : options.also) add(name);
  return names;
}

bool Watch::observe(double value, std::int64_t epoch) {
  if (std::isnan(value)) return false;
  const bool better =
      std::isfinite(value) && (!state_.best || (higher_is_better_ ? value > *state_.best + min_delta_ : value < *state_.best - min_delta_));
  if (better) {
    state_ = {.best = value, .best_epoch = epoch, .without_improvement = 0};
  } else {
    ++state_.without_improvement;
  }
  return better;
}

// The smallest change is one of the value that patience waits for: where the best epoch is chosen
// by another, every change counts there.
Selection::Selection(SelectionOptions options, const HigherIsBetter& higher_is_better)
    : options_(std::move(options)),
      best_(watch_of(higher_is_better, options_.metric, stop_metric(options_) == options_.metric ? options_.min_delta : 0)),
      stop_(watch_of(higher_is_better, stop_metric(options_), options_.min_delta)) {
  for (const std::string& name : options_.also) also_.emplace_back(name, watch_of(higher_is_better, name, 0));
}

Selection::Improved Selection::observe(const NamedValues& values, std::int64_t epoch) {
  Improved improved;
  improved.best = best_.observe(value_of(values, options_.metric), epoch);
  stop_.observe(value_of(values, stop_metric(options_)), epoch);
  for (auto& [name, watch] : also_)
    if (watch.observe(value_of(values, name), epoch)) improved.also.push_back(name);
  return improved;
}

Selection::State Selection::state() const {
  State state{.best = best_.state(), .stop = stop_.state()};
  for (const auto& [name, watch] : also_) state.also.emplace_back(name, watch.state());
  return state;
}

void Selection::set_state(const State& state) {
  best_.set_state(state.best);
  stop_.set_state(state.stop);
  for (auto& [name, watch] : also_) {
    const auto saved = std::find_if(state.also.begin(), state.also.end(), [&, &wanted = name](const auto& s) { return s.first == wanted; });
    if (saved == state.also.end()) throw StateError(format("the saved state watches no value '{}'", name));
    watch.set_state(saved->second);
  }
}

}  // namespace basewise::train
