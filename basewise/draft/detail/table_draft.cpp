#include "basewise/draft/detail/table_draft.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/core/some_of.h"
#include "basewise/corpus/registry.h"
#include "basewise/draft/detail/fasta_draft.h"
#include "basewise/draft/detail/table_columns.h"
#include "basewise/io/tsv.h"

namespace basewise::draft::detail {
namespace {

SequenceFacts sequences_in_tables(const std::vector<std::filesystem::path>& files, const std::string& column) {
  SequenceFacts facts;
  for (const std::filesystem::path& file : files) {
    io::TsvReader table(corpus::resolve_path(file.string()));
    const std::size_t at = table.column(column), name = table.has("name") ? table.column("name") : at;
    while (table.next()) facts.add(table.text(name), table.text(at));
  }
  return facts;
}

std::vector<std::string> label_names(const std::vector<const ColumnFacts*>& columns) {
  std::vector<std::string> names;
  for (const ColumnFacts* column : columns) names.push_back(column->name);
  return names;
}

void write_table_data(RecipeText& recipe, const DraftRequest& r, const TableColumns& columns, const SequenceFacts& facts,
                      const SequenceFacts& every) {
  recipe.table("data");
  recipe.text("kind", "table");
  recipe.text("encoding", "tokens", "the sequence as bytes: less memory, the same numbers");
  recipe.table("data.table");
  recipe.file("file", r.table, facts.told());
  recipe.file("validation_file", r.validation_table, "the validation set");
  recipe.file("test_file", r.test_table, "the test set");
  recipe.text("sequence", columns.sequence);
  if (columns.bits != nullptr)
    recipe.text("bits", columns.bits->name, format("{} labels in each row, a digit each", columns.bits->width));
  else if (!columns.both())
    recipe.key("labels", toml(label_names(columns.classes.empty() ? columns.numbers : columns.classes)),
               columns.classes.empty() ? "numbers" : "0 or 1");
  write_letters(recipe, "data.table", every);
  if (!columns.both()) return;
  for (const auto& [name, members] : {std::pair("values", &columns.numbers), std::pair("classes", &columns.classes)}) {
    recipe.table("data.table.targets", true);
    recipe.text("name", name);
    recipe.key("labels", toml(label_names(*members)));
  }
}

double write_table_split(RecipeText& recipe, const DraftRequest& r, const TableColumns& columns, const SequenceFacts& facts) {
  const OwnSets own{!r.validation_table.empty(), !r.test_table.empty()};
  const bool by_chromosome = !columns.chromosome.empty() && !own.any();
  if (columns.set.empty() && by_chromosome) {
    constexpr double kTenth = 0.1;
    recipe.table("data.split");
    recipe.text("by", "group", "rows of one chromosome come into one set, so that nothing near a training example is tested");
    recipe.text("group", columns.chromosome);
    recipe.number("validation_fraction", kTenth);
    recipe.number("test_fraction", kTenth);
    return 1 - 2 * kTenth;
  }
  if (columns.set.empty() || own.any()) return write_sequence_split(recipe, facts, own);
  recipe.table("data.split");
  recipe.text("by", "column", "the table says which row trains and which tests");
  recipe.text("column", columns.set);
  return 0.8;
}

void write_table_model(RecipeText& recipe, const TableColumns& columns, const SequenceFacts& facts) {
  recipe.table("model");
  recipe.text("name", "cnn", "motifs and pairs of them; others and their sizes: docs/models.md");
  if (columns.numbers.empty()) return;
  if (facts.shortest() == facts.longest())
    recipe.yes("positions", "all sequences have one length, as designed ones have: it may matter where a pattern lies");
  std::vector<double> means, spreads;
  for (const ColumnFacts* column : columns.numbers) {
    means.push_back(rounded(column->mean()));
    spreads.push_back(column->deviation());
  }
  recipe.key("bias_initial", toml(means), "means of the labels: training starts there");
  const double spread = rounded(median_of(spreads));
  if (spread > 10 || spread < 0.1) recipe.number("output_scale", spread, "labels spread by about this much");
}

void write_table_losses(RecipeText& recipe, const TableColumns& columns) {
  if (!columns.numbers.empty()) {
    recipe.table("loss", true);
    recipe.text("type", "mse", "labels are numbers");
    recipe.text("output", "values");
    recipe.text("target", columns.both() ? "values" : "labels");
  }
  if (!columns.classes.empty() || columns.bits != nullptr) {
    recipe.table("loss", true);
    recipe.text("type", "binary_cross_entropy", "labels are 0 and 1");
    recipe.text("output", "logits");
    recipe.text("target", columns.both() ? "classes" : "labels");
  }
}

void tell_labels(Draft& draft, const TableColumns& columns) {
  constexpr std::size_t kMany = 3;
  double narrowest = 0, widest = 0;
  if (columns.bits != nullptr) draft.found.push_back(format("labels: the {} digits of {}", columns.bits->width, columns.bits->name));
  for (const ColumnFacts* c : columns.classes)
    draft.found.push_back(
        format("label {}: {} of {} rows are 1, {} missing", c->name, grouped(c->ones), grouped(c->measured()), c->missing));
  for (const ColumnFacts* c : columns.numbers) {
    draft.found.push_back(format("label {}: {:.4g} to {:.4g}, mean {:.4g}, {} missing", c->name, c->least, c->most, c->mean(), c->missing));
    const double spread = c->deviation();
    narrowest = narrowest == 0 ? spread : std::min(narrowest, spread);
    widest = std::max(widest, spread);
    if (c->least >= 0 && c->most > 20 * std::max(c->mean(), 1e-300))
      draft.notes.push_back(
          format("label {} reaches {:.3g} times its mean: its logarithm may be learned better", c->name, c->most / c->mean()));
  }
  if (widest > 10 * narrowest)
    draft.notes.emplace_back(
        "labels differ tenfold in their spread and share one loss: the widest dominates it; scale them, or name one with --labels");
  if (columns.numbers.size() > kMany)
    draft.notes.push_back(
        format("{} columns of numbers are learned at once; name those that you mean with --labels", columns.numbers.size()));
  if (!columns.passed_over.empty())
    draft.notes.push_back(
        format("no labels, though numbers: {}; name labels with --labels if this is wrong", some_of(columns.passed_over)));
}

/// Whether a set with tables of its own has negatives in them.
bool has_negatives(const std::vector<std::filesystem::path>& files, const std::string& label) {
  if (files.empty()) return false;
  const std::vector<ColumnFacts> columns = look_at_columns(files, 1);
  return std::any_of(columns.begin(), columns.end(), [&](const ColumnFacts& c) { return c.name == label && !c.all_ones(); });
}

}  // namespace

Draft draft_table(const DraftRequest& r) {
  const std::vector<ColumnFacts> facts = look_at_columns(r.table);
  const TableColumns columns = choose_columns(facts, r.labels, file_names(r.table));
  const SequenceFacts sequences = sequences_in_tables(r.table, columns.sequence);
  SequenceFacts every = sequences;
  for (const auto* files : {&r.validation_table, &r.test_table}) every.add(sequences_in_tables(*files, columns.sequence));
  Draft draft;
  draft.found = {format("{}: {}, in column {}", file_names(r.table), sequences.told(), columns.sequence)};
  tell_labels(draft, columns);
  const bool both_strands = columns.numbers.empty() && !sequences.is_rna();
  RecipeText recipe(r, file_names(r.table));
  write_table_data(recipe, r, columns, sequences, every);
  const double train = write_table_split(recipe, r, columns, sequences);
  if (columns.all_positive()) {
    const std::string& label = columns.classes.front()->name;
    write_shuffled(recipe, {has_negatives(r.validation_table, label), has_negatives(r.test_table, label)});
  }
  if (both_strands) write_both_strands(recipe, "DNA without a strand: either reading is an example; leave it out if the strand matters");
  write_table_model(recipe, columns, sequences);
  write_table_losses(recipe, columns);
  write_sequence_training(recipe, sequences, train * static_cast<double>((columns.all_positive() ? 2 : 1) * sequences.size));
  if (both_strands) write_conjoined(recipe);
  if (!columns.both()) {
    recipe.table("evaluate");
    recipe.key("metrics", columns.numbers.empty() ? R"(["auroc", "average_precision", "log_loss"])" : R"(["pearson", "spearman", "mse"])",
               columns.numbers.empty() ? "labels are 0 and 1: docs/metrics.md" : "labels are numbers: docs/metrics.md");
  }
  draft.text = recipe.str();
  return draft;
}

}  // namespace basewise::draft::detail
