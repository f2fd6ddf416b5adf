#include "basewise/train/early_stopping.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "basewise/core/error.h"

namespace basewise::train {
namespace {

/// What is added: a value by name, times a factor.
struct Term {
  double factor = 1;
  std::string name;
};

/// Errors: ArgumentError for a factor that is no positive number.
Term term_of(std::string_view text, const std::string& sum) {
  const auto star = text.find(" * ");
  if (star == std::string_view::npos) return {1, std::string(text)};
  const std::string_view number = text.substr(0, star);
  double factor = 0;
  const auto [end, error] = std::from_chars(number.begin(), number.end(), factor);
  if (error != std::errc() || end != number.end() || !std::isfinite(factor) || factor <= 0)
    throw ArgumentError(format("train.select '{}': '{}' is no positive number to multiply with", sum, number));
  return {factor, std::string(text.substr(star + 3))};
}

std::vector<Term> terms_of(const std::string& metric) {
  std::vector<Term> terms;
  std::string_view rest = metric;
  for (auto plus = rest.find(" + "); plus != std::string_view::npos; plus = rest.find(" + ")) {
    terms.push_back(term_of(rest.substr(0, plus), metric));
    rest.remove_prefix(plus + 3);
  }
  terms.push_back(term_of(rest, metric));
  return terms;
}

Watch watch_of(const HigherIsBetter& higher_is_better, const std::string& metric, double min_delta) {
  return Watch(selected_direction(higher_is_better, metric), min_delta);
}

}  // namespace

void describe(Visitor& v, SelectionOptions& o) {
  v("metric", o.metric, "validation value that decides which epoch is best: loss, a metric of [evaluate] such as auroc, mean.auroc, or "
    "a sum: pearson + 0.25 * r2");
  v("stop_metric", o.stop_metric, "validation value that patience and the schedule plateau wait for; empty: metric");
  v("patience", o.patience, "validations without improvement before training stops; 0: never stops early", non_negative());
  v("min_epochs", o.min_epochs, "patience ends no training before this many epochs", non_negative());
  v("min_delta", o.min_delta, "smallest change of the value that patience waits for that counts as an improvement", non_negative());
  v("keep_best", o.keep_best, "the final weights are those of the best validation instead of the last ones");
  v("also", o.also, "further validation values whose best weights are kept, as weights.<value>.safetensors");
}

const std::string& stop_metric(const SelectionOptions& options) {
  return options.stop_metric.empty() ? options.metric : options.stop_metric;
}

std::vector<std::string> watched_values(const SelectionOptions& options) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const std::string& metric : {options.metric, stop_metric(options)})
    for (const Term& term : terms_of(metric)) add(term.name);
  for (const std::string& name : options.also) add(name);
  return names;
}

double selected_value(const NamedValues& values, const std::string& metric) {
  double sum = 0;
  for (const Term& term : terms_of(metric)) sum += term.factor * value_of(values, term.name);
  return sum;
}

bool selected_direction(const HigherIsBetter& higher_is_better, const std::string& metric) {
  const std::vector<Term> terms = terms_of(metric);
  const auto higher = [&](const Term& term) { return higher_is_better && higher_is_better(term.name); };
  for (const Term& term : terms)
    if (higher(term) != higher(terms.front()))
      throw ArgumentError(format("train.select '{}': of {} and {} one is better when it is higher, the other when it is lower", metric,
                                 terms.front().name, term.name));
  return higher(terms.front());
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
  improved.best = best_.observe(selected_value(values, options_.metric), epoch);
  stop_.observe(selected_value(values, stop_metric(options_)), epoch);
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
