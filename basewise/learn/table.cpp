#include "basewise/learn/table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "basewise/core/error.h"
#include "basewise/io/tsv.h"

namespace basewise::learn {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kMostClasses = 1000;

/// Nothing where a field is no number.
std::optional<double> number_in(std::string_view field) {
  if (field.size() > 1 && field.front() == '+') field.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size() || std::isnan(value)) return std::nullopt;
  return value;
}

/// Columns of a reader by what they are for.
struct Places {
  std::vector<std::size_t> features = {}, labels = {};
  std::optional<std::size_t> groups = {}, weights = {}, name = {};
};

/// Fields of the columns that are no features, as they are read.
struct Texts {
  std::vector<std::vector<std::string>> labels = {};  // (labels)(rows); empty: missing
};

class TableReading {
 public:
  TableReading(io::TsvReader& reader, const Places& places) : reader_(reader), places_(places) {
    for (const std::size_t column : places.features) table_.features.names.push_back(reader.columns()[column]);
    table_.features.values.resize(places.features.size());
    problems_.resize(places.features.size());
    texts_.labels.resize(places.labels.size());
  }

  /// `all_labels`: rows without one of them are left out.
  void read(bool all_labels) {
    for (std::int64_t row = 1; reader_.next(); ++row) {
      const bool labelled = std::none_of(places_.labels.begin(), places_.labels.end(),
                                         [&](std::size_t column) { return io::is_missing(reader_.text(column)); });
      if (labelled || !all_labels)
        add_row(row);
      else
        ++table_.left_out;
    }
    table_.features.rows = std::ssize(table_.rows);
    refuse_text();
    if (table_.rows.empty())
      throw DataError(
          format("{}: has no row{}", reader_.name(), table_.left_out > 0 ? format(" with a label; {} have none", table_.left_out) : ""));
    if (table_.left_out > 0) table_.notes.push_back(format("{}: {} rows without a label are left out", reader_.name(), table_.left_out));
  }

  LabelledTable& table() { return table_; }
  const Texts& texts() const { return texts_; }

 private:
  /// A field that goes into other tables as it is.
  std::string word(std::size_t column) const {
    const std::string_view text = reader_.text(column);
    if (text.find_first_of("\t\r\n") != std::string_view::npos)
      reader_.fail(format("'{}' holds a tab or a line break in its text", reader_.columns()[column]));
    return std::string(text);
  }

  void add_row(std::int64_t row) {
    table_.rows.push_back(places_.name ? word(*places_.name) : format("{}", row));
    for (std::size_t k = 0; k < places_.labels.size(); ++k) {
      const std::string text = word(places_.labels[k]);
      texts_.labels[k].push_back(io::is_missing(text) ? "" : text);
    }
    for (std::size_t j = 0; j < places_.features.size(); ++j) add_feature(j);
    if (places_.groups) {
      table_.groups.push_back(word(*places_.groups));
      if (io::is_missing(table_.groups.back())) reader_.fail(format("has no group in column '{}'", reader_.columns()[*places_.groups]));
    }
    if (!places_.weights) return;
    const double weight = reader_.number(*places_.weights);
    if (!(weight >= 0) || !std::isfinite(weight))
      reader_.fail(format("'{}' is {}; a weight is a finite number of 0 or more", reader_.columns()[*places_.weights], weight));
    table_.weights.push_back(weight);
  }

  void add_feature(std::size_t j) {
    if (!problems_[j].empty()) return;
    const std::string_view text = reader_.text(places_.features[j]);
    const std::optional<double> value = io::is_missing(text) ? kNothing : number_in(text);
    if (!value)
      problems_[j] = format("line {} of column '{}' holds '{}'", reader_.line_number(), table_.features.names[j], text);
    else if (std::isinf(*value))
      reader_.fail(format("'{}' is infinite; leave the field empty where nothing was measured", table_.features.names[j]));
    else
      table_.features.values[j].push_back(*value);
  }

