#include "basewise/data/table.h"

#include <algorithm>
#include <limits>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/corpus/row_conditions.h"
#include "basewise/data/build.h"
#include "basewise/data/detail/build_parts.h"
#include "basewise/data/detail/sequence_builder.h"
#include "basewise/data/detail/sequence_sets.h"
#include "basewise/io/tsv.h"

namespace basewise::data {

namespace {

// Roles of columns. With no label column named, every other column is one until a row shows that it holds no numbers.
struct Columns {
  std::size_t sequence = 0;
  std::optional<std::size_t> name;
  std::optional<std::size_t> set;
  std::optional<std::size_t> bits;
  std::vector<std::size_t> labels;
  bool guessed = false;

  Columns(const TableOptions& o, const io::TsvReader& table) : sequence(table.column(o.sequence)) {
    if (!o.name.empty())
      name = table.column(o.name);
    else if (table.has("name"))
      name = table.column("name");
    if (!o.set.empty()) set = table.column(o.set);
    if (!o.bits.empty()) {
      bits = table.column(o.bits);
      return;
    }
    for (const std::string& label : o.labels) labels.push_back(table.column(label));
    guessed = o.labels.empty();
    if (guessed)
      for (std::size_t c = 0; c < table.columns().size(); ++c)
        if (c != sequence && name != c && set != c && table.columns()[c] != "index" && table.columns()[c] != "id") labels.push_back(c);
  }
};

class TableReader {
 public:
  TableReader(const TableOptions& o, const std::filesystem::path& path)
      : path_(path),
        table_(path),
        columns_(o, table_),
        conditions_(o.where, table_),
        builder_(path.string(), o.length, o.ambiguity),
        numeric_(columns_.labels.size(), true) {}

  SequenceDataPtr read() {
    std::int64_t filtered = 0;
    while (table_.next()) {
      if (conditions_.met(table_))
        add_row();
      else
        ++filtered;
    }
    drop_columns_of_words();
    if (filtered > 0) builder_.data().notes.push_back(format("{} rows did not meet the conditions", filtered));
    if (table_.report().skipped > 0) builder_.data().notes.push_back(table_.report().summary());
    return builder_.finish();
  }

 private:
  void add_row() {
    SequenceData& data = builder_.data();
    const std::string name = columns_.name ? std::string(table_.text(*columns_.name)) : format("row_{}", data.size() + 1);
    builder_.add(name, table_.text(columns_.sequence), {path_.string(), table_.line_number()});
    if (columns_.set) data.sets.emplace_back(table_.text(*columns_.set));
    if (columns_.bits) add_bits(table_.text(*columns_.bits));
    for (std::size_t k = 0; k < columns_.labels.size(); ++k) add_label(k);
  }

  void add_label(std::size_t k) {
    const std::size_t column = columns_.labels[k];
    const std::optional<float> value = detail::parse_label(table_.text(column));
    if (!value && !columns_.guessed)
      table_.fail(
          format("label '{}' in column '{}' is no number; a missing label is empty or NA", table_.text(column), table_.columns()[column]));
    if (!value) numeric_[k] = false;
    builder_.data().labels.push_back(value.value_or(std::numeric_limits<float>::quiet_NaN()));
  }

  void add_bits(std::string_view text) {
    SequenceData& data = builder_.data();
    if (data.label_names.empty())
      for (std::size_t t = 0; t < text.size(); ++t) data.label_names.push_back(format("label_{}", t));
    if (text.size() != data.label_names.size() || text.find_first_not_of("01") != std::string_view::npos)
      table_.fail(format("'{}' is no row of {} labels as digits 0 and 1", text, data.label_names.size()));
    for (const char digit : text) data.labels.push_back(digit == '1' ? 1.0F : 0.0F);
  }

  void drop_columns_of_words() {
    SequenceData& data = builder_.data();
    if (columns_.bits) return;
    std::vector<std::string> dropped;
    std::vector<std::size_t> kept;
    for (std::size_t k = 0; k < columns_.labels.size(); ++k) {
      const std::string& name = table_.columns()[columns_.labels[k]];
      if (numeric_[k]) {
        kept.push_back(k);
        data.label_names.push_back(name);
      } else {
        dropped.push_back(name);
      }
    }
    if (dropped.empty()) return;
    data.notes.push_back(format("columns that hold no numbers are no labels: {}", fmt::join(dropped, ", ")));
    std::vector<float> labels;
    for (std::size_t row = 0; row < data.names.size(); ++row)
      for (const std::size_t k : kept) labels.push_back(data.labels[row * columns_.labels.size() + k]);
    data.labels = std::move(labels);
  }

  std::filesystem::path path_;
  io::TsvReader table_;
  Columns columns_;
  corpus::Conditions conditions_;
  detail::SequenceBuilder builder_;
  std::vector<bool> numeric_;
};

// One set of rows behind another.
SequenceDataPtr with_test_rows(const SequenceData& data, const SequenceData& test) {
  if (data.label_names != test.label_names)
    throw DataError(format("{}: its labels are {}, those of {} {}; a test file needs the same columns", test.source,
                           fmt::join(test.label_names, ", "), data.source, fmt::join(data.label_names, ", ")));
  auto both = std::make_shared<SequenceData>(data);
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  append(both->tokens, test.tokens);
  append(both->names, test.names);
  append(both->labels, test.labels);
  append(both->sets, test.sets);
  for (const std::string& note : test.notes) both->notes.push_back(format("test file: {}", note));
  both->source = format("{} and {}", data.source, test.source);
  both->test_rows = test.size();
  return both;
}

DataSplits build_table(const DataOptions& o, std::uint64_t seed) {
  return detail::split_sequences(o, seed, ", column or the chromosome of their names", [&](DataSplits& splits) {
    for (const std::filesystem::path& file : {o.table.file, o.table.test_file}) detail::add_input(splits, file);
    TableOptions table = o.table;
    if (o.split.by == corpus::SplitBy::column && table.set.empty()) table.set = o.split.column;
    return read_table(table);
  });
}

}  // namespace

void describe(Visitor& v, TableOptions& o) {
  v("file", o.file, "table with a header line, one sequence per row");
  v("sequence", o.sequence, "column with the letters");
  v("name", o.name, "column with names; empty: \"name\" if there is one, else row numbers");
  v("labels", o.labels, "columns with labels; empty: every column of numbers that has no other role");
  v("bits", o.bits, "column with all labels of a row as digits 0 and 1, in place of labels");
  v("set", o.set, "column with train, validation or test; not a label");
  v("where", o.where, "conditions \"column=value\" that rows must all meet");
  v("test_file", o.test_file, "second table with the same columns: its rows are the test set, and the others are split without one");
  v("ambiguity", o.ambiguity, "what IUPAC letters other than N become",
    one_of({seq::Ambiguity::error, seq::Ambiguity::as_n}));
  v.group("length", o.length, "one length for all");
}

SequenceDataPtr read_table(const TableOptions& options) {
  if (options.file.empty()) throw ArgumentError("table: the option 'file' is missing");
  const SequenceDataPtr data = TableReader(options, corpus::resolve_path(options.file.string())).read();
  if (options.test_file.empty()) return data;
  TableOptions rest = options;
  rest.length.length = data->length;
  return with_test_rows(*data, *TableReader(rest, corpus::resolve_path(options.test_file.string())).read());
}

const DataKind kTableKind{
    "table", [](Visitor& v, DataOptions& o) { v.group("table", o.table, "sequences and labels in a table"); }, build_table};

}  // namespace basewise::data
