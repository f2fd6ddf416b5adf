#include "basewise/corpus/detail/source_rows.h"

#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/core/some_of.h"
#include "basewise/corpus/detail/site_intervals.h"
#include "basewise/corpus/row_conditions.h"
#include "basewise/io/bed.h"
#include "basewise/io/gff.h"
#include "basewise/io/tsv.h"

namespace basewise::corpus::detail {
namespace {

// Sequences are shorter by far: sums of positions and offsets do not overflow.
constexpr std::int64_t kFarthest = std::int64_t{1} << 40;

constexpr std::array<std::pair<std::string_view, seq::Strand>, 6> kStrandWords = {{{"forward", seq::Strand::forward},
                                                                                   {"reverse", seq::Strand::reverse},
                                                                                   {"plus", seq::Strand::forward},
                                                                                   {"minus", seq::Strand::reverse},
                                                                                   {"1", seq::Strand::forward},
                                                                                   {"-1", seq::Strand::reverse}}};

bool is_interval(Coordinates c) { return c == Coordinates::half_open || c == Coordinates::inclusive; }

// The base of [start, end), from 0, that is the site.
std::int64_t point_of(SiteEnd point, std::int64_t start, std::int64_t end, seq::Strand strand) {
  return (strand == seq::Strand::reverse) == (point == SiteEnd::start) ? end - 1 : start;
}

// Numbers for names, in the order in which they come.
class Names {
 public:
  explicit Names(std::vector<std::string>& names) : names_(names) {}
  std::size_t number(std::string_view name) {
    const auto [at, fresh] = numbers_.emplace(name, names_.size());
    if (fresh) names_.push_back(at->first);
    return at->second;
  }

 private:
  std::vector<std::string>& names_;
  std::map<std::string, std::size_t, std::less<>> numbers_;
};

// The columns of a table that its rows are made of. A table without heading names them at its first
// row only.
class TableRows {
 public:
  TableRows(const SiteSourceOptions& o, const io::TsvReader& table) : o_(o), table_(table), conditions_(o.where, table) {
    const std::array used = {o.coordinates, o.reverse_coordinates.value_or(o.coordinates)};
    for (const Coordinates c : used) {
      if (is_interval(c)) {
        start_ = table.column(o.start);
        end_ = table.column(o.end);
      } else {
        position_ = table.column(o.position);
      }
    }
    if (!o.chromosome.empty()) chromosome_ = table.column(o.chromosome);
    if (!o.strand.empty()) strand_ = table.column(o.strand);
    if (!o.score.empty()) score_ = table.column(o.score);
  }

  bool met() {
    if (conditions_.met(table_)) return true;
    for (const std::size_t column : conditions_.columns())
      if (auto& seen = seen_[column]; seen.size() < kShown) seen.emplace(table_.text(column));
    return false;
  }

  // Nothing where the row has no position.
  std::optional<SourceRow> read(Names& names) const {
    SourceRow row{.strand = strand(), .line = table_.line_number()};
    const bool reverse = row.strand == seq::Strand::reverse;
    const Coordinates c = reverse ? o_.reverse_coordinates.value_or(o_.coordinates) : o_.coordinates;
    if (is_interval(c)) {
      if (unknown(*start_) || unknown(*end_)) return std::nullopt;
      const std::int64_t start = number(*start_) - (c == Coordinates::inclusive ? 1 : 0), end = number(*end_);
      if (start < 0 || end <= start)
        table_.fail(format("'{}' to '{}' is no interval of coordinates = \"{}\"", table_.text(*start_), table_.text(*end_), c));
      row.position = point_of(o_.point, start, end, row.strand);
    } else {
      if (unknown(*position_)) return std::nullopt;
      row.position = number(*position_) - (c == Coordinates::one_based ? 1 : 0);
      if (row.position < 0)
        table_.fail(format("position {} lies before the first base, which is {} with coordinates = \"{}\"", table_.text(*position_),
                           c == Coordinates::one_based ? 1 : 0, c));
    }
    if (score_) row.score = table_.optional_number(*score_);
    if (chromosome_) row.name = names.number(table_.text(*chromosome_));
    return row;
  }

  // "column '8' of the rows has 'Confirmed', 'Strong'".
  std::string values() const {
    std::string text;
    for (const auto& [column, seen] : seen_)
      text += format("; column '{}' has {}", table_.columns()[column], some_of(std::vector<std::string>(seen.begin(), seen.end()), "'"));
    return text;
  }

 private:
  static constexpr std::size_t kShown = 50;

