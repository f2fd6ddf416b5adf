#include "basewise/io/tsv.h"

#include <algorithm>
#include <array>

#include "basewise/core/lower_case.h"
#include "basewise/core/some_of.h"
#include "basewise/io/detail/fields.h"
#include "basewise/io/detail/quoted.h"
#include "basewise/io/detail/text_writer.h"

namespace basewise::io {

namespace {

// Longest row over several lines, as one line may be long.
constexpr std::size_t kLongestRow = static_cast<std::size_t>(kLongestLine);

constexpr std::string_view kIndexName = "name";
constexpr std::string_view kOtherIndexName = "row";

// The separator that a first line "sep=;" states, as spreadsheets write and read it.
std::optional<char> stated_separator(std::string_view line) {
  constexpr std::string_view kWord = "sep=";
  if (line.size() != kWord.size() + 1 || !line.starts_with(kWord)) return std::nullopt;
  return line.back();
}

// "0,5" for 0.5.
bool has_decimal_comma(std::string_view field) {
  const std::size_t comma = field.find(',');
  std::string text(field);
  double value = 0;
  if (comma == std::string_view::npos) return false;
  text[comma] = '.';
  return detail::parse_number(text, value);
}

bool has_name(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void describe(Visitor& v, TsvOptions& o) {
  v("header", o.header, "the first line names the columns");
  v("separator", o.separator, "one character between fields; empty: told by the first line, a tab, a comma or a semicolon");
  v("comment", o.comment, "lines that start with this are comments; empty: none are");
  v("columns", o.columns, "names of the columns where there is no header");
  v("plain", o.plain, "quotes are letters and every column has a name");
}

bool is_missing(std::string_view field) {
  static constexpr std::array<std::string_view, 8> kAbsent = {"", ".", "-", "na", "n/a", "nan", "null", "none"};
  if (field.size() > 4) return false;
  return std::find(kAbsent.begin(), kAbsent.end(), lower_case(field)) != kAbsent.end();
}

struct TsvReader::State {
  LineReader lines;
  TsvOptions options;
  char separator = '\t';
  bool separator_known = false;
  std::vector<std::string> columns;
  std::optional<std::size_t> index;
  std::string_view line;
  std::string several;  // a row over several lines
  std::string room;     // what was unquoted
  std::vector<std::string_view> fields;
  std::int64_t row_line = 0;
  bool waiting = false;  // the row in `fields` was read ahead
  ReadReport report;

  State(LineReader l, TsvOptions o) : lines(std::move(l)), options(std::move(o)) {}
  bool is_comment() const { return !options.comment.empty() && line.starts_with(options.comment); }
  bool next_line();
  void learn_separator();
  void read_heading();
  bool commented_heading();
  void name_columns(std::vector<std::string> names);
  void find_index();
  void split_row();
  void continue_row();
  bool read_row();
  [[noreturn]] void fail(const std::string& message) const { throw_data_error({lines.name(), row_line}, message); }
};

// The next line that is not blank; comments may be among them.
bool TsvReader::State::next_line() {
  while (lines.next(line)) {
    row_line = lines.line_number();
    if (!detail::is_blank(line)) return true;
    report.skip("blank line");
  }
  return false;
}

void TsvReader::State::learn_separator() {
  if (!separator_known) separator = detail::separator_of(line);
  separator_known = true;
}

// A field in quotes goes on in the next line: an odd number of quotes so far.
void TsvReader::State::continue_row() {
  const auto odd = [](std::string_view text) { return std::count(text.begin(), text.end(), '"') % 2 != 0; };
  several.assign(line);
  bool open = true;
  std::string_view more;
  while (open && several.size() <= kLongestRow && lines.next(more)) {
    several += '\n';
    several += more;
    open = open != odd(more);
  }
  if (open || detail::split_quoted(several, separator, room, fields) != detail::Quotes::closed)
    fail("a field begins with a quote that does not close; a quote inside of quotes is written twice");
}

void TsvReader::State::split_row() {
  if (options.plain || line.find('"') == std::string_view::npos) return detail::split(line, separator, fields);
  const detail::Quotes quotes = detail::split_quoted(line, separator, room, fields);
  if (separator == '\t') {
    // Many tables with tabs hold quotes as letters.
    std::vector<std::string_view> plain;
    detail::split(line, separator, plain);
    const bool fits_better = fields.size() != columns.size() && plain.size() == columns.size();
    if (quotes != detail::Quotes::closed || fits_better) fields = std::move(plain);
    return;
  }
  if (quotes == detail::Quotes::open) return continue_row();
  if (quotes == detail::Quotes::broken)
    fail(format("text stands behind the closing quote of field {}; a quote inside of quotes is written twice", fields.size()));
}

void TsvReader::State::name_columns(std::vector<std::string> names) {
  if (!options.plain && names.size() > 1 && names.front().empty()) {
    index = 0;
    names.front() = has_name(names, kIndexName) ? kOtherIndexName : kIndexName;
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) lines.fail(format("column {} has no name", i + 1));
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
        names.begin() + static_cast<std::ptrdiff_t>(i)) {
      lines.fail(format("two columns are named {}", detail::shown(names[i])));
    }
  }
  columns = std::move(names);
}

// "#chrom<tab>start" names columns unless the next row has other fields: only the first such line
// is taken. A comma in a comment is no sign of a heading.
bool TsvReader::State::commented_heading() {
  const std::string_view bare = detail::trimmed(line.substr(options.comment.size()));
  if (bare.find(separator) == std::string_view::npos) return false;
  separator_known = true;
  line = bare;
  return true;
}

void TsvReader::State::read_heading() {
  while (next_line()) {
    if (is_comment() && !commented_heading()) {
      report.skip("comment line");
      continue;
    }
    if (const auto stated = options.plain || separator_known ? std::nullopt : stated_separator(line)) {
      separator = *stated;
      separator_known = true;
      report.skip("line that states the separator");
      continue;
    }
    learn_separator();
    split_row();
    std::vector<std::string> names;
    for (const std::string_view field : fields) names.emplace_back(detail::trimmed(field));
    fields.clear();
    name_columns(std::move(names));
    return find_index();
  }
  throw DataError(format("{}: no heading: the table is empty", lines.name()));
}

// R leaves the name of the first column out. A separator at the end of every row is no column.
void TsvReader::State::find_index() {
  if (options.plain || index) return;
  waiting = read_row();
  if (!waiting || fields.size() != columns.size() + 1 || detail::trimmed(fields.back()).empty()) return;
  std::string name(has_name(columns, kIndexName) ? kOtherIndexName : kIndexName);
  if (has_name(columns, name)) return;
  index = 0;
  columns.insert(columns.begin(), std::move(name));
}

// The fields of the next row; their number is not checked.
bool TsvReader::State::read_row() {
  while (next_line()) {
    if (is_comment()) {
      report.skip("comment line");
      continue;
    }
    learn_separator();
    split_row();
    return true;
  }
  fields.clear();
  return false;
}

TsvReader::TsvReader(const std::filesystem::path& path, TsvOptions options) : TsvReader(LineReader(path), std::move(options)) {}

TsvReader::TsvReader(LineReader lines, TsvOptions options) : state_(std::make_unique<State>(std::move(lines), std::move(options))) {
  State& s = *state_;
  if (s.options.separator.size() > 1) throw ArgumentError(format("separator = \"{}\"; expected one character", s.options.separator));
  s.separator_known = !s.options.separator.empty();
  if (s.separator_known) s.separator = s.options.separator.front();
  if (s.options.header)
    s.read_heading();
  else
    s.name_columns(s.options.columns);
}

TsvReader::~TsvReader() = default;
TsvReader::TsvReader(TsvReader&&) noexcept = default;

const std::vector<std::string>& TsvReader::columns() const { return state_->columns; }

bool TsvReader::has(std::string_view column) const { return has_name(state_->columns, column); }

std::optional<std::size_t> TsvReader::index_column() const { return state_->index; }

std::size_t TsvReader::column(std::string_view name) const {
  const auto& columns = state_->columns;
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
  const auto near = nearest(name, columns);
  throw DataError(format("{}: no column '{}'{}; the columns are {}{}", state_->lines.name(), name,
                         near ? format(" (did you mean '{}'?)", *near) : "", some_of(columns),
                         columns.size() == 1 ? " (columns are separated by tabs, commas or semicolons)" : ""));
}

bool TsvReader::next() {
  State& s = *state_;
  const bool there = s.waiting || s.read_row();
  s.waiting = false;
  if (!there) {
    s.fields.clear();
    return false;
  }
  if (s.columns.empty()) {
    for (std::size_t i = 1; i <= s.fields.size(); ++i) s.columns.push_back(std::to_string(i));
  }
  if (s.fields.size() != s.columns.size())
    fail(format("{} fields, expected {} ({})", s.fields.size(), s.columns.size(), some_of(s.columns)));
  ++s.report.records;
  return true;
}

std::string_view TsvReader::text(std::size_t column) const {
  if (state_->waiting || state_->fields.empty()) throw ArgumentError(format("{}: no current row; call next first", state_->lines.name()));
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
  if (!detail::parse_number(field, value))
    fail(format("column '{}': {} is no number{}", state_->columns[column], detail::shown(field),
                has_decimal_comma(field) ? "; write decimals with a point" : ""));
  return value;
}

std::optional<double> TsvReader::optional_number(std::size_t column) const {
  if (is_missing(detail::trimmed(text(column)))) return std::nullopt;
  return number(column);
}

std::int64_t TsvReader::line_number() const { return state_->row_line; }
const std::string& TsvReader::name() const { return state_->lines.name(); }
const ReadReport& TsvReader::report() const { return state_->report; }
void TsvReader::fail(const std::string& message) const { state_->fail(message); }

namespace {

// As readers take it: a field that begins with a quote needs quotes of its own.
std::string as_field(const std::string& field) {
  if (!field.starts_with('"')) return field;
  std::string text = "\"";
  for (const char c : field) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

}  // namespace

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
  std::vector<std::string> fields;
  for (const std::string& field : row) fields.push_back(as_field(field));
  state_->out.write(format("{}\n", fmt::join(fields, "\t")));
}

void TsvWriter::close() { state_->out.close(); }

void write_tsv(const std::filesystem::path& path, const std::vector<std::string>& columns,
               const std::vector<std::vector<std::string>>& rows) {
  TsvWriter writer(path, columns);
  for (const auto& row : rows) writer.add(row);
  writer.close();
}

}  // namespace basewise::io
