#include "basewise/evaluate/evaluate.h"

#include <chrono>
#include <memory>

#include "basewise/core/error.h"
#include "basewise/evaluate/measure.h"

namespace basewise::evaluate {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Bases that a value of this target stands for, as the data set says.
template <class Dataset>
std::int64_t bases_per_value(const Dataset& dataset, const std::string& target) {
  if constexpr (requires { dataset.schema().find(target)->bin; }) {
    const auto* field = dataset.schema().find(target);
    return field && field->bin > 0 ? field->bin : 1;
  }
  return 1;
}

std::unique_ptr<Measure> measure_of(const HeadPlan& head, const EvaluationPlan& plan, const data::Dataset& dataset,
                                    const EvaluationExtras& extras) {
  MeasureOptions options{.head = head, .settings = plan.settings, .bases_per_value = bases_per_value(dataset, head.target)};
  options.settings.memory /= static_cast<std::int64_t>(plan.heads.size());
  options.ceiling = ceiling_name(head, dataset.schema());
  options.figures = extras.figures;
  if (extras.floors.contains(head.target)) options.floor = extras.floors.at(head.target);
  return measure_type(head.kind).make(options);
}

/// Figures of one more head. The page shows curves, loci and spreads of the first; of others what needs no place of its own.
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
  infer::predict_batches(dataset, score, plan.batches, [&](std::int64_t first, const Bundle& outputs, const Bundle& batch) {
    const auto predicted = Clock::now();
    for (const auto& measure : measures) measure->add(first, outputs, batch);
    seconds_metrics += seconds_since(predicted);
    if (extras.observe) extras.observe(outputs, batch);
  });
  EvaluationResult result;
  result.seconds_model = seconds_since(started) - seconds_metrics;
  const auto gathered = Clock::now();
  for (std::size_t h = 0; h < measures.size(); ++h) {
    const auto finish = [&] {
      Measured found = measures[h]->finish({score, dataset});
      found.head.examples = dataset->size();
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
