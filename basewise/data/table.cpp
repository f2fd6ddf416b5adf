#include "basewise/data/table.h"

#include <optional>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/corpus/row_conditions.h"
#include "basewise/data/build.h"
#include "basewise/data/detail/build_parts.h"
#include "basewise/data/detail/label_columns.h"
#include "basewise/data/detail/sequence_builder.h"
#include "basewise/data/detail/sequence_sets.h"
#include "basewise/io/tsv.h"

namespace basewise::data {

namespace {

constexpr const char* kLabelOption = "data.table.labels";

// What columns are for, besides labels.
struct Columns {
  std::size_t sequence = 0;
  std::optional<std::size_t> name;
  std::optional<std::size_t> set;
  std::optional<std::size_t> group;
  std::optional<std::size_t> bits;

  Columns(const TableOptions& o, const SplitColumns& split, const io::TsvReader& table) : sequence(table.column(o.sequence)) {
    if (!o.name.empty())
      name = table.column(o.name);
    else if (table.has("name"))
      name = table.column("name");
    if (!split.set.empty()) set = table.column(split.set);
    if (!split.group.empty()) group = table.column(split.group);
    if (!o.bits.empty()) bits = table.column(o.bits);
  }

  std::vector<std::size_t> taken() const {
    std::vector<std::size_t> columns = {sequence};
    for (const auto& column : {name, set, group, bits})
      if (column) columns.push_back(*column);
    return columns;
  }
};

// The rows of one file.
class TableReader {
 public:
  /// `split`: the columns that this file must have for the split. `prefix`: before notes.
  TableReader(const TableOptions& o, const SplitColumns& split, const std::filesystem::path& path, detail::SequenceBuilder& builder,
              std::string prefix)
      : path_(path), table_(path), columns_(o, split, table_), conditions_(o.where, table_), builder_(builder), prefix_(std::move(prefix)) {
    if (o.with_labels && !columns_.bits) labels_.emplace(detail::LabelChoice{o.labels, taken(o), kLabelOption}, table_);
  }

  void read() {
    std::int64_t filtered = 0;
    while (table_.next()) {
      if (conditions_.met(table_))
        add_row();
      else
        ++filtered;
    }
    if (rows_ == 0)
      throw DataError(format("{}: no sequence was left to read{}", path_.string(),
                             filtered > 0 ? format("; {} rows did not meet the conditions", filtered) : ""));
    if (labels_) take_labels();
    if (filtered > 0) note(format("{} rows did not meet the conditions", filtered));
    if (table_.report().skipped > 0) note(table_.report().summary());
  }

 private:
  std::vector<std::size_t> taken(const TableOptions& o) const {
    std::vector<std::size_t> columns = columns_.taken();
    for (const std::size_t column : conditions_.columns()) columns.push_back(column);
    if (!o.set.empty() && table_.has(o.set)) columns.push_back(table_.column(o.set));
    return columns;
  }

  void note(const std::string& text) { builder_.data().notes.push_back(prefix_ + text); }

  void add_row() {
    SequenceData& data = builder_.data();
    ++rows_;
    const std::string name = columns_.name ? std::string(table_.text(*columns_.name)) : format("row_{}", rows_);
    builder_.add(name, table_.text(columns_.sequence), {path_.string(), table_.line_number()});
    if (columns_.set) data.sets.emplace_back(table_.text(*columns_.set));
    if (columns_.group) data.groups.emplace_back(table_.text(*columns_.group));
    if (columns_.bits) add_bits(table_.text(*columns_.bits));
    if (labels_) labels_->add(table_);
  }

  void add_bits(std::string_view text) {
    SequenceData& data = builder_.data();
    if (data.label_names.empty())
      for (std::size_t t = 0; t < text.size(); ++t) data.label_names.push_back(format("label_{}", t));
    if (text.size() != data.label_names.size() || text.find_first_not_of("01") != std::string_view::npos)
      table_.fail(format("'{}' is no row of {} labels as digits 0 and 1", text, data.label_names.size()));
    for (const char digit : text) data.labels.push_back(digit == '1' ? 1.0F : 0.0F);
  }

