#include "basewise/draft/detail/column_facts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/core/lower_case.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/tsv.h"

namespace basewise::draft::detail {
namespace {

constexpr std::string_view kBases = "acgtunryswkmbdhv";

template <std::size_t N>
bool is_among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<double> number_in(const std::string& lower) {
  static constexpr std::array<std::string_view, 4> kNoYes{"false", "true", "f", "t"};
  for (std::size_t i = 0; i < kNoYes.size(); ++i)
    if (lower == kNoYes[i]) return static_cast<double>(i % 2);
  double value = 0;
  const char* begin = lower.data() + (lower.starts_with('+') ? 1 : 0);
  const auto [end, status] = std::from_chars(begin, lower.data() + lower.size(), value);
  if (status != std::errc() || end != lower.data() + lower.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// The first line of a table must hold names.
void check_heading(const io::TsvReader& table) {
  constexpr std::size_t kSequence = 20;  // bases that no name has
  for (const std::string& name : table.columns())
    if (name.size() >= kSequence && lower_case(name).find_first_not_of(kBases) == std::string::npos)
      throw DataError(
          format("{}: the first line holds a sequence ({}...) where the names of columns are expected; put a line with a name "
                 "for each column in front",
                 table.name(), name.substr(0, kSequence)));
}

}  // namespace

void ColumnFacts::add(std::string_view field, const std::string& file, std::int64_t line) {
  constexpr std::size_t kWords = 8, kShortest = 4;
  const std::string lower = lower_case(field);
  letters = letters && field.size() >= kShortest && lower.find_first_not_of(kBases) == std::string::npos;
  if (words.size() < kWords) words.insert(std::string(field));
  if (rows == 0) width = std::ssize(field);
  digits = digits && std::ssize(field) == width && field.find_first_not_of("01") == std::string_view::npos;
  const std::int64_t row = rows++;
  if (io::is_missing(field)) {
    ++missing;
    return;
  }
  const std::optional<double> value = number_in(lower);
  if (!value) {
    if (no_numbers++ == 0) first_word = field, place = format("{}:{}", file, line);
    return;
  }
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

bool ColumnFacts::bits() const {
  const auto begins_with_0 = [](const std::string& word) { return word.starts_with('0'); };
  return digits && width >= 2 && std::any_of(words.begin(), words.end(), begins_with_0);
}

bool ColumnFacts::splits() const {
  static constexpr std::array<std::string_view, 7> kSets{"train", "training", "validation", "valid", "val", "dev", "test"};
  return rows > 0 && (words.contains("train") || words.contains("training")) && words.size() >= 2 &&
         std::all_of(words.begin(), words.end(), [](const std::string& word) { return word.empty() || is_among(kSets, word); });
}

bool ColumnFacts::says_chromosome() const {
  static constexpr std::array<std::string_view, 5> kNames{"chrom", "chr", "chromosome", "seqnames", "seqname"};
  constexpr std::size_t kFewest = 5;  // with fewer no set has its tenth
  return missing == 0 && words.size() >= kFewest && is_among(kNames, lower_case(name));
}

bool ColumnFacts::names_rows() const {
  static constexpr std::array<std::string_view, 2> kNames{"name", "row"};
  return is_among(kNames, name);
}

bool ColumnFacts::is_bookkeeping() const {
  static constexpr std::array<std::string_view, 16> kNames{"name",   "row",   "unnamed: 0", "number", "chromosome", "stop",
                                                           "fold",   "split", "set",        "rank",   "barcode",    "length",
                                                           "summit", "seed",  "group",      "cluster"};
  static constexpr std::array<std::string_view, 9> kParts{"start", "end", "pos", "position", "chrom", "chr", "strand", "id", "index"};
  const std::string lower = lower_case(name);
  for (std::size_t at = 0; at <= lower.size();) {  // peak_start, hg38.pos
    const std::size_t end = std::min(lower.find_first_of("_.- ", at), lower.size());
    if (is_among(kParts, std::string_view(lower).substr(at, end - at))) return true;
    at = end + 1;
  }
  return is_among(kNames, lower) || lower.find("pred") != std::string::npos;
}

std::vector<ColumnFacts> look_at_columns(const std::vector<std::filesystem::path>& files, std::int64_t fewest) {
  std::vector<ColumnFacts> columns;
  for (const std::filesystem::path& file : files) {
    io::TsvReader table(corpus::resolve_path(file.string()));
    check_heading(table);
    if (columns.empty())
      for (const std::string& name : table.columns()) columns.push_back({.name = name});
    std::vector<std::size_t> at;
    for (const ColumnFacts& column : columns) at.push_back(table.column(column.name));
    while (table.next())
      for (std::size_t i = 0; i < columns.size(); ++i) columns[i].add(table.text(at[i]), table.name(), table.line_number());
  }
  const std::int64_t rows = columns.empty() ? 0 : columns.front().rows;
  if (rows < fewest)
    throw DataError(
        format("{}: {} rows; a network that learns from fewer than {} would learn them by heart", file_names(files), rows, fewest));
  return columns;
}

}  // namespace basewise::draft::detail
