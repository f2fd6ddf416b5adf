#include "basewise/data/detail/binned_targets.h"

#include <algorithm>
#include <map>

#include "basewise/core/error.h"
#include "basewise/core/nearest.h"

namespace basewise::data::detail {

namespace {

std::vector<const io::BinnedTarget*> rows_of(const std::vector<io::BinnedTarget>& table, const std::vector<std::string>& only,
                                             const std::filesystem::path& file) {
  std::vector<const io::BinnedTarget*> rows;
  for (const io::BinnedTarget& target : table)
    if (only.empty() || std::find(only.begin(), only.end(), target.identifier) != only.end()) rows.push_back(&target);
  for (const std::string& name : only) {
    if (std::any_of(rows.begin(), rows.end(), [&](const io::BinnedTarget* row) { return row->identifier == name; })) continue;
    std::vector<std::string> names;
    for (const io::BinnedTarget& target : table) names.push_back(target.identifier);
    const auto meant = nearest(name, names);
    throw ArgumentError(
        format("binned: only: {} has no target '{}'{}", file.string(), name, meant ? format("; did you mean '{}'?", *meant) : ""));
  }
  if (rows.empty()) throw DataError(format("{}: there is no target", file.string()));
  return rows;
}

}  // namespace

TargetChoice choose_targets(const std::vector<io::BinnedTarget>& table, const std::vector<std::string>& only, bool pairs,
                            const std::filesystem::path& file) {
  const std::vector<const io::BinnedTarget*> rows = rows_of(table, only, file);
  TargetChoice choice;
  std::map<std::int64_t, std::int64_t> place;  // by index
  std::map<std::string, std::int64_t> columns;  // by identifier
  for (const io::BinnedTarget* row : rows) {
    if (const auto [other, fresh] = columns.emplace(row->identifier, row->index); !fresh)
      throw DataError(format("{}: targets {} and {} (from 0) are both called '{}'; name each in a table of its own, which "
                             "'binned.targets' names",
                             file.string(), other->second, row->index, row->identifier));
    place[row->index] = std::ssize(choice.columns);
    choice.columns.push_back(row->index);
    choice.names.push_back(row->identifier);
  }
  if (!pairs) return choice;
  bool any = false;
  for (const io::BinnedTarget* row : rows) {
    const std::int64_t pair = row->strand_pair.value_or(row->index);
    const auto found = place.find(pair);
    if (found == place.end())
      throw ArgumentError(
          format("binned: target '{}' (index {}) has its other strand at index {}, which is not among the {} targets that "
                 "are taken from {}: take both, or set strand_pairs = false",
                 row->identifier, row->index, pair, rows.size(), file.string()));
    any = any || pair != row->index;
    choice.partners.push_back(found->second);
  }
  for (std::size_t t = 0; t < rows.size(); ++t)
    if (const auto back = choice.partners[static_cast<std::size_t>(choice.partners[t])]; back != static_cast<std::int64_t>(t))
      throw DataError(format("{}: target {} has the strand pair {}, whose own is {}", file.string(), rows[t]->index,
                             rows[static_cast<std::size_t>(choice.partners[t])]->index, rows[static_cast<std::size_t>(back)]->index));
  if (!any) choice.partners.clear();
  return choice;
}

}  // namespace basewise::data::detail
