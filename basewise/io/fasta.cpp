#include "basewise/io/fasta.h"

#include <algorithm>
#include <cctype>
#include <unordered_set>

#include "basewise/io/detail/fields.h"
#include "basewise/io/detail/text_writer.h"
#include "basewise/io/line_reader.h"

namespace basewise::io {
namespace {

// A whole chromosome may stand in one line.
constexpr std::int64_t kLongestSequenceLine = std::int64_t{1} << 32;

}  // namespace

void describe(Visitor& v, FastaOptions& o) {
  v("ambiguity", o.ambiguity, "what IUPAC codes other than N become");
  v("allow_duplicates", o.allow_duplicates, "accept several records of one name");
  v("allow_empty", o.allow_empty, "accept records without any base");
}

struct FastaReader::State {
  LineReader lines;
  FastaOptions options;
  ReadReport report;
  std::unordered_set<std::string> names;

  State(const std::filesystem::path& path, FastaOptions o) : lines(path, kLongestSequenceLine), options(o) {}
  bool find_header(std::string_view& line);
  void read_header(std::string_view line, FastaRecord& record);
  void add_line(std::string_view line, FastaRecord& record);
};

// The next line that is not blank; at the start of the file it must be a header.
bool FastaReader::State::find_header(std::string_view& line) {
  while (lines.next(line)) {
    if (!detail::is_blank(line)) break;
    report.skip("blank line");
    line = {};
  }
  if (line.empty()) {
    if (report.records == 0) throw DataError(format("{}: no FASTA record; the file is empty", lines.name()));
    return false;
  }
  if (line.front() == '>') return true;
  if (line.front() == '@') lines.fail("a line that starts with '@'; this looks like FASTQ, expected FASTA ('>name')");
  lines.fail(format("sequence before the first header: expected '>name', found {}", detail::shown(line)));
}

void FastaReader::State::read_header(std::string_view line, FastaRecord& record) {
  const std::string_view header = line.substr(1);
  const auto blank = header.find_first_of(" \t");
  record.name = std::string(header.substr(0, blank));
  record.description = blank == std::string_view::npos ? "" : std::string(detail::trimmed(header.substr(blank)));
  record.line = lines.line_number();
  record.sequence.clear();
  if (record.name.size() > detail::kLongestName)
    lines.fail(format("the name {} has {} bytes; expected at most {}", detail::shown(record.name), record.name.size(),
                      detail::kLongestName),
               2);
  if (record.name.empty()) lines.fail("the header has no name; expected '>name' without a blank behind '>'", 2);
  if (!options.allow_duplicates && !names.insert(record.name).second) {
    lines.fail(format("the name {} occurs twice; every sequence needs a name of its own", detail::shown(record.name)));
  }
}

void FastaReader::State::add_line(std::string_view line, FastaRecord& record) {
  const std::string_view letters = detail::trimmed(line);
  const auto bad = seq::find_invalid(letters, options.ambiguity);
  if (bad < 0) {
    record.sequence += letters;
    return;
  }
  const std::int64_t column = detail::column_of(line, letters) + bad;
  try {
    seq::encode(letters.substr(static_cast<std::size_t>(bad), 1));
  } catch (const DataError& e) {
    // The position inside one letter says nothing; file, line and column do.
    std::string text = e.what();
    if (const auto at = text.find(" at position 1"); at != std::string::npos) text.erase(at, 14);
    lines.fail(format("{} (sequence {})", text, detail::shown(record.name)), column);
  }
  lines.fail("a letter that is not allowed", column);
}

FastaReader::FastaReader(const std::filesystem::path& path, FastaOptions options)
    : state_(std::make_unique<State>(path, options)) {}
FastaReader::~FastaReader() = default;
FastaReader::FastaReader(FastaReader&&) noexcept = default;

bool FastaReader::next(FastaRecord& record) {
  State& s = *state_;
  std::string_view line;
  if (!s.find_header(line)) return false;
  s.read_header(line, record);
  while (s.lines.next(line)) {
    if (!line.empty() && line.front() == '>') {
      s.lines.put_back();
      break;
    }
    if (detail::is_blank(line))
      s.report.skip("blank line");
    else
      s.add_line(line, record);
  }
  if (record.sequence.empty() && !s.options.allow_empty) {
    throw_data_error({s.lines.name(), record.line, 0}, format("sequence {} has no bases", detail::shown(record.name)));
  }
  ++s.report.records;
  return true;
}

const ReadReport& FastaReader::report() const { return state_->report; }

FastaResult read_fasta(const std::filesystem::path& path, const FastaOptions& options) {
  FastaReader reader(path, options);
  FastaResult result;
  for (FastaRecord record; reader.next(record);) result.records.push_back(std::move(record));
  result.report = reader.report();
  return result;
}

struct FastaWriter::State {
  detail::TextWriter out;
  std::size_t width;
};

FastaWriter::FastaWriter(const std::filesystem::path& path, std::int64_t line_width) {
  if (line_width < 1) throw ArgumentError(format("{}: line_width = {}; expected at least 1", path.string(), line_width));
  state_.reset(new State{detail::TextWriter(path), static_cast<std::size_t>(line_width)});
}

FastaWriter::~FastaWriter() = default;

void FastaWriter::write(std::string_view name, std::string_view sequence, std::string_view description) {
  const bool blank = std::any_of(name.begin(), name.end(), [](unsigned char c) { return std::isspace(c) || c == 0; });
  if (name.empty() || blank)
    throw ArgumentError(format("{} cannot be the name of a FASTA record: empty or with white space", detail::shown(name)));
  if (description.find_first_of("\r\n") != std::string_view::npos)
    throw ArgumentError(format("the description of '{}' holds a line break", name));
  if (const auto bad = seq::find_invalid(sequence, seq::Ambiguity::as_n); bad >= 0) {
    throw ArgumentError(format("sequence '{}' holds {} at position {}; expected nucleotides", name,
                               detail::shown(sequence.substr(static_cast<std::size_t>(bad), 1)), bad + 1));
  }
  state_->out.write(description.empty() ? format(">{}\n", name) : format(">{} {}\n", name, description));
  for (; !sequence.empty(); sequence.remove_prefix(std::min(state_->width, sequence.size()))) {
    state_->out.write(sequence.substr(0, state_->width));
    state_->out.write("\n");
  }
}

void FastaWriter::close() { state_->out.close(); }

void write_fasta(const std::filesystem::path& path, const std::vector<FastaRecord>& records, std::int64_t line_width) {
  FastaWriter writer(path, line_width);
  for (const FastaRecord& record : records) writer.write(record.name, record.sequence, record.description);
  writer.close();
}

}  // namespace basewise::io
