// Values against values: every output is a column of numbers beside the column of its target.
#include "basewise/evaluate/detail/value_measure.h"

#include <algorithm>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/evaluate/detail/figures.h"
#include "basewise/evaluate/detail/loci.h"
#include "basewise/evaluate/detail/outputs.h"
#include "basewise/evaluate/detail/pair_store.h"

namespace basewise::evaluate::detail {
namespace {

MeasureOptions without_places(MeasureOptions options) {
  options.head.tolerances.clear();
  options.figures = false;
  return options;
}

class ValueMeasure final : public Measure {
 public:
  explicit ValueMeasure(const MeasureOptions& options) : options_(options), pairs_(options, 1) {}

  void add(std::int64_t first, const Bundle& outputs, const Bundle& batch) override;
  void merge(Measure& other) override;
  Measured finish(const Source& source) override;
  std::int64_t bytes() const override {
    return pairs_.bytes() + (second_ ? second_->bytes() : 0) + static_cast<std::int64_t>(rows_.size() * sizeof(ExampleRow));
  }

 private:
  void start(const Bundle& outputs);
  void add_figures(Measured& found, const std::vector<std::string>& names, const Source& source);
  results::OutputFigures figures_of(std::size_t output, const std::string& name, const results::OutputEvaluation& values) const;

  MeasureOptions options_;
  PairStore pairs_;
  std::optional<PairStore> second_;  // what measures the target a second time, in place of the prediction
  std::vector<ExampleRow> rows_;     // only for figures along the sequence
};

void ValueMeasure::start(const Bundle& outputs) {
  options_.head.output = head_name(options_.head.output, outputs);
  if (options_.ceiling.empty()) return;
  pairs_ = PairStore(options_, 0.5);
  second_.emplace(without_places(options_), 0.5);
}

void ValueMeasure::add(std::int64_t first, const Bundle& outputs, const Bundle& batch) {
  if (pairs_.outputs() == 0) start(outputs);
  const PairBatch pairs(options_.head.output, options_.head.target, outputs, batch);
  pairs_.add(first, pairs);
  if (second_) second_->add(first, PairBatch(options_.ceiling, options_.head.target, batch, batch));
  if (!options_.figures || !pairs.along()) return;
  for (std::int64_t n = 0; n < pairs.examples(); ++n) rows_.push_back(row_of(pairs, n, first + n, options_.bases_per_value));
}

void ValueMeasure::merge(Measure& other) {
  auto* values = dynamic_cast<ValueMeasure*>(&other);
  if (!values) throw ArgumentError("values are merged with another kind of measure");
  if (pairs_.outputs() == 0) {
    std::swap(*this, *values);
    return;
  }
  pairs_.merge(std::move(values->pairs_));
  if (second_ && values->second_) second_->merge(std::move(*values->second_));
  rows_.insert(rows_.end(), values->rows_.begin(), values->rows_.end());
  std::sort(rows_.begin(), rows_.end(), [](const ExampleRow& a, const ExampleRow& b) { return a.example < b.example; });
}

results::OutputFigures ValueMeasure::figures_of(std::size_t output, const std::string& name,
                                                const results::OutputEvaluation& values) const {
  results::OutputFigures figures;
  pairs_.with_view(output, [&](const PairStore::View& view) {
    figures = detail::figures_of(name, values.counts.examples, view, pairs_.binary(), options_.head.scale);
  });
  return figures;
}

/// Figures of the outputs that are shown, and tracks;
/// those of all pooled are added once these are one column.
void ValueMeasure::add_figures(Measured& found, const std::vector<std::string>& names, const Source& source) {
  results::EvaluationFigures& figures = found.figures;
  figures.binary = pairs_.binary();
  auto shown = outputs_to_show(found.head.outputs);
  figures.left_out = static_cast<std::int64_t>(names.size() - shown.size());
  for (const std::size_t c : shown) figures.outputs.push_back(figures_of(c, names[c], found.head.outputs[c]));
  if (!pairs_.along()) return;
  std::sort(shown.begin(), shown.end());
  for (const std::size_t c : shown) figures.channels.push_back(names[c]);
  figures.loci = choose_loci(rows_, {.source = source,
                                     .head = options_.head,
                                     .channels = shown,
                                     .probability = figures.binary && options_.head.scale == metrics::ScoreScale::logit,
                                     .bases_per_value = options_.bases_per_value});
}

Measured ValueMeasure::finish(const Source& source) {
  Measured found;
  results::HeadEvaluation& head = found.head;
  head.output = options_.head.output;
  head.target = options_.head.target;
  head.per_base = pairs_.along() && options_.bases_per_value == 1;
  head.bases_per_value = pairs_.along() ? options_.bases_per_value : 1;
  const auto names = channel_names(options_.head.names, pairs_.outputs());
  const bool intervals = options_.settings.bootstrap.has_value();
  const bool each = intervals && std::ssize(names) <= options_.settings.interval_outputs;
  for (std::size_t c = 0; c < names.size(); ++c) head.outputs.push_back(pairs_.evaluate(c, names[c], each));
  head.mean = mean_over(head.outputs);
  if (options_.figures) add_figures(found, names, source);
  pairs_.pool();
  // One output pooled is that output: nothing to compute again.
  head.pooled = names.size() == 1 ? head.outputs[0] : pairs_.evaluate(pairs_.outputs(), results::kPooled, intervals);
  head.pooled.name = results::kPooled;
  head.tolerances = pairs_.match_within(options_.head.tolerances);
  head.blocks = pairs_.blocks_text();
  if (options_.figures && names.size() > 1)
    found.figures.outputs.insert(found.figures.outputs.begin(), figures_of(pairs_.outputs(), results::kPooled, head.pooled));
  if (second_) {
    second_->pool();
    head.ceiling = results::Comparison{options_.ceiling, second_->evaluate(second_->outputs(), results::kPooled, intervals)};
  }
  return found;
}

constexpr bool claims_nothing(metrics::MetricKind) { return false; }

std::unique_ptr<Measure> make_value_measure(const MeasureOptions& options) { return std::make_unique<ValueMeasure>(options); }

}  // namespace

const MeasureType kValues = {MeasureKind::values, claims_nothing, make_value_measure};
const MeasureType kBinary = {MeasureKind::binary, claims_nothing, make_value_measure};

}  // namespace basewise::evaluate::detail