  /// All at once, so that one more call is enough.
  void refuse_text() const {
    std::vector<std::string> names;
    std::string first;
    for (std::size_t j = 0; j < problems_.size(); ++j) {
      if (problems_[j].empty()) continue;
      if (names.empty()) first = problems_[j];
      names.push_back(table_.features.names[j]);
    }
    if (!names.empty())
      throw DataError(
          format("{}: features are numbers, and {}; leave such columns out: --ignore {}", reader_.name(), first, fmt::join(names, ",")));
  }

  io::TsvReader& reader_;
  const Places& places_;
  LabelledTable table_;
  Texts texts_;
  std::vector<std::string> problems_;  // of features: why they are none, with the first such field
};

/// The values of a label as classes, in their order; "1" and "1.0" are one class where all are
/// numbers.
std::vector<std::string> classes_of(const std::vector<std::string>& texts) {
  const std::set<std::string> different(texts.begin(), texts.end());
  std::vector<std::string> classes(different.begin(), different.end());
  const bool numbers = std::all_of(classes.begin(), classes.end(), [](const std::string& text) { return number_in(text).has_value(); });
  if (!numbers) return classes;
  std::stable_sort(classes.begin(), classes.end(), [](const auto& a, const auto& b) { return *number_in(a) < *number_in(b); });
  const auto same = [](const auto& a, const auto& b) { return *number_in(a) == *number_in(b); };
  classes.erase(std::unique(classes.begin(), classes.end(), same), classes.end());
  return classes;
}

bool has_classes(const std::vector<std::string>& texts, Task task) {
  if (task != Task::automatic) return task == Task::classes;
  bool words = false, zero_or_one = true;
  for (const std::string& text : texts) {
    const auto value = number_in(text);
    words = words || !value;
    zero_or_one = zero_or_one && value && (*value == 0 || *value == 1);
  }
  return words || zero_or_one;
}

double number_of_label(const std::string& file, const std::string& name, const std::string& text) {
  if (text.empty()) return kNothing;
  const auto value = number_in(text);
  if (!value || !std::isfinite(*value)) throw DataError(format("{}: '{}' holds '{}', which is no finite number", file, name, text));
  return *value;
}

/// The number of a class by its text, or by the same number written otherwise.
std::optional<double> class_of(const Output& output, const std::string& text) {
  const auto value = number_in(text);
  for (std::size_t c = 0; c < output.classes.size(); ++c)
    if (output.classes[c] == text || (value && number_in(output.classes[c]) == value)) return static_cast<double>(c);
  return std::nullopt;
}

/// The values of a label as numbers, or as numbers of classes.
std::vector<double> values_of(const std::string& file, const Output& output, const std::vector<std::string>& texts) {
  std::map<std::string, double> known;
  std::vector<double> values;
  for (const std::string& text : texts) {
    if (output.is_number() || text.empty()) {
      values.push_back(number_of_label(file, output.name, text));
      continue;
    }
    auto found = known.find(text);
    if (found == known.end()) {
      const auto number = class_of(output, text);
      if (!number)
        throw DataError(
            format("{}: '{}' holds '{}', which is none of the classes {}", file, output.name, text, fmt::join(output.classes, ", ")));
      found = known.emplace(text, *number).first;
    }
    values.push_back(found->second);
  }
  return values;
}

Output output_of(const std::string& file, const std::string& name, const std::vector<std::string>& texts, Task task) {
  Output output = {.name = name};
  if (has_classes(texts, task)) output.classes = classes_of(texts);
  if (output.classes.size() == 1)
    throw DataError(format("{}: all rows have '{}' = {}; there is nothing to learn", file, name, output.classes.front()));
  if (std::ssize(output.classes) > kMostClasses)
    throw DataError(format("{}: '{}' has {} different words; {} classes are the most (task = numbers, for numbers)", file, name,
                           output.classes.size(), kMostClasses));
  return output;
}

void check_names(const io::TsvReader& reader) {
  for (const std::string& name : reader.columns())
    if (name.find_first_of("\t\r\n") != std::string::npos)
      throw DataError(format("{}: a column has a tab or a line break in its name: '{}'", reader.name(), name));
}

