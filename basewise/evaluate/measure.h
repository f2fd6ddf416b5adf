// One head of a model beside its target: what is added batch by batch, merged with what another
// pass added, and finished once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "basewise/evaluate/evaluate.h"
#include "basewise/results/evaluation.h"

namespace basewise::evaluate {

/// What a measure is told when it is made.
struct MeasureOptions {
  HeadPlan head = {};
  MeasureSettings settings = {};     ///< `memory` is the share of this head
  std::int64_t bases_per_value = 1;  ///< of targets along the sequence
  std::string ceiling = {};          ///< field that measures the target a second time; empty: none
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

  /// The next batch; `first` is the number of its first example in the data set.
  /// Errors: ShapeError where output and target do not fit.
  virtual void add(std::int64_t first, const Bundle& outputs, const Bundle& batch) = 0;

  /// What another measure of the same options holds, of other examples; it is empty afterwards.
  /// Errors: ArgumentError for another kind.
  virtual void merge(Measure& other) = 0;

  /// Once, after the last batch.
  virtual Measured finish(const Source& source) = 0;

  /// Memory that grows with what was added.
  virtual std::int64_t bytes() const = 0;
};

/// A kind of measure: a row of the table.
struct MeasureType {
  MeasureKind kind;
  bool (*claims)(metrics::MetricKind kind);  ///< "auto" is this kind where such a metric is asked for
  std::unique_ptr<Measure> (*make)(const MeasureOptions& options);
};

/// The row of a kind.
const MeasureType& measure_type(MeasureKind kind);

/// `kind`, or where it is automatic what these metrics say: values where they say nothing.
/// Errors: ArgumentError for an unknown metric.
MeasureKind measure_kind(MeasureKind kind, const std::vector<std::string>& metrics);

/// Name of the head to look at: `asked`, else the only one.
/// Errors: ArgumentError that lists several.
std::string head_name(const std::string& asked, const Bundle& outputs);

/// Name of the field that measures the target of a head a second time; empty where there is none.
std::string ceiling_name(const HeadPlan& head, const Schema& schema);

}  // namespace basewise::evaluate
