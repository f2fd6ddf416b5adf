#include "basewise/learn/detail/examples.h"

#include <algorithm>

#include "basewise/core/error.h"

namespace basewise::learn::detail {
namespace {

constexpr std::size_t kTogether = 256;  // sequences whose counts are held as columns when a model is applied

TableOptions table_options(const LearnOptions& options) {
  TableOptions table = options.table;
  table.features_elsewhere = !options.fasta.empty();
  return table;
}

std::vector<double> picked(const std::vector<double>& values, std::span<const std::int64_t> rows) {
  std::vector<double> some;
  for (const std::int64_t row : rows)
    if (!values.empty()) some.push_back(values[static_cast<std::size_t>(row)]);
  return some;
}

}  // namespace

Examples::Examples(const LearnOptions& options)
    : options_(options), table_(read_labelled(table_options(options))), names_(table_.features.names), words_(options.gapped_kmers) {
  if (options.fasta.empty()) return;
  find_sequences();
  names_ = names_of(words_);
  counts_ = binned_counts(sequences_, words_, options.model.forest.bins);
  sequences_.clear();
}

Examples::Examples(const LearnOptions& options, const Model& model)
    : options_(options),
      table_(
          read_for_model(options.table, options.fasta.empty() ? std::span(model.features) : std::span<const std::string>(), model.outputs)),
      names_(model.features),
      words_(options.gapped_kmers) {
  if (options.fasta.empty()) return;
  if (model.features != names_of(words_))
    throw ArgumentError(format("the model was not fitted to counts of gapped {}-mers, but to {} features, '{}' and others", words_.k(),
                               model.features.size(), model.features.front()));
  find_sequences();
}

void Examples::find_sequences() {
  RowSequences found = read_sequences(options_.fasta, table_.rows);
  sequences_ = std::move(found.sequences);
  table_.notes.insert(table_.notes.end(), found.notes.begin(), found.notes.end());
}

ModelFit Examples::fit(std::span<const std::int64_t> rows) const {
  const auto seed = static_cast<std::uint64_t>(options_.seed);
  if (!counts_)
    return fit_model(table_.features.rows_of(rows), table_.targets.rows_of(rows), picked(table_.weights, rows), options_.model, seed);
  // Other rows have no weight, so that the counts need not be copied.
  std::vector<double> weights(table_.rows.size(), 0.0);
  for (const std::int64_t row : rows)
    weights[static_cast<std::size_t>(row)] = table_.weights.empty() ? 1 : table_.weights[static_cast<std::size_t>(row)];
  return fit_model(*counts_, names_, table_.targets, weights, options_.model, seed);
}

std::vector<double> Examples::predict(const Model& model, std::span<const std::int64_t> rows) const {
  if (counts_) return model.forest->predict(*counts_, rows);
  if (sequences_.empty()) return model.predict(table_.features.rows_of(rows));
  std::vector<double> all;
  for (std::size_t first = 0; first < rows.size(); first += kTogether) {
    std::vector<std::vector<seq::Token>> some;
    for (std::size_t i = first; i < std::min(rows.size(), first + kTogether); ++i)
      some.push_back(sequences_[static_cast<std::size_t>(rows[i])]);
    const std::vector<double> predictions = model.predict(counts_of(some, words_));
    all.insert(all.end(), predictions.begin(), predictions.end());
  }
  return all;
}

}  // namespace basewise::learn::detail
