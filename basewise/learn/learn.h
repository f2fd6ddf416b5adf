// The verb learn: a table in, a fitted model and what it is worth out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/learn/model.h"
#include "basewise/learn/table.h"
#include "basewise/results/evaluation.h"

namespace basewise::learn {

struct LearnOptions {
  TableOptions table = {};
  std::filesystem::path fasta = {};  ///< sequences by the names of rows: features are counts of gapped k-mers
  std::int64_t gapped_kmers = 6;     ///< letters
  std::filesystem::path apply = {};  ///< model of an earlier call; empty: fit one
  std::filesystem::path out = {};    ///< folder
  ModelOptions model = {};
  std::int64_t folds = 5;                 ///< of cross-validation; 0: every group is one
  std::vector<std::string> metrics = {};  ///< empty: `default_metrics`
  std::int64_t replicates = 1000;         ///< of the bootstrap; 0: no intervals
  double confidence = 0.95;
  std::int64_t seed = 0;
  bool overwrite = false;
};
void describe(Visitor& v, LearnOptions& o);

/// What was held out once.
struct FoldResult {
  std::string name = {};
  std::int64_t rows = 0;
  std::vector<results::MetricValue> metrics = {};  ///< mean over outputs; no intervals
};

struct LearnResult {
  std::vector<std::filesystem::path> files = {};
  std::int64_t rows = 0, features = 0;
  std::vector<std::string> outputs = {};
  std::optional<results::HeadEvaluation> evaluation = {};  ///< nothing where a model is applied to a table without labels
  std::vector<FoldResult> folds = {};
  std::optional<results::HeadEvaluation> out_of_bag = {};        ///< of a forest with bootstrap; no intervals
  std::vector<std::pair<std::string, double>> importances = {};  ///< of a forest, the largest first
  std::vector<std::string> notes = {};                           ///< what the user should know; none is an error
  double seconds = 0;
};

/// Fits a model to a table, predicting every row once by a model that has not seen its fold, or
/// applies one; writes a folder, which appears whole or not at all:
///  * predictions.tsv: row, group, fold, `observed.X` for each label, `predicted.X` for each
///    channel (`channel_names`); out of fold where a model is fitted,
///  * metrics.json: schema basewise.metrics/1 of these predictions, where labels are known; under
///    "learn" the method, each fold, and the out-of-bag values of a forest,
///  * model.safetensors: fitted to all rows (model_file.h),
///  * importances.tsv of a forest, coefficients.tsv of logistic regression, components.tsv of PCA.
/// Groups are also what the bootstrap draws. Everything follows from the table,
/// the options and the seed.
/// Errors: those of `read_labelled`, `fit_model`, `read_model`; ArgumentError for options that do
/// not fit together, and for a folder that holds something.
LearnResult learn(const LearnOptions& options);

}  // namespace basewise::learn
