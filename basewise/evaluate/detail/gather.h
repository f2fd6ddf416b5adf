// Outputs beside targets, measured ones only, a column per output.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/evaluate/evaluate.h"
#include "basewise/metrics/site_matching.h"

namespace basewise::evaluate::detail {

/// The measured values of one output (channel), or of several pooled.
struct Column {
  std::vector<float> scores;
  std::vector<float> targets;
  std::vector<std::int64_t> blocks;     ///< what the bootstrap draws together; empty: every value alone
  std::vector<std::int64_t> positions;  ///< base of each value; only where tolerances are asked for
  std::vector<std::int64_t> tracks;     ///< chromosome and channel
  std::int64_t missing = 0;
};

/// Where the values of an example lie in the columns.
struct GatheredRow {
  std::int64_t example = 0;
  std::int64_t chromosome = -1;  ///< -1: the example has no position
  std::int64_t start = 0;
  std::int64_t length = 0;
  bool whole = true;                  ///< nothing is missing
  std::vector<std::size_t> offsets;  ///< of the first value in each column; one, where it is the same in all
  std::size_t offset(std::size_t column) const { return offsets[offsets.size() == 1 ? 0 : column]; }
};

struct Gathered {
  std::string output;
  bool per_base = false;
  bool has_positions = false;
  metrics::Circles circles;  ///< by track; only where tolerances are asked for
  std::vector<Column> columns;
  std::vector<GatheredRow> rows;  ///< per-base outputs, only where figures are asked for
};

/// Takes batches in order.
class Gatherer {
 public:
  explicit Gatherer(const EvaluateOptions& options) : options_(options) {}
  void add(std::int64_t first, const Bundle& outputs, const Bundle& batch);
  Gathered take() { return std::move(gathered_); }

 private:
  void add_channel(std::int64_t channel, std::int64_t first, const at::Tensor& scores, const at::Tensor& targets, const at::Tensor& mask,
                   const at::Tensor& position, const at::Tensor& chromosome, const at::Tensor& circle);
  void add_rows(std::int64_t first, const at::Tensor& scores, const at::Tensor& mask, const at::Tensor& position, const at::Tensor& chromosome);
  const EvaluateOptions& options_;
  Gathered gathered_;
};

/// All columns one after the other.
Column pool(std::vector<Column> columns);

}  // namespace basewise::evaluate::detail
