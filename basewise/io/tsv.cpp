#include "basewise/io/tsv.h"

#include <algorithm>
#include <array>

#include "basewise/io/detail/fields.h"
#include "basewise/io/detail/text_writer.h"

namespace basewise::io {

void describe(Visitor& v, TsvOptions& o) {
  v("header", o.header, "the first line names the columns");
  v("separator", o.separator, "one character between fields");
  v("comment", o.comment, "lines that start with this are comments; empty: none are");
  v("columns", o.columns, "names of the columns where there is no header");
}

struct TsvReader::State {
  LineReader lines;
  TsvOptions options;
  char separator = '\t';
  std::vector<std::string> columns;
  std::string_view line;
  std::vector<std::string_view> fields;
  ReadReport report;

  State(LineReader l, TsvOptions o) : lines(std::move(l)), options(std::move(o)) {}
  bool is_comment() const { return !options.comment.empty() && line.starts_with(options.comment); }
  void read_heading();
  bool commented_heading();
  void name_columns(std::vector<std::string> names);
};

void TsvReader::State::name_columns(std::vector<std::string> names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) lines.fail(format("column {} has no name", i + 1));
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
        names.begin() + static_cast<std::ptrdiff_t>(i)) {
      lines.fail(format("two columns are named {}", detail::shown(names[i])));
    }
  }
  columns = std::move(names);
}

// "#chrom<tab>start" names columns unless the next row has other fields:
// only the first such line is taken.
bool TsvReader::State::commented_heading() {
  const std::string_view bare = detail::trimmed(line.substr(options.comment.size()));
  if (bare.find(separator) == std::string_view::npos) return false;
  line = bare;
  return true;
}

void TsvReader::State::read_heading() {
  while (lines.next(line)) {
    if (detail::is_blank(line)) {
      report.skip("blank line");
      continue;
    }
    if (is_comment() && !commented_heading()) {
      report.skip("comment line");
      continue;
    }
    detail::split(line, separator, fields);
    std::vector<std::string> names;
    for (const std::string_view field : fields) names.emplace_back(detail::trimmed(field));
    fields.clear();
    return name_columns(std::move(names));
  }
  throw DataError(format("{}: no heading: the table is empty", lines.name()));
}

TsvReader::TsvReader(const std::filesystem::path& path, TsvOptions options) : TsvReader(LineReader(path), std::move(options)) {}

TsvReader::TsvReader(LineReader lines, TsvOptions options) : state_(std::make_unique<State>(std::move(lines), std::move(options))) {
  State& s = *state_;
  if (s.options.separator.size() != 1) throw ArgumentError(format("separator = \"{}\"; expected one character", s.options.separator));
  s.separator = s.options.separator.front();
  if (s.options.header)
    s.read_heading();
  else
    s.name_columns(s.options.columns);
}

TsvReader::~TsvReader() = default;
TsvReader::TsvReader(TsvReader&&) noexcept = default;

const std::vector<std::string>& TsvReader::columns() const { return state_->columns; }

bool TsvReader::has(std::string_view column) const {
  return std::find(state_->columns.begin(), state_->columns.end(), column) != state_->columns.end();
}

std::size_t TsvReader::column(std::string_view name) const {
  const auto& columns = state_->columns;
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
  const auto near = nearest(name, columns);
  throw DataError(format("{}: no column '{}'{}; the columns are {}", state_->lines.name(), name,
                         near ? format(" (did you mean '{}'?)", *near) : "", fmt::join(columns, ", ")));
}

bool TsvReader::next() {
  State& s = *state_;
  while (s.lines.next(s.line)) {
    if (detail::is_blank(s.line)) {
      s.report.skip("blank line");
      continue;
    }
    if (s.is_comment()) {
      s.report.skip("comment line");
      continue;
    }
    detail::split(s.line, s.separator, s.fields);
    if (s.columns.empty()) {
      for (std::size_t i = 1; i <= s.fields.size(); ++i) s.columns.push_back(std::to_string(i));
    }
    if (s.fields.size() != s.columns.size())
      fail(format("{} fields, expected {} ({})", s.fields.size(), s.columns.size(), fmt::join(s.columns, ", ")));
    ++s.report.records;
    return true;
  }
  s.fields.clear();
  return false;
}

std::string_view TsvReader::text(std::size_t column) const {
  if (state_->fields.empty()) throw ArgumentError(format("{}: no current row; call next first", state_->lines.name()));
  if (column >= state_->fields.size())
    throw ArgumentError(format("{}: column {} of {}", state_->lines.name(), column, state_->fields.size()));
  return state_->fields[column];
}

std::int64_t TsvReader::integer(std::size_t column) const {
  const std::string_view field = detail::trimmed(text(column));
  std::int64_t value = 0;
  if (!detail::parse_integer(field, value))
    fail(format("column '{}': {} is no whole number", state_->columns[column], detail::shown(field)));
  return value;
}

double TsvReader::number(std::size_t column) const {
  const std::string_view field = detail::trimmed(text(column));
  double value = 0;
  if (!detail::parse_number(field, value)) fail(format("column '{}': {} is no number", state_->columns[column], detail::shown(field)));
  return value;
}

std::optional<double> TsvReader::optional_number(std::size_t column) const {
  static constexpr std::array<std::string_view, 9> kAbsent = {"", ".", "-", "NA", "na", "NaN", "nan", "null", "None"};
  const std::string_view field = detail::trimmed(text(column));
  if (std::find(kAbsent.begin(), kAbsent.end(), field) != kAbsent.end()) return std::nullopt;
  return number(column);
}

std::int64_t TsvReader::line_number() const { return state_->lines.line_number(); }
const ReadReport& TsvReader::report() const { return state_->report; }
void TsvReader::fail(const std::string& message) const { state_->lines.fail(message); }

struct TsvWriter::State {
  std::filesystem::path path;
  std::size_t columns;
  detail::TextWriter out;
};

TsvWriter::TsvWriter(const std::filesystem::path& path, const std::vector<std::string>& columns)
    : state_(new State{path, columns.size(), detail::TextWriter(path)}) {
  add(columns);
}
TsvWriter::~TsvWriter() = default;
TsvWriter::TsvWriter(TsvWriter&&) noexcept = default;

void TsvWriter::add(const std::vector<std::string>& row) {
  const std::string name = state_->path.string();
  if (row.size() != state_->columns) throw ArgumentError(format("{}: a row of {} fields, expected {}", name, row.size(), state_->columns));
  for (const std::string& field : row)
    if (field.find_first_of("\t\r\n") != std::string::npos)
      throw ArgumentError(format("{}: field {} holds a tab or a line break", name, detail::shown(field)));
  state_->out.write(format("{}\n", fmt::join(row, "\t")));
}

void TsvWriter::close() { state_->out.close(); }

void write_tsv(const std::filesystem::path& path, const std::vector<std::string>& columns,
               const std::vector<std::vector<std::string>>& rows) {
  TsvWriter writer(path, columns);
  for (const auto& row : rows) writer.add(row);
  writer.close();
}

}  // namespace basewise::io