  bool unknown(std::size_t column) const {
    const std::string_view text = table_.text(column);
    return io::is_missing(text) || (!o_.no_position.empty() && text == o_.no_position);
  }

  std::int64_t number(std::size_t column) const {
    const std::int64_t value = table_.integer(column);
    if (value < -kFarthest || value > kFarthest)
      table_.fail(format("column '{}': {} is no place on a sequence", table_.columns()[column], value));
    return value;
  }

  seq::Strand strand() const {
    if (!strand_) return seq::Strand::none;
    const std::string_view text = table_.text(*strand_);
    if (const auto found = seq::find_strand(text)) return *found;
    for (const auto& [word, meaning] : kStrandWords)
      if (word == text) return meaning;
    table_.fail(format("strand '{}' is none of + - . forward reverse plus minus 1 -1", text));
  }

  const SiteSourceOptions& o_;
  const io::TsvReader& table_;
  Conditions conditions_;
  std::optional<std::size_t> start_ = {}, end_ = {}, position_ = {}, chromosome_ = {}, strand_ = {}, score_ = {};
  std::map<std::size_t, std::set<std::string, std::less<>>> seen_ = {};
};

SourceRows table_rows(const SiteSourceOptions& o, const std::filesystem::path& path, SourceSites& result) {
  io::LineReader lines(path);
  std::string_view skipped;
  for (std::int64_t i = 0; i < o.skip_lines; ++i)
    if (!lines.next(skipped))
      throw DataError(format("{}: has no more than {} lines, of which skip_lines are {}", path.string(), i, o.skip_lines));
  io::TsvReader table(std::move(lines), {.header = o.header});
  SourceRows read;
  Names names(read.names);
  std::optional<TableRows> rows;
  if (o.header) rows.emplace(o, table);
  std::int64_t filtered = 0, unplaced = 0;
  while (table.next()) {
    if (!rows) rows.emplace(o, table);
    ++result.rows;
    if (!rows->met())
      ++filtered;
    else if (const auto row = rows->read(names))
      read.rows.push_back(*row);
    else
      ++unplaced;
  }
  result.filtered += filtered;
  result.unplaced += unplaced;
  if (!read.rows.empty()) return read;
  if (filtered > 0)
    read.nothing = format("none of {} rows meets where = [\"{}\"]{}", filtered + unplaced, fmt::join(o.where, "\", \""), rows->values());
  else
    read.nothing = unplaced > 0 ? format("none of {} rows has a position", unplaced) : "the table has no rows";
  return read;
}

void require_no_columns(const SiteSourceOptions& o, std::string_view what) {
  if (!o.where.empty() || !o.score.empty())
    throw ArgumentError(format("source '{}': where and score name columns of tables; {} files have none with names", o.name, what));
}

// Of records with `interval`, `score` and `line`.
template <class Record>
SourceRows interval_rows(const SiteSourceOptions& o, const std::vector<Record>& records, const std::string& file, SourceSites& result) {
  SourceRows read;
  Names names(read.names);
  for (const Record& record : records) {
    const seq::Interval& at = record.interval;
    if (at.length() == 0) throw_data_error({file, record.line}, "an empty interval has no end that could be the site");
    const auto score = record.score && std::isnan(*record.score) ? std::nullopt : record.score;
    read.rows.push_back({names.number(at.chrom), point_of(o.point, at.start, at.end, at.strand), at.strand, score, record.line});
  }
  result.rows += std::ssize(records);
  return read;
}

}  // namespace

SourceRows read_source_rows(const SiteSourceOptions& o, const std::filesystem::path& path, SourceSites& result) {
  const std::string file = path.string();
  switch (site_format(o.format, path)) {
    case SiteFormat::automatic:
    case SiteFormat::table:
      return table_rows(o, path, result);
    case SiteFormat::bed:
    case SiteFormat::narrow_peak: {
      require_no_columns(o, "BED");
      SourceRows read = interval_rows(o, io::read_bed(path, {.format = io::BedFormat::bed}).records, file, result);
      if (read.rows.empty()) read.nothing = "the file has no intervals";
      return read;
    }
    case SiteFormat::gff:
      break;
  }
  require_no_columns(o, "GFF and GTF");
  SourceRows read = interval_rows(o, io::read_gff(path, {.types = o.features}).records, file, result);
  if (read.rows.empty())
    read.nothing = o.features.empty() ? "the file has no features" : format("no feature is of type {}", some_of(o.features, "'"));
  return read;
}

}  // namespace basewise::corpus::detail