void find_others(const io::TsvReader& reader, const TableOptions& options, Places& places) {
  check_names(reader);
  if (!options.groups.empty()) places.groups = reader.column(options.groups);
  if (!options.weights.empty()) places.weights = reader.column(options.weights);
  places.name = options.name.empty() ? reader.index_column() : std::optional(reader.column(options.name));
}

/// Columns that are features: those that are named, else all that are nothing else.
std::vector<std::size_t> feature_columns(const io::TsvReader& reader, const TableOptions& options, const Places& places) {
  std::set<std::size_t> taken(places.labels.begin(), places.labels.end());
  for (const auto& place : {places.groups, places.weights, places.name})
    if (place) taken.insert(*place);
  for (const std::string& name : options.ignore) taken.insert(reader.column(name));
  std::vector<std::size_t> columns;
  if (options.features_elsewhere) return columns;
  for (const std::string& name : options.features) {
    columns.push_back(reader.column(name));
    if (taken.contains(columns.back())) throw ArgumentError(format("column '{}' is a feature and something else as well", name));
  }
  for (std::size_t column = 0; options.features.empty() && column < reader.columns().size(); ++column)
    if (!taken.contains(column)) columns.push_back(column);
  if (std::set<std::size_t>(columns.begin(), columns.end()).size() != columns.size()) throw ArgumentError("features names a column twice");
  if (columns.empty()) throw DataError(format("{}: no column is left for features", reader.name()));
  return columns;
}

}  // namespace

void describe(Visitor& v, TableOptions& o) {
  v("labels", o.labels, "columns that are predicted");
  v("features", o.features, "columns that they are predicted from; empty: all others that have no other use");
  v("ignore", o.ignore, "columns that are none of the features");
  v("groups", o.groups, "column of what belongs together, such as a chromosome or an LD block: one fold holds all of a group");
  v("weights", o.weights, "column that says how much a row counts in training");
  v("name", o.name, "column that names rows [that without a heading, else rows are counted]");
  v("task", o.task, "what labels are");
}

LabelledTable read_labelled(const TableOptions& options) {
  io::TsvReader reader(options.table);
  Places places;
  if (options.labels.empty())
    throw ArgumentError(format("labels is missing: the columns of {} that are predicted", options.table.string()));
  for (const std::string& name : options.labels) places.labels.push_back(reader.column(name));
  if (std::set<std::size_t>(places.labels.begin(), places.labels.end()).size() != places.labels.size())
    throw ArgumentError("labels names a column twice");
  find_others(reader, options, places);
  places.features = feature_columns(reader, options, places);
  TableReading reading(reader, places);
  reading.read(true);
  LabelledTable table = std::move(reading.table());
  for (std::size_t k = 0; k < options.labels.size(); ++k) {
    table.targets.outputs.push_back(output_of(reader.name(), options.labels[k], reading.texts().labels[k], options.task));
    table.targets.values.push_back(values_of(reader.name(), table.targets.outputs.back(), reading.texts().labels[k]));
  }
  return table;
}

LabelledTable read_for_model(const TableOptions& options, std::span<const std::string> features, std::span<const Output> outputs) {
  io::TsvReader reader(options.table);
  Places places;
  find_others(reader, options, places);
  std::vector<std::string> lacking;
  for (const std::string& name : features) {
    if (reader.has(name))
      places.features.push_back(reader.column(name));
    else
      lacking.push_back(name);
  }
  if (!lacking.empty())
    throw DataError(format("{}: lacks columns that the model was fitted to: {}", reader.name(), fmt::join(lacking, ", ")));
  const bool labelled = std::all_of(outputs.begin(), outputs.end(), [&](const Output& output) { return reader.has(output.name); });
  for (const Output& output : outputs)
    if (labelled) places.labels.push_back(reader.column(output.name));
  TableReading reading(reader, places);
  reading.read(false);
  LabelledTable table = std::move(reading.table());
  for (std::size_t k = 0; k < places.labels.size(); ++k) {
    table.targets.outputs.push_back(outputs[k]);
    table.targets.values.push_back(values_of(reader.name(), outputs[k], reading.texts().labels[k]));
  }
  return table;
}

}  // namespace basewise::learn
