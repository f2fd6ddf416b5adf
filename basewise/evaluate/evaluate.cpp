#include "basewise/evaluate/evaluate.h"

#include <chrono>
#include <memory>

#include "basewise/core/error.h"
#include "basewise/data/several.h"
#include "basewise/evaluate/detail/target_field.h"
#include "basewise/evaluate/measure.h"

namespace basewise::evaluate {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::unique_ptr<Measure> measure_of(const HeadPlan& head, const EvaluationPlan& plan, const data::Dataset& dataset,
                                    const EvaluationExtras& extras) {
  MeasureOptions options{.head = head, .settings = plan.settings, .bases_per_value = detail::bases_per_value(dataset, head.target)};
  options.settings.memory /= static_cast<std::int64_t>(plan.heads.size());
  options.ceiling = ceiling_name(head, dataset.schema());
  options.figures = extras.figures;
  if (extras.floors.contains(head.target)) options.floor = extras.floors.at(head.target);
  return measure_type(head.kind).make(options);
}

/// Numbers of the heads whose target one of several data sets has; of all where there is only one.
std::vector<std::size_t> heads_of(const EvaluationPlan& plan, const data::Dataset& all, const data::Dataset& set) {
  std::vector<std::size_t> found;
  for (std::size_t h = 0; h < plan.heads.size(); ++h) {
    const HeadPlan& head = plan.heads[h];
    if (!detail::measured_by(all, all, head.target))
      throw ArgumentError(format("head '{}': none of the data sets has a '{}'", head.output, head.target));
    if (detail::measured_by(all, set, head.target)) found.push_back(h);
  }
  return found;
}

/// Figures of one more head. The page shows curves, loci and spreads of the first; of others what
/// needs no place of its own.
void add_figures(results::EvaluationFigures& figures, const std::string& head, results::EvaluationFigures other) {
  for (results::OutputFigures& f : other.outputs) {
    f.name = f.name == results::kPooled ? head : format("{} {}", head, f.name);
    if (f.density) figures.outputs.push_back(std::move(f));
  }
}

}  // namespace

EvaluationResult evaluate_heads(const ScoreFn& score, const data::DatasetPtr& dataset, const EvaluationPlan& plan,
                                const EvaluationExtras& extras) {
  std::vector<std::unique_ptr<Measure>> measures;
  for (const HeadPlan& head : plan.heads) measures.push_back(measure_of(head, plan, *dataset, extras));
  const auto started = Clock::now();
  double seconds_metrics = 0;
  std::int64_t done = 0;
  std::vector<std::int64_t> examples(plan.heads.size(), 0);
  for (const data::DatasetPtr& set : data::sets_of(dataset)) {
    const std::vector<std::size_t> heads = heads_of(plan, *dataset, *set);
    for (const std::size_t h : heads) examples[h] += set->size();
    infer::predict_batches(set, score, plan.batches, [&](std::int64_t first, const Bundle& outputs, const Bundle& batch) {
      const auto predicted = Clock::now();
      for (const std::size_t h : heads) measures[h]->add(done + first, outputs, batch);
      seconds_metrics += seconds_since(predicted);
      if (extras.observe) extras.observe(outputs, batch);
    });
    done += set->size();
  }
  EvaluationResult result;
  result.seconds_model = seconds_since(started) - seconds_metrics;
  const auto gathered = Clock::now();
  for (std::size_t h = 0; h < measures.size(); ++h) {
    const auto finish = [&] {
      Measured found = measures[h]->finish({score, dataset});
      found.head.examples = examples[h];
      measures[h].reset();
      if (h == 0)
        result.figures = std::move(found.figures);
      else
        add_figures(result.figures, found.head.output, std::move(found.figures));
      result.heads.push_back(std::move(found.head));
    };
    h == 0 ? finish() : with_context(format("head '{}'", plan.heads[h].output), finish);
  }
  result.seconds_metrics = seconds_metrics + seconds_since(gathered);
  return result;
}

EvaluationResult evaluate(const ScoreFn& score, const data::DatasetPtr& dataset, const EvaluateOptions& options,
                          const EvaluationExtras& extras) {
  return evaluate_heads(score, dataset, plan_of(options), extras);
}

}  // namespace basewise::evaluate
