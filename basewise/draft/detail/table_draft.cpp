#include "basewise/draft/detail/table_draft.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/core/nearest.h"
#include "basewise/core/some_of.h"
#include "basewise/corpus/registry.h"
#include "basewise/draft/detail/fasta_draft.h"
#include "basewise/draft/detail/kinds.h"
#include "basewise/io/tsv.h"

namespace basewise::draft::detail {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

template <std::size_t N>
bool among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<double> number_in(const std::string& lower) {
  static constexpr std::array<std::string_view, 4> kYesNo{"false", "true", "f", "t"};
  for (std::size_t i = 0; i < kYesNo.size(); ++i)
    if (lower == kYesNo[i]) return static_cast<double>(i % 2);
  double value = 0;
  const char* begin = lower.data() + (lower.starts_with('+') ? 1 : 0);
  const auto [end, status] = std::from_chars(begin, lower.data() + lower.size(), value);
  if (status != std::errc() || end != lower.data() + lower.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// Columns whose names say that they are no labels.
bool is_bookkeeping(std::string_view name) {
  static constexpr std::array<std::string_view, 16> kNames{"name",   "row",   "unnamed: 0", "number", "chromosome", "stop",
                                                           "fold",   "split", "set",        "rank",   "barcode",    "length",
                                                           "summit", "seed",  "group",      "cluster"};
  static constexpr std::array<std::string_view, 9> kParts{"start", "end", "pos", "position", "chrom", "chr", "strand", "id", "index"};
  const std::string lower = lower_case(name);
  for (std::size_t at = 0; at <= lower.size();) {  // peak_start, hg38.pos
    const std::size_t end = std::min(lower.find_first_of("_.- ", at), lower.size());
    if (among(kParts, std::string_view(lower).substr(at, end - at))) return true;
    at = end + 1;
  }
  return among(kNames, lower) || lower.find("pred") != std::string::npos;
}

/// Columns by what they are for.
struct Columns {
  std::string sequence = {};
  std::string set = {};
  std::string chromosome = {};
  std::vector<const ColumnFacts*> classes = {};
  std::vector<const ColumnFacts*> numbers = {};
  std::vector<std::string> passed_over = {};  ///< columns of numbers that are no labels
};

std::string names_of(const std::vector<ColumnFacts>& columns) {
  std::vector<std::string> names;
  for (const ColumnFacts& column : columns) names.push_back(column.name);
  return some_of(names);
}

std::string sequence_column(const std::vector<ColumnFacts>& columns, const std::string& file) {
  static constexpr std::array<std::string_view, 2> kUsual{"sequence", "seq"};
  const ColumnFacts* found = nullptr;
  for (const ColumnFacts& column : columns) {
    if (!column.letters) continue;
    if (found == nullptr || among(kUsual, lower_case(column.name))) found = &column;
  }
  if (found == nullptr)
    throw DataError(format("{}: no column holds sequences (letters A C G T U N alone, four or more, in every row); it has {}", file,
                           names_of(columns)));
  return found->name;
}

void take_label(Columns& chosen, const ColumnFacts& column, const std::string& file) {
  if (!column.numeric)
    throw DataError(format("{}: column '{}' holds words such as '{}'; a label is a number", file, column.name,
                           column.words.empty() ? "" : *column.words.begin()));
  if (column.constant())
    throw DataError(format("{}: column '{}' has the same value in all rows: there is nothing to learn{}", file, column.name,
                           column.binary ? ". For positives alone write them as FASTA: --fasta makes negatives up" : ""));
  (column.binary ? chosen.classes : chosen.numbers).push_back(&column);
}

Columns choose_columns(const std::vector<ColumnFacts>& columns, const DraftRequest& r, const std::string& file) {
  Columns chosen{.sequence = sequence_column(columns, file)};
  for (const ColumnFacts& column : columns)
    if (column.splits())
      chosen.set = column.name;
    else if (chosen.chromosome.empty() && column.says_chromosome())
      chosen.chromosome = column.name;
  std::vector<std::string> known;
  for (const ColumnFacts& column : columns) known.push_back(column.name);
  for (const std::string& label : r.labels) {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const ColumnFacts& c) { return c.name == label; });
    const auto near = nearest(label, known);
    if (found == columns.end())
      throw ArgumentError(format("{}: there is no column '{}'{}; there are {}", file, label,
                                 near ? format(" (did you mean '{}'?)", *near) : "", names_of(columns)));
    take_label(chosen, *found, file);
  }
  if (!r.labels.empty()) return chosen;
  for (const ColumnFacts& column : columns) {
    if (!column.numeric || column.name == chosen.sequence || column.name == chosen.set || column.measured() == 0) continue;
    if (is_bookkeeping(column.name) || column.counts || column.constant())
      chosen.passed_over.push_back(column.name);
    else
      take_label(chosen, column, file);
  }
  if (chosen.classes.empty() && chosen.numbers.empty())
    throw DataError(format("{}: no column holds labels, numbers that differ from row to row; name them with --labels. It has {}", file,
                           names_of(columns)));
  return chosen;
}

SequenceFacts sequences_in_tables(const std::vector<std::filesystem::path>& files, const std::string& column) {
  SequenceFacts facts;
  for (const std::filesystem::path& file : files) {
    io::TsvReader table(corpus::resolve_path(file.string()));
    const std::size_t at = table.column(column), name = table.has("name") ? table.column("name") : at;
    while (table.next()) facts.add(table.text(name), table.text(at));
  }
  return facts;
}

std::vector<std::string> names_of(const std::vector<const ColumnFacts*>& columns) {
  std::vector<std::string> names;
  for (const ColumnFacts* column : columns) names.push_back(column->name);
  return names;
}

void write_table_data(RecipeText& recipe, const DraftRequest& r, const Columns& columns, const SequenceFacts& facts,
                      const SequenceFacts& every) {
  recipe.table("data");
  recipe.text("kind", "table");
  recipe.text("encoding", "tokens", "the sequence as bytes: less memory, the same numbers");
  recipe.table("data.table");
  recipe.file("file", r.table, facts.told());
  recipe.file("validation_file", r.validation_table, "the validation set");
  recipe.file("test_file", r.test_table, "the test set");
  recipe.text("sequence", columns.sequence);
  const bool both = !columns.classes.empty() && !columns.numbers.empty();
  if (!both)
    recipe.key("labels", toml(names_of(columns.classes.empty() ? columns.numbers : columns.classes)),
               columns.classes.empty() ? "numbers" : "0 or 1");
  write_letters(recipe, "data.table", every);
  if (!both) return;
  for (const auto& [name, members] : {std::pair("values", &columns.numbers), std::pair("classes", &columns.classes)}) {
    recipe.table("data.table.targets", true);
    recipe.text("name", name);
    recipe.key("labels", toml(names_of(*members)));
  }
}

double write_table_split(RecipeText& recipe, const DraftRequest& r, const Columns& columns, const SequenceFacts& facts) {
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

void write_table_model(RecipeText& recipe, const Columns& columns, const SequenceFacts& facts) {
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

void write_table_losses(RecipeText& recipe, const Columns& columns) {
  const bool both = !columns.classes.empty() && !columns.numbers.empty();
  if (!columns.numbers.empty()) {
    recipe.table("loss", true);
    recipe.text("type", "mse", "labels are numbers");
    recipe.text("output", "values");
    recipe.text("target", both ? "values" : "labels");
  }
  if (!columns.classes.empty()) {
    recipe.table("loss", true);
    recipe.text("type", "binary_cross_entropy", "labels are 0 and 1");
    recipe.text("output", "logits");
    recipe.text("target", both ? "classes" : "labels");
  }
}

void tell_labels(Draft& draft, const Columns& columns) {
  double narrowest = 0, widest = 0;
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
  if (!columns.passed_over.empty())
    draft.notes.push_back(
        format("no labels, though numbers: {}; name labels with --labels if this is wrong", fmt::join(columns.passed_over, ", ")));
}

}  // namespace

void ColumnFacts::add(std::string_view field) {
  constexpr std::size_t kWords = 8, kShortest = 4;
  const std::string lower = lower_case(field);
  letters = letters && field.size() >= kShortest && lower.find_first_not_of("acgtunryswkmbdhv") == std::string::npos;
  if (words.size() < kWords) words.insert(std::string(field));
  const std::int64_t row = rows++;
  if (io::is_missing(field)) {
    ++missing;
    return;
  }
  const std::optional<double> value = number_in(lower);
  numeric = numeric && value.has_value();
  if (!value) return;
  const bool first = measured() == 1;
  least = first ? *value : std::min(least, *value);
  most = first ? *value : std::max(most, *value);
  counts = counts && *value == least + static_cast<double>(row) && (least == 0 || least == 1);
  binary = binary && (*value == 0 || *value == 1);
  ones += *value == 1;
  sum += *value;
  squares += *value * *value;
}

double ColumnFacts::mean() const { return sum / static_cast<double>(std::max<std::int64_t>(1, measured())); }

double ColumnFacts::deviation() const {
  const double m = mean();
  return std::sqrt(std::max(0.0, squares / static_cast<double>(std::max<std::int64_t>(1, measured())) - m * m));
}

bool ColumnFacts::splits() const {
  static constexpr std::array<std::string_view, 7> kSets{"train", "training", "validation", "valid", "val", "dev", "test"};
  return rows > 0 && (words.contains("train") || words.contains("training")) && words.size() >= 2 &&
         std::all_of(words.begin(), words.end(), [](const std::string& word) { return word.empty() || among(kSets, word); });
}

bool ColumnFacts::says_chromosome() const {
  static constexpr std::array<std::string_view, 5> kNames{"chrom", "chr", "chromosome", "seqnames", "seqname"};
  constexpr std::size_t kFewest = 5;  // with fewer no set has its tenth
  return missing == 0 && words.size() >= kFewest && among(kNames, lower_case(name));
}

std::vector<ColumnFacts> look_at_columns(const std::vector<std::filesystem::path>& files) {
  std::vector<ColumnFacts> columns;
  for (const std::filesystem::path& file : files) {
    io::TsvReader table(corpus::resolve_path(file.string()));
    if (columns.empty())
      for (const std::string& name : table.columns()) columns.push_back({.name = name});
    std::vector<std::size_t> at;
    for (const ColumnFacts& column : columns) at.push_back(table.column(column.name));
    while (table.next())
      for (std::size_t i = 0; i < columns.size(); ++i) columns[i].add(table.text(at[i]));
  }
  const std::int64_t rows = columns.empty() ? 0 : columns.front().rows;
  if (rows < kFewestSequences)
    throw DataError(format("{}: {} rows; a network that learns from fewer than {} would learn them by heart", file_names(files), rows,
                           kFewestSequences));
  return columns;
}

Draft draft_table(const DraftRequest& r) {
  const std::vector<ColumnFacts> facts = look_at_columns(r.table);
  const Columns columns = choose_columns(facts, r, file_names(r.table));
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
  if (both_strands) write_both_strands(recipe, "DNA without a strand: either reading is an example; leave it out if the strand matters");
  write_table_model(recipe, columns, sequences);
  write_table_losses(recipe, columns);
  write_sequence_training(recipe, sequences, train * static_cast<double>(sequences.size));
  if (both_strands) write_conjoined(recipe);
  if (columns.numbers.empty() || columns.classes.empty()) {
    recipe.table("evaluate");
    recipe.key("metrics", columns.numbers.empty() ? R"(["auroc", "average_precision", "log_loss"])" : R"(["pearson", "spearman", "mse"])",
               columns.numbers.empty() ? "labels are 0 and 1: docs/metrics.md" : "labels are numbers: docs/metrics.md");
  }
  draft.text = recipe.str();
  return draft;
}

}  // namespace basewise::draft::detail
