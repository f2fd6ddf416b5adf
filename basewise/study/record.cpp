#include "basewise/study/record.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include "basewise/core/file_lock.h"
#include "basewise/core/files.h"
#include "basewise/io/tsv.h"

namespace basewise::study {
namespace {

std::string key_of(const std::string& run, const std::string& evaluation, const std::string& split,
                   const std::string& weights) {
  return format("{}\t{}\t{}\t{}", run, evaluation, split, weights);
}
std::string key_of(const Run& run, const Measurement& m) {
  return key_of(run.name, m.evaluation, std::string(to_word(m.split)), m.weights);
}
std::string key_of(const Row& row) { return key_of(row.run, row.evaluation, row.split, row.weights); }

std::vector<std::string> axis_names(const Study& study) {
  std::vector<std::string> names;
  for (const Axis& axis : study.options.axes) names.push_back(axis.name);
  return names;
}

const std::vector<std::string>& fact_names() {
  static const std::vector<std::string> facts = {"parameters", "epochs", "train_seconds", "seconds",
                                                 "threads",    "device", "machine",       "version"};
  return facts;
}

bool is_fact(const std::string& column) {
  const auto& facts = fact_names();
  return std::find(facts.begin(), facts.end(), column) != facts.end();
}

/// The member of a row that a column holds; null for columns of other names.
std::string* member_of(Row& row, std::optional<RowName> column) {
  if (!column) return nullptr;
  switch (*column) {
    case RowName::run:
      return &row.run;
    case RowName::evaluation:
      return &row.evaluation;
    case RowName::split:
      return &row.split;
    case RowName::weights:
      return &row.weights;
    case RowName::hash:
      return &row.hash;
    case RowName::method:  // follows from the others, and is no column
      return nullptr;
  }
  throw InternalError("unknown column of a record");
}

const std::string& get(const std::map<std::string, std::string>& values, const std::string& name) {
  static const std::string absent = kAbsent;
  const auto found = values.find(name);
  return found == values.end() || found->second.empty() ? absent : found->second;
}

}  // namespace

double number_of(const std::map<std::string, std::string>& texts, const std::string& name) {
  const auto found = texts.find(name);
  return found == texts.end() || found->second == kAbsent ? std::nan("") : std::strtod(found->second.c_str(), nullptr);
}

bool Row::same_key(const Row& other) const { return key_of(*this) == key_of(other); }

Record::Record(const Study& study) : axes_(axis_names(study)) {}

Record Record::read(const Study& study, const fs::path& file) {
  Record record(study);
  if (!fs::exists(file)) return record;
  io::TsvReader reader(file, io::plain_table());
  while (reader.next()) {
    Row row;
    row.values.assign(record.axes_.size(), kAbsent);
    for (const std::string& column : reader.columns()) {
      const std::string text(reader.text(column));
      const auto axis = std::find(record.axes_.begin(), record.axes_.end(), column);
      if (axis != record.axes_.end())
        row.values[static_cast<std::size_t>(axis - record.axes_.begin())] = text;
      else if (std::string* member = member_of(row, find_choice<RowName>(column)))
        *member = text;
      else if (is_fact(column))
        row.facts[column] = text;
      else if (text != kAbsent)
        row.metrics[column] = text;
    }
    if (row.run.empty() || row.evaluation.empty() || row.split.empty() || row.weights.empty() || row.hash.empty())
      reader.fail("a record has the columns run, evaluation, split, weights and hash, and none of them is empty");
    record.put(std::move(row));
  }
  return record;
}

const Row* Record::find(const Run& run, const Measurement& m) const {
  const auto found = index_.find(key_of(run, m));
  return found == index_.end() ? nullptr : &rows_[found->second];
}

void Record::put(Row row) {
  const auto [place, is_new] = index_.try_emplace(key_of(row), rows_.size());
  if (is_new)
    rows_.push_back(std::move(row));
  else
    rows_[place->second] = std::move(row);
}

void Record::erase(const Run& run, const Measurement& m) {
  const std::string key = key_of(run, m);
  if (index_.erase(key) == 0) return;
  std::erase_if(rows_, [&](const Row& row) { return key_of(row) == key; });
  for (std::size_t i = 0; i < rows_.size(); ++i) index_[key_of(rows_[i])] = i;
}

std::string Record::text(const std::vector<Run>& order) const {
  std::map<std::string, std::size_t> place;
  for (const Run& run : order)
    for (const Measurement& m : run.measurements)
      place.try_emplace(key_of(run, m), place.size());
  const auto rank = [&](const Row* row) {
    const auto found = place.find(key_of(*row));
    return std::pair(found == place.end() ? place.size() : found->second, key_of(*row));
  };
  std::vector<const Row*> sorted;
  std::set<std::string> metrics;
  for (const Row& row : rows_) {
    sorted.push_back(&row);
    for (const auto& [name, value] : row.metrics) metrics.insert(name);
  }
  std::sort(sorted.begin(), sorted.end(), [&](const Row* a, const Row* b) { return rank(a) < rank(b); });

  std::vector<std::string> head = {"run"};
  head.insert(head.end(), axes_.begin(), axes_.end());
  for (const char* name : {"evaluation", "split", "weights", "hash"}) head.emplace_back(name);
  head.insert(head.end(), metrics.begin(), metrics.end());
  head.insert(head.end(), fact_names().begin(), fact_names().end());
  std::string text = format("{}\n", fmt::join(head, "\t"));
  for (const Row* row : sorted) {
    std::vector<std::string> fields = {row->run};
    fields.insert(fields.end(), row->values.begin(), row->values.end());
    for (const std::string* field : {&row->evaluation, &row->split, &row->weights, &row->hash})
      fields.push_back(*field);
    for (const std::string& metric : metrics) fields.push_back(get(row->metrics, metric));
    for (const std::string& fact : fact_names()) fields.push_back(get(row->facts, fact));
    text += format("{}\n", fmt::join(fields, "\t"));
  }
  return text;
}

nlohmann::ordered_json to_json(const Row& row) {
  return {{"run", row.run},         {"values", row.values}, {"evaluation", row.evaluation}, {"split", row.split},
          {"weights", row.weights}, {"hash", row.hash},     {"facts", row.facts},           {"metrics", row.metrics}};
}

Row row_from_json(const nlohmann::ordered_json& json) {
  Row row;
  row.run = json.at("run");
  row.values = json.at("values").get<std::vector<std::string>>();
  row.evaluation = json.at("evaluation");
  row.split = json.at("split");
  row.weights = json.at("weights");
  row.hash = json.at("hash");
  row.facts = json.at("facts").get<std::map<std::string, std::string>>();
  row.metrics = json.at("metrics").get<std::map<std::string, std::string>>();
  return row;
}

Record update_record(const Study& study, const std::vector<Run>& order, const std::function<void(Record&)>& change) {
  fs::create_directories(study.folder / "work");
  const FileLock lock(study.folder / "work" / "record.lock", FileLock::Wait::yes);
  Record record = Record::read(study, study.record());
  const std::string before = fs::exists(study.record()) ? read_file(study.record()) : "";
  change(record);
  if (record.rows().empty() && before.empty()) return record;
  if (const std::string after = record.text(order); after != before) write_file(study.record(), after);
  return record;
}

}  // namespace basewise::study