  void take_labels() {
    SequenceData& data = builder_.data();
    detail::LabelColumns::Result read = labels_->finish();
    if (!read.instead.empty()) detail::throw_no_labels(path_.string(), read.instead);
    data.label_names = std::move(read.names);
    data.labels.insert(data.labels.end(), read.values.begin(), read.values.end());
    for (const std::string& text : read.notes) note(text);
  }

  std::filesystem::path path_;
  io::TsvReader table_;
  Columns columns_;
  corpus::Conditions conditions_;
  detail::SequenceBuilder& builder_;
  std::string prefix_;
  std::optional<detail::LabelColumns> labels_;
  std::int64_t rows_ = 0;
};

DataSplits build_table(const DataOptions& o, std::uint64_t seed) {
  return detail::split_sequences(o, seed, ", column, group or the chromosome of their names", [&](DataSplits& splits) {
    for (const FileList* files : {&o.table.file, &o.table.validation_file, &o.table.test_file}) detail::add_inputs(splits, *files);
    TableOptions table = o.table;
    if (o.split.by == corpus::SplitBy::column && table.set.empty()) table.set = o.split.column;
    return read_table(table, o.split.by == corpus::SplitBy::group ? o.split.group : std::string());
  });
}

}  // namespace

void describe(Visitor& v, TableOptions& o) {
  v("file", o.file, "tables (tabs or commas) with a header line, one sequence per row; several have the same columns");
  v("sequence", o.sequence, "column with the letters");
  v("name", o.name, "column with names; empty: \"name\" if there is one, else row numbers");
  v("labels", o.labels, "columns with labels; empty: columns of numbers whose names are not those of places or marks; notes say which");
  v.list("targets", o.targets,
         "in place of labels: several targets, each with the columns of its labels, for heads with losses of their own");
  v("bits", o.bits, "column with all labels of a row as digits 0 and 1, in place of labels");
  v("set", o.set, "column with train, validation or test; not a label");
  v("where", o.where, "conditions \"column=value\" that rows must all meet");
  v("validation_file", o.validation_file, "further tables with the same columns: their rows are the validation set");
  v("test_file", o.test_file, "further tables with the same columns: their rows are the test set, and the others are split without one");
  v("ambiguity", o.ambiguity, "what IUPAC letters other than N become",
    one_of({seq::Ambiguity::error, seq::Ambiguity::as_n}));
  v.group("length", o.length, "one length for all");
}

SequenceDataPtr read_table(const TableOptions& given, const std::string& group) {
  if (given.file.empty()) throw ArgumentError("table: the option 'file' is missing");
  TableOptions o = given;
  o.labels = labels_of_targets(o.targets, o.labels);
  if (!o.targets.empty() && !o.bits.empty()) throw ArgumentError("table: labels stand in 'targets' or in 'bits'; both are given");
  const bool several = o.file.size() + o.validation_file.size() + o.test_file.size() > 1;
  detail::SequenceBuilder builder(detail::source_of({&o.file, &o.validation_file, &o.test_file}), o.length, o.ambiguity);
  SequenceData& data = builder.data();
  SplitColumns split{o.set, group};
  const auto read = [&](const FileList& files) {
    const std::int64_t before = data.size();
    for (const std::filesystem::path& file : files) {
      TableReader(o, split, corpus::resolve_path(file.string()), builder, several ? file.filename().string() + ": " : "").read();
      // What the first file says is so in the others.
      if (o.bits.empty()) o.labels = data.label_names;
      o.with_labels = o.with_labels && !data.label_names.empty();
    }
    return data.size() - before;
  };
  read(o.file);
  split = {};
  data.validation_rows = read(o.validation_file);
  data.test_rows = read(o.test_file);
  data.targets = o.targets;
  return builder.finish();
}

const DataKind kTableKind{
    "table", [](Visitor& v, DataOptions& o) { v.group("table", o.table, "sequences and labels in a table"); }, build_table};

}  // namespace basewise::data
