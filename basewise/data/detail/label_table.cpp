#include "basewise/data/detail/label_table.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/data/detail/label_columns.h"
#include "basewise/data/detail/sequence_builder.h"

namespace basewise::data::detail {

namespace {

constexpr const char* kFastaLabels = "data.fasta.labels";

std::string some_names(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 3;
  const std::size_t shown = std::min(names.size(), kMost);
  std::string text = format("{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  return names.size() > shown ? format("{} and {} more", text, names.size() - shown) : text;
}

}  // namespace

LabelTable::LabelTable(const LabelTableOptions& given) : source_(source_of({&given.files})) {
  LabelTableOptions o = given;
  for (const std::filesystem::path& file : o.files) {
    read(corpus::resolve_path(file.string()), o);
    o.labels = label_names_;  // what the first file says is so in the others
  }
}

void LabelTable::read(const std::filesystem::path& path, const LabelTableOptions& o) {
  io::TsvReader table(path);
  const std::size_t key = table.column(o.name);
  std::vector<std::size_t> taken = {key};
  std::optional<std::size_t> set, group;
  if (!o.split.set.empty()) taken.push_back(*(set = table.column(o.split.set)));
  if (!o.split.group.empty()) taken.push_back(*(group = table.column(o.split.group)));
  LabelColumns columns({o.labels, taken, kFastaLabels}, table);
  while (table.next()) {
    std::string name(table.text(key));
    Row row{.number = in_order_.size(), .words = {}};
    if (set) row.words.set = std::string(table.text(*set));
    if (group) row.words.group = std::string(table.text(*group));
    columns.add(table);
    if (!rows_.emplace(name, std::move(row)).second) table.fail(format("the sequence '{}' has a second row", name));
    in_order_.push_back(std::move(name));
  }
  LabelColumns::Result result = columns.finish();
  if (result.names.empty()) throw_no_labels(path.string(), result.instead);
  label_names_ = std::move(result.names);
  values_.insert(values_.end(), result.values.begin(), result.values.end());
  for (const std::string& note : result.notes) notes_.push_back(format("{}: {}", path.filename().string(), note));
}

std::vector<float> LabelTable::labels(std::string_view name) {
  ++asked_;
  const std::size_t tasks = label_names_.size();
  const auto found = rows_.find(name);
  if (found == rows_.end()) {
    unlabelled_.emplace_back(name);
    return std::vector<float>(tasks, std::numeric_limits<float>::quiet_NaN());
  }
  found->second.used = true;
  const auto first = values_.begin() + static_cast<std::ptrdiff_t>(found->second.number * tasks);
  return {first, first + static_cast<std::ptrdiff_t>(tasks)};
}

SplitColumns LabelTable::words(std::string_view name) const {
  const auto found = rows_.find(name);
  return found == rows_.end() ? SplitColumns{} : found->second.words;
}

std::vector<std::string> LabelTable::notes(const std::string& source) const {
  if (std::ssize(unlabelled_) == asked_)
    throw DataError(format("{}: none of its sequences has a row in {}; compare their names ({} there, {} here)", source, source_,
                           some_names(in_order_), some_names(unlabelled_)));
  std::vector<std::string> notes = notes_;
  if (!unlabelled_.empty())
    notes.push_back(format("{} of {} sequences have no row in {}: their labels are missing ({})", unlabelled_.size(), asked_, source_,
                           some_names(unlabelled_)));
  std::vector<std::string> unused;
  for (const std::string& name : in_order_)
    if (!rows_.at(name).used) unused.push_back(name);
  if (!unused.empty())
    notes.push_back(format("{} of {} rows of {} belong to no sequence ({})", unused.size(), in_order_.size(), source_, some_names(unused)));
  return notes;
}

}  // namespace basewise::data::detail
