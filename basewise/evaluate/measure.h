// One head of a model beside its target: what is added batch by batch, merged with what another pass added, and finished once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/evaluate/evaluate.h"
#include "basewise/results/evaluation.h"

namespace basewise::evaluate {

/// What a measure is told when it is made.
struct MeasureOptions {
  HeadPlan head = {};
  MeasureSettings settings = {};     ///< `memory` is the share of this head
  std::int64_t bases_per_value = 1;  ///< of targets along the sequence
  bool figures = false;
  at::Tensor floor = {};  ///< profiles: (S, L) counts, or undefined
};

/// What a measure found. Figures are empty unless asked for.
struct Measured {
  results::HeadEvaluation head = {};
  results::EvaluationFigures figures = {};
};

/// Where examples can be looked at again: tracks along loci are chosen at the end.
struct Source {
  ScoreFn score = {};
  data::DatasetPtr dataset = {};
};

class Measure {
 public:
  virtual ~Measure() = default;

  /// The next batch; `first` is the number of its first example in the data set. Errors: ShapeError where output and target do not fit.
  virtual void add(std::int64_t first, const Bundle& outputs, const Bundle& batch) = 0;

  /// What another measure of the same options holds, of other examples; it is empty afterwards. Errors: ArgumentError for another kind.
  virtual void merge(Measure& other) = 0;

  /// Once, after the last batch.
  virtual Measured finish(const Source& source) = 0;

  /// Memory that grows with what was added.
  virtual std::int64_t bytes() const = 0;
};

/// A kind of measure: a row of the table.
struct MeasureType {
  std::string_view name;
  std::string_view help;
  bool (*claims)(metrics::MetricKind kind);  ///< kind "auto" is this one where such a metric is asked for
  std::unique_ptr<Measure> (*make)(const MeasureOptions& options);
};

/// Every kind there is; the first one is taken where nothing says otherwise.
const std::vector<MeasureType>& measure_types();

/// Errors: ArgumentError that lists the kinds.
const MeasureType& measure_type(std::string_view name);

/// `kind`, or what these metrics say where it is "auto". Errors: ArgumentError for an unknown kind or metric.
std::string measure_kind(const std::string& kind, const std::vector<std::string>& metrics);

/// The kinds "auto" and those of the table, for descriptions of options; what each is, in a sentence.
std::vector<std::string> measure_words();
std::string measure_help();

/// Name of the head to look at: `asked`, else the only one. Errors: ArgumentError that lists several.
std::string head_name(const std::string& asked, const Bundle& outputs);

/// Name of the tensor that measures the target a second time; empty where there is none.
std::string ceiling_name(const HeadPlan& head, const Bundle& batch);

}  // namespace basewise::evaluate
