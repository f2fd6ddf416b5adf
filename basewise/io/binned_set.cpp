#include "basewise/io/binned_set.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/json.h"
#include "basewise/io/detail/fields.h"
#include "basewise/io/line_reader.h"
#include "basewise/io/tsv.h"

namespace basewise::io {
namespace {

constexpr std::string_view kExtension = ".tfr";
constexpr std::int64_t kMost = std::int64_t{1} << 31;  // of any length and count

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > kMost) return std::nullopt;
  return value;
}

class StatisticsFile {
 public:
  explicit StatisticsFile(const std::filesystem::path& file) : name_(file.string()), json_(read_json(file)) {
    if (!json_.is_object()) fail("is no JSON object");
  }

  std::optional<std::int64_t> find(const std::string& key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) return std::nullopt;
    if (!found->is_number_integer() || *found < 0 || *found > kMost) fail(format("\"{}\" is no whole number of 0 to {}", key, kMost));
    return found->get<std::int64_t>();
  }

  std::int64_t at(const std::string& key) const {
    const std::optional<std::int64_t> value = find(key);
    if (!value) fail(format("the key \"{}\" is missing", key));
    if (*value == 0) fail(format("\"{}\" is 0", key));
    return *value;
  }

  std::vector<std::pair<std::string, std::int64_t>> sets() const {
    constexpr std::string_view kEnd = "_seqs";
    std::vector<std::pair<std::string, std::int64_t>> sets;
    for (const auto& [key, value] : json_.items())
      if (key.ends_with(kEnd) && key.size() > kEnd.size()) sets.emplace_back(key.substr(0, key.size() - kEnd.size()), *find(key));
    return sets;
  }

  [[noreturn]] void fail(const std::string& what) const { throw DataError(format("{}: {}", name_, what)); }

 private:
  std::string name_;
  nlohmann::ordered_json json_;
};

std::optional<std::int64_t> pair_in(const TsvReader& table, std::optional<std::size_t> column) {
  if (!column || is_missing(table.text(*column))) return std::nullopt;
  const std::optional<std::int64_t> pair = whole_number(table.text(*column));
  if (!pair) table.fail(format("strand_pair '{}' is no index of a target", table.text(*column)));
  return pair;
}

}  // namespace

BinnedStatistics read_binned_statistics(const std::filesystem::path& file) {
  const StatisticsFile read(file);
  BinnedStatistics s{.targets = read.at("num_targets"),
                     .length = read.at("seq_length"),
                     .bin = read.at("pool_width"),
                     .crop = read.find("crop_bp").value_or(0),
                     .bins = read.at("target_length"),
                     .sets = read.sets()};
  const std::int64_t covered = s.bins * s.bin;
  if (!read.find("crop_bp") && covered <= s.length) s.crop = (s.length - covered) / 2;
  if (covered + 2 * s.crop != s.length)
    read.fail(format("{} bins of {} bases between {} bases at each end are {} bases, but seq_length is {}", s.bins, s.bin, s.crop,
                     covered + 2 * s.crop, s.length));
  return s;
}

std::vector<BinnedTarget> read_binned_targets(const std::filesystem::path& file) {
  TsvReader table(file, {.separator = "\t", .comment = ""});
  const std::size_t identifier = table.column("identifier");
  const auto column = [&](std::string_view name) { return table.has(name) ? std::optional(table.column(name)) : std::nullopt; };
  const auto description = column("description"), pair = column("strand_pair");
  const auto index = table.index_column() ? table.index_column() : column("index");
  std::vector<BinnedTarget> targets;
  std::set<std::int64_t> seen;
  std::map<std::string, std::int64_t> lines;  // by identifier
  while (table.next()) {
    BinnedTarget target{.index = std::ssize(targets),
                        .identifier = std::string(table.text(identifier)),
                        .description = description ? std::string(table.text(*description)) : std::string(),
                        .strand_pair = pair_in(table, pair)};
    if (index) {
      const std::optional<std::int64_t> given = whole_number(table.text(*index));
      if (!given) table.fail(format("'{}' in the first column is no index of a target (0, 1, 2, ...)", table.text(*index)));
      target.index = *given;
    }
    if (!seen.insert(target.index).second) table.fail(format("the target of index {} is there twice", target.index));
    if (const auto [place, fresh] = lines.emplace(target.identifier, table.line_number()); !fresh)
      table.fail(format("identifier '{}' is used in line {} too; give every target its own (in a copy of the table, which "
                        "'binned.targets' names)",
                        target.identifier, place->second));
    targets.push_back(std::move(target));
  }
  return targets;
}

std::optional<std::pair<std::string, std::int64_t>> binned_file_name(const std::filesystem::path& file) {
  std::string stem = file.filename().string();
  if (!stem.ends_with(kExtension)) return std::nullopt;
  stem.resize(stem.size() - kExtension.size());
  const std::size_t dash = stem.rfind('-');
  if (dash == std::string::npos || dash == 0) return std::nullopt;
  const std::optional<std::int64_t> number = whole_number(std::string_view(stem).substr(dash + 1));
  if (!number) return std::nullopt;
  return std::pair(stem.substr(0, dash), *number);
}

std::vector<std::filesystem::path> files_of_binned_set(const std::vector<std::filesystem::path>& files, std::string_view set) {
  std::multimap<std::int64_t, std::filesystem::path> of_set;
  for (const std::filesystem::path& file : files)
    if (const auto name = binned_file_name(file); name && name->first == set) of_set.emplace(name->second, file);
  std::vector<std::filesystem::path> in_order;
  for (auto& [number, file] : of_set) in_order.push_back(std::move(file));
  return in_order;
}

std::vector<BinnedPlace> read_binned_places(const std::filesystem::path& file) {
  LineReader lines(file);
  std::vector<BinnedPlace> places;
  std::vector<std::string_view> fields;
  for (std::string_view line; lines.next(line);) {
    if (line.empty()) continue;
    detail::split(line, '\t', fields);
    if (fields.size() < 4) lines.fail(format("{} fields; expected chromosome, start, end and set", fields.size()));
    const auto start = whole_number(fields[1]), end = whole_number(fields[2]);
    if (!start || !end || *end < *start) lines.fail(format("'{}' to '{}' is no stretch of a chromosome", fields[1], fields[2]));
    places.push_back({std::string(fields[0]), *start, *end, std::string(fields[3])});
  }
  return places;
}

}  // namespace basewise::io
