// The examples of a call of learn: rows of a table, or sequences that a table labels.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "basewise/learn/kmer_columns.h"
#include "basewise/learn/learn.h"

namespace basewise::learn::detail {

class Examples {
 public:
  /// What a model is fitted to.
  explicit Examples(const LearnOptions& options);
  /// What a model is applied to.
  Examples(const LearnOptions& options, const Model& model);

  const LabelledTable& table() const { return table_; }
  std::int64_t features() const { return std::ssize(names_); }

  /// A model of some rows.
  ModelFit fit(std::span<const std::int64_t> rows) const;

  /// Predictions of some rows: (rows, channels).
  std::vector<double> predict(const Model& model, std::span<const std::int64_t> rows) const;

 private:
  void find_sequences();
  const LearnOptions& options_;
  LabelledTable table_;
  std::vector<std::string> names_ = {};  ///< of features
  // Where features are gapped k-mers: sequences, and their counts where a model is fitted.
  GappedKmers words_;
  std::vector<std::vector<seq::Token>> sequences_ = {};
  std::optional<BinnedColumns> counts_ = {};
};

}  // namespace basewise::learn::detail
