#include "basewise/prepare/targets_table.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <string_view>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/tsv.h"

namespace basewise::prepare {
namespace {

constexpr std::string_view kIndex = "index", kIdentifier = "identifier", kFile = "file", kClip = "clip", kClipSoft = "clip_soft",
                           kScale = "scale", kStatistic = "sum_stat", kPair = "strand_pair", kDescription = "description";
constexpr std::string_view kNan = "nan";
// The published programs know the mean by two words.
constexpr std::string_view kAvg = "avg", kAvgSqrt = "avg_sqrt";
constexpr std::array kKnown = {kIndex, kIdentifier, kFile, kClip, kClipSoft, kScale, kStatistic, kPair, kDescription};

BinStatistic statistic_of(std::string_view word, const io::TsvReader& table) {
  if (word == kAvg) return BinStatistic::mean;
  if (word == kAvgSqrt) return BinStatistic::mean_sqrt;
  try {
    return parse_choice<BinStatistic>(word, kStatistic);
  } catch (const ArgumentError& e) {
    table.fail(e.what());
  }
}

bool is_nan(std::string_view field) {
  std::string letters;
  for (const unsigned char c : field)
    if (!std::isspace(c)) letters += static_cast<char>(std::tolower(c));
  return letters == kNan;
}

std::filesystem::path found(const std::filesystem::path& file, const std::filesystem::path& table) {
  if (file.is_absolute() || std::filesystem::exists(file)) return file;
  const auto beside = table.parent_path() / file;
  return std::filesystem::exists(beside) ? beside : file;
}

class Rows {
 public:
  Rows(const std::filesystem::path& path, TransformForm form) : path_(path), form_(form), table_(path, {.separator = "\t", .comment = ""}) {
    for (const std::string_view needed : {kIdentifier, kFile}) static_cast<void>(table_.column(needed));
    for (std::size_t i = 0; i < table_.columns().size(); ++i) {
      const std::string& name = table_.columns()[i];
      if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end() && table_.index_column() != i) others_.push_back(name);
    }
  }

  bool next(BinTarget& target) {
    if (!table_.next()) return false;
    target = {};
    target.line = table_.line_number();
    target.identifier = table_.text(kIdentifier);
    target.index = index();
    if (const auto [place, fresh] = lines_.emplace(target.index, target.line); !fresh)
      table_.fail(format("index {} is used in line {} too; every target needs its own", target.index, place->second));
    if (const auto [place, fresh] = identifier_lines_.emplace(target.identifier, target.line); !fresh)
      table_.fail(format("identifier '{}' is used in line {} too; every target needs its own, as files of tracks are named by it",
                         target.identifier, place->second));
    target.file = file();
    target.transform = transform();
    target.strand_pair = text(kPair);
    target.description = text(kDescription);
    ++count_;
    return true;
  }

  const std::vector<std::string>& others() const { return others_; }
  bool has(std::string_view column) const { return table_.has(column); }

 private:
  std::string index() const {
    if (table_.has(kIndex)) return std::string(table_.text(kIndex));
    if (const auto column = table_.index_column()) return std::string(table_.text(*column));
    return format("{}", count_);
  }

  std::string text(std::string_view column) const {
    if (!table_.has(column) || io::is_missing(table_.text(column))) return {};
    return std::string(table_.text(column));
  }

  std::optional<double> number(std::string_view column) const { return table_.has(column) ? table_.optional_number(column) : std::nullopt; }

  // A number that was meant to be one: 1 in place of it would train on other values.
  double scale() const {
    if (table_.has(kScale) && is_nan(table_.text(kScale)))
      table_.fail(format("column '{}': '{}' is no number above 0; leave the field empty for 1", kScale, table_.text(kScale)));
    return number(kScale).value_or(1);
  }

  std::filesystem::path file() const {
    const std::string given = text(kFile);
    if (given.empty()) table_.fail("there is no file; each target needs the track that it is read from");
    const auto path = found(corpus::resolve_path(given), path_);
    if (!std::filesystem::exists(path))
      table_.fail(format("there is no file {}; relative names start at the working folder or at the table", given));
    if (std::filesystem::is_directory(path)) table_.fail(format("{} is a folder; a target is one file", given));
    return path;
  }

  BinTransform transform() const {
    BinTransform t{.form = form_, .scale = scale(), .clip_soft = number(kClipSoft), .clip = number(kClip)};
    if (const std::string word = text(kStatistic); !word.empty()) t.statistic = statistic_of(word, table_);
    try {
      check(t, text(kIdentifier));
    } catch (const ArgumentError& e) {
      table_.fail(e.what());
    }
    return t;
  }

  std::filesystem::path path_;
  TransformForm form_;
  io::TsvReader table_;
  std::vector<std::string> others_ = {};
  std::map<std::string, std::int64_t> lines_ = {}, identifier_lines_ = {};  // by index, by identifier
  std::int64_t count_ = 0;
};

void note_pairs(TargetsTable& table) {
  std::set<std::string> known;
  for (const BinTarget& target : table.targets) known.insert(target.index);
  const auto lost = std::count_if(table.targets.begin(), table.targets.end(), [&](const BinTarget& target) {
    return !target.strand_pair.empty() && !known.contains(target.strand_pair);
  });
  if (lost > 0) table.notes.push_back(format("{} targets name a strand_pair that the table does not have", lost));
}

}  // namespace

std::string TargetsTable::place(std::size_t target) const {
  return format("{}:{} ({})", path.string(), targets[target].line, targets[target].identifier);
}

TargetsTable read_targets(const std::filesystem::path& path, TransformForm form) {
  TargetsTable table{.path = path, .targets = {}, .notes = {}};
  Rows rows(path, form);
  for (BinTarget target; rows.next(target);) table.targets.push_back(std::move(target));
  if (table.targets.empty()) throw DataError(format("{}: there is no target in the table", path.string()));
  if (!rows.has(kStatistic)) table.notes.push_back("the table has no column sum_stat: bins are sums");
  if (!rows.others().empty()) table.notes.push_back(format("columns that say nothing here: {}", fmt::join(rows.others(), ", ")));
  note_pairs(table);
  return table;
}

}  // namespace basewise::prepare
