// One head of a model beside its target, batch by batch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "basewise/evaluate/evaluate.h"

namespace basewise::evaluate::detail {

class HeadMeasure {
 public:
  virtual ~HeadMeasure() = default;
  /// Takes batches in order.
  virtual void add(std::int64_t first, const Bundle& outputs, const Bundle& batch) = 0;
  /// Once, after the last batch. Score function and data set are there for what is looked at again.
  virtual EvaluationResult result(const infer::ScoreFn& score, const data::DatasetPtr& dataset) = 0;
};

/// Values against values: a column per output.
std::unique_ptr<HeadMeasure> measure_values(EvaluateOptions options);

/// Distributions over positions against counts.
std::unique_ptr<HeadMeasure> measure_profiles(EvaluateOptions options);

/// Name of the head to look at: `asked`, else the only one. Errors: ArgumentError that lists several.
std::string head_name(const std::string& asked, const Bundle& outputs);

/// Name of the tensor that measures the target a second time; empty where there is none.
std::string ceiling_name(const EvaluateOptions& options, const Bundle& batch);

/// One whole number for each example, or undefined where the batch has none of this name.
at::Tensor scalar_per_example(const Bundle& batch, const std::string& name);

/// The mask of a target, of the shape of `like`; undefined where there is none.
at::Tensor mask_of(const Bundle& batch, const std::string& target, const at::Tensor& like);

/// What the bootstrap draws together: the stretch of `block` bases in which a position lies.
std::int64_t block_of(std::int64_t chromosome, std::int64_t position, std::int64_t block);

metrics::ScoreScale parse_scale(const std::string& scale);

}  // namespace basewise::evaluate::detail
