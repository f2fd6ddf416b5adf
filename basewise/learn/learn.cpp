#include "basewise/learn/learn.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <numeric>

#include "basewise/core/error.h"
#include "basewise/core/outputs.h"
#include "basewise/core/progress.h"
#include "basewise/learn/detail/examples.h"
#include "basewise/learn/detail/folder.h"
#include "basewise/learn/evaluation.h"
#include "basewise/learn/folds.h"
#include "basewise/learn/model_file.h"

namespace basewise::learn {
namespace {

/// Options that say nothing where a model is applied.
struct FittingOptions {
  std::vector<std::string> labels, features, ignore;
  std::string weights;
  Task task = Task::automatic;
  std::int64_t folds = LearnOptions().folds, seed = 0;
  ModelOptions model = {};

  static FittingOptions of(const LearnOptions& o) {
    return {o.table.labels, o.table.features, o.table.ignore, o.table.weights, o.table.task, o.folds, o.seed, o.model};
  }
};

void describe(Visitor& v, FittingOptions& o) {
  v("labels", o.labels, "");
  v("features", o.features, "");
  v("ignore", o.ignore, "");
  v("weights", o.weights, "");
  v("task", o.task, "");
  v("folds", o.folds, "");
  v("seed", o.seed, "");
  describe(v, o.model);
}

void check_options(const LearnOptions& options) {
  LearnOptions copy = options;
  check(described(copy), "learn");
  FittingOptions given = FittingOptions::of(options), none;
  if (!options.apply.empty() && to_toml(described(given)) != to_toml(described(none)))
    throw ArgumentError(
        "apply takes a model as it was fitted; labels, features, ignore, weights, task, folds, seed and how models are fitted "
        "mean nothing with it");
  if (options.apply.empty() && options.folds == 0 && options.table.groups.empty())
    throw ArgumentError("folds is 0, which makes every group a fold; name the column of groups");
  if (options.fasta.empty() && options.gapped_kmers != LearnOptions().gapped_kmers)
    throw ArgumentError("gapped_kmers are counted in sequences; fasta names their file");
  if (!options.fasta.empty() && !(options.table.features.empty() && options.table.ignore.empty()))
    throw ArgumentError("with fasta the features are gapped k-mers, and columns of the table are none; leave features and ignore out");
  require_apart({{"table", options.table.table}, {"fasta", options.fasta}, {"apply", options.apply}}, {{"out", options.out}});
  detail::check_folder(options);
}

/// Numbers of groups in the order of their first rows.
std::vector<std::int64_t> group_numbers(const std::vector<std::string>& groups) {
  std::map<std::string, std::int64_t> known;
  std::vector<std::int64_t> numbers;
  for (const std::string& group : groups) numbers.push_back(known.emplace(group, std::ssize(known)).first->second);
  return numbers;
}

class Learning {
 public:
  Learning(const LearnOptions& options, const detail::Examples& examples)
      : options_(options), examples_(examples), table_(examples.table()), blocks_(group_numbers(table_.groups)), all_(table_.rows.size()) {
    std::iota(all_.begin(), all_.end(), std::int64_t{0});
    result_.rows = std::ssize(table_.rows);
    result_.features = examples.features();
    result_.notes = table_.notes;
  }

  /// Predicts every row by a model that has not seen its fold, and fits one to all.
  LearnResult fit() {
    const auto seed = static_cast<std::uint64_t>(options_.seed);
    const Folds folds =
        table_.groups.empty() ? random_folds(table_.targets, options_.folds, seed) : group_folds(table_.groups, options_.folds, seed);
    const auto channels = static_cast<std::size_t>(channels_of(table_.targets.outputs));
    std::vector<double> predictions(table_.rows.size() * channels, std::numeric_limits<double>::quiet_NaN());
    Progress progress("learn", folds.count + 1, "fits");
    for (std::int64_t fold = 0; fold < folds.count; ++fold, progress.advance())
      with_context(format("fold {}", folds.names[static_cast<std::size_t>(fold)]), [&] { predict_fold(folds, fold, predictions); });
    const ModelFit fitted = examples_.fit(all_);
    progress.advance();
    progress.finish();
    add_notes(fitted.notes);
    result_.evaluation = measure(table_.targets, predictions, measuring(true));
    if (!fitted.out_of_bag.empty()) result_.out_of_bag = measure(table_.targets, fitted.out_of_bag, measuring(false));
    return finish(fitted.model, predictions, folds);
  }

