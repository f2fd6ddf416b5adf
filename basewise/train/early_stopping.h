// Which epoch is the best one, by one value or several, and when to stop waiting for a better one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/train/log_table.h"

namespace basewise::train {

struct SelectionOptions {
  std::string metric = "loss";         ///< validation value, or a sum of some, that decides which epoch is best
  std::string stop_metric = {};        ///< validation value that patience waits for; empty: `metric`
  std::int64_t patience = 0;           ///< validations without improvement before training stops; 0: never stops early
  std::int64_t min_epochs = 0;         ///< patience ends no training before this many epochs
  double min_delta = 0;                ///< smallest change of the value that patience waits for that counts as an improvement
  bool keep_best = true;               ///< the final weights are those of the best validation, not the last ones
  std::vector<std::string> also = {};  ///< further validation values whose best weights are kept beside the final ones
};
void describe(Visitor& v, SelectionOptions& o);

/// What patience waits for.
const std::string& stop_metric(const SelectionOptions& options);

/// Every validation value that the options name, each once; of sums the values that are added.
std::vector<std::string> watched_values(const SelectionOptions& options);

/// Direction of a validation value by name.
using HigherIsBetter = std::function<bool(const std::string& metric)>;

/// A validation value, or a sum: "pearson + 0.25 * r2".
/// A sum with a value that is not a number is none.
/// Errors: ArgumentError for one that is not there.
double selected_value(const NamedValues& values, const std::string& metric);

/// Its direction; without `higher_is_better` lower values are better.
/// Errors: ArgumentError for a sum of values with different directions, and a factor that is not
/// positive.
bool selected_direction(const HigherIsBetter& higher_is_better, const std::string& metric);

/// Watches one validation value.
class Watch {
 public:
  explicit Watch(bool higher_is_better, double min_delta = 0) : higher_is_better_(higher_is_better), min_delta_(min_delta) {}

  /// Tells the value of an epoch; true if it is the best so far. One that is not a number (a metric
  /// that is not defined) says nothing: it neither is the best nor counts as an epoch without
  /// improvement. An infinite one does count.
  bool observe(double value, std::int64_t epoch);

  struct State {
    std::optional<double> best = {};
    std::int64_t best_epoch = -1;
    std::int64_t without_improvement = 0;
  };
  const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

 private:
  bool higher_is_better_;
  double min_delta_;
  State state_;
};

/// Watches what `SelectionOptions` names.
class Selection {
 public:
  /// Without `higher_is_better` lower values are better.
  explicit Selection(SelectionOptions options, const HigherIsBetter& higher_is_better = {});

  struct Improved {
    bool best = false;                   ///< this epoch is the best by `metric`
    std::vector<std::string> also = {};  ///< and by these of `also`
  };
  /// Tells the validation values of an epoch.
  /// Errors: ArgumentError for a value that is not among them.
  Improved observe(const NamedValues& values, std::int64_t epoch);

  /// True when `patience` validations in a row, those without a value left out, brought no
  /// improvement of the value that it waits for, and `min_epochs` of `epochs` are done.
  bool exhausted(std::int64_t epochs) const {
    return options_.patience > 0 && epochs >= options_.min_epochs && stop_.state().without_improvement >= options_.patience;
  }

  struct State {
    Watch::State best = {};
    Watch::State stop = {};
    std::vector<std::pair<std::string, Watch::State>> also = {};
  };
  State state() const;
  /// Errors: StateError where a value of `also` has no state.
  void set_state(const State& state);

 private:
  SelectionOptions options_;
  Watch best_;
  Watch stop_;
  std::vector<std::pair<std::string, Watch>> also_ = {};
};

}  // namespace basewise::train