  LearnResult apply(const Model& model) {
    const std::vector<double> predictions = examples_.predict(model, all_);
    if (!table_.targets.outputs.empty()) result_.evaluation = measure(table_.targets, predictions, measuring(true));
    return finish(model, predictions, {});
  }

 private:
  Measuring measuring(bool intervals) const {
    Measuring how = {.metrics = options_.metrics, .blocks = blocks_};
    if (intervals && options_.replicates > 0) how.bootstrap = {options_.replicates, options_.confidence, options_.seed};
    return how;
  }

  void predict_fold(const Folds& folds, std::int64_t fold, std::vector<double>& predictions) {
    const auto held = folds.rows_in(fold);
    const ModelFit fitted = examples_.fit(folds.rows_outside(fold));
    const std::vector<double> some = examples_.predict(fitted.model, held);
    const std::size_t channels = some.size() / held.size();
    for (std::size_t i = 0; i < some.size(); ++i)
      predictions[static_cast<std::size_t>(held[i / channels]) * channels + i % channels] = some[i];
    Measuring how = measuring(false);
    how.blocks = {};
    result_.folds.push_back(
        {folds.names[static_cast<std::size_t>(fold)], std::ssize(held), measure(table_.targets.rows_of(held), some, how).mean});
    add_notes(fitted.notes);
  }

  void add_notes(const std::vector<std::string>& notes) {
    for (const std::string& note : notes)
      if (std::find(result_.notes.begin(), result_.notes.end(), note) == result_.notes.end()) result_.notes.push_back(note);
  }

  LearnResult finish(const Model& model, const std::vector<double>& predictions, std::optional<Folds> folds) {
    for (const Output& output : model.outputs) result_.outputs.push_back(output.name);
    if (model.forest) {
      const auto names = model.inputs();
      for (std::size_t j = 0; j < names.size(); ++j) result_.importances.emplace_back(names[j], model.forest->importances()[j]);
      std::stable_sort(result_.importances.begin(), result_.importances.end(),
                       [](const auto& a, const auto& b) { return a.second > b.second; });
    }
    detail::write_folder(options_, {table_, model, predictions, std::move(folds)}, result_);
    return std::move(result_);
  }

  const LearnOptions& options_;
  const detail::Examples& examples_;
  const LabelledTable& table_;
  std::vector<std::int64_t> blocks_;  // group of each row by number
  std::vector<std::int64_t> all_;     // rows
  LearnResult result_;
};

}  // namespace

void describe(Visitor& v, LearnOptions& o) {
  v("table", o.table.table, "table with a heading, TSV or CSV, plain or gzip: a row for each example", required());
  describe(v, o.table);
  v("fasta", o.fasta, "sequences of the rows, by their names: counts of gapped k-mers are the features, in place of columns");
  v("gapped_kmers", o.gapped_kmers, "letters of gapped k-mers, words over A, C, G, T and N that matches any base", between(1, 8));
  v("apply", o.apply, "model of an earlier call (model.safetensors) that predicts the rows; columns are found by their names");
  v("out", o.out, "folder that is written", required());
  describe(v, o.model);
  v("folds", o.folds, "parts that are predicted by a model of the others; 0: every group is one", counted(0));
  v("metrics", o.metrics, "metrics by name [auroc, average_precision, log_loss, brier; of numbers pearson, spearman, r2, mse]");
  v("replicates", o.replicates, "draws of the bootstrap, of groups where there are any; 0: no intervals", between(0, 1'000'000));
  v("confidence", o.confidence, "share of the draws that an interval holds", between(0.5, 0.999));
  v("seed", o.seed, "of folds, forests and intervals", non_negative());
  v("overwrite", o.overwrite, "replace what is in the folder");
}

LearnResult learn(const LearnOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  check_options(options);
  LearnResult result;
  if (options.apply.empty()) {
    const detail::Examples examples(options);
    result = Learning(options, examples).fit();
  } else {
    const Model model = read_model(options.apply);
    const detail::Examples examples(options, model);
    result = Learning(options, examples).apply(model);
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace basewise::learn
