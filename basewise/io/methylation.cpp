#include "basewise/io/methylation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/io/detail/fields.h"
#include "basewise/io/detail/text_writer.h"
#include "basewise/io/line_reader.h"
#include "basewise/io/tsv.h"

namespace basewise::io {
namespace {

constexpr double kPercent = 100;
constexpr double kRounding = 1;  // percentages are written rounded
constexpr std::int64_t kMostReads = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kLongest = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t kBuffer = std::size_t{1} << 20;
constexpr const char* kSort = "sort the file (sort -k1,1 -k2,2n)";

std::size_t columns_of(MethylationFormat format) {
  switch (format) {
    case MethylationFormat::profile:
      return 3;
    case MethylationFormat::bedgraph:
      return 4;
    case MethylationFormat::coverage:
      return 6;
    case MethylationFormat::automatic:
      break;
  }
  return 0;
}

MethylationFormat guess(const LineReader& lines, std::size_t columns) {
  for (const auto format : {MethylationFormat::profile, MethylationFormat::bedgraph, MethylationFormat::coverage})
    if (columns == columns_of(format)) return format;
  lines.fail(
      format("{} columns; methylation calls have 3 (chromosome, position, value), 4 (bedGraph) or 6 (coverage of Bismark)", columns));
}

}  // namespace

void describe(Visitor& v, MethylationFileOptions& o) {
  v("format", o.format, "what the rows of the files are");
  v("values", o.values, "what the values of profiles and bedGraph are");
  v("first_base", o.first_base, "the number of the first base of a chromosome in the files");
}

struct MethylationReader::State {
  LineReader lines;
  MethylationFileOptions options;
  ReadReport report = {};
  std::string_view line = {};
  std::vector<std::string_view> fields = {};
  std::unordered_set<std::string> seen = {};  // chromosomes
  std::string chromosome = {};                // of the row before
  std::int64_t last = -1;                     // its position
  double largest = 0;                         // share

  State(const std::filesystem::path& path, const MethylationFileOptions& o) : lines(path), options(o) {}
  void split();
  bool counts_from_zero() const;
  void place(MethylationCall& call) const;
  bool value(MethylationCall& call);
  bool reads(MethylationCall& call);
  void check_order(const MethylationCall& call);
  void check_percentages();
};

void MethylationReader::State::split() {
  if (line.find('\t') != std::string_view::npos)
    detail::split(line, '\t', fields);
  else
    detail::split_blanks(line, fields);
  if (options.format == MethylationFormat::automatic) options.format = guess(lines, fields.size());
  if (fields.size() != columns_of(options.format))
    lines.fail(basewise::format("{} columns; {} has {}", fields.size(), options.format, columns_of(options.format)));
}

bool MethylationReader::State::counts_from_zero() const {
  if (options.first_base == FirstBase::automatic) return options.format == MethylationFormat::bedgraph;
  return options.first_base == FirstBase::zero;
}

// Chromosome and position.
void MethylationReader::State::place(MethylationCall& call) const {
  if (fields[0].empty() || fields[0].size() > detail::kLongestName) lines.fail("the name of the chromosome is empty or no name");
  call.chromosome.assign(fields[0]);
  const std::int64_t first = counts_from_zero() ? 0 : 1;
  std::int64_t start = 0;
  if (!detail::parse_integer(fields[1], start))
    lines.fail(basewise::format("position {} is no whole number{}", detail::shown(fields[1]),
                                last < 0 ? "; a line with the names of the columns begins with #, or is taken out" : ""));
  if (start < first || start - first >= kLongest) lines.fail(basewise::format("position {}; positions count from {} here", start, first));
  call.position = start - first;
  if (options.format == MethylationFormat::profile) return;
  const std::int64_t end = detail::integer_field(lines, fields[2], "end");
  if (options.first_base == FirstBase::automatic && options.format == MethylationFormat::coverage && end == start + 1)
    lines.fail(
        basewise::format("start {} and end {}: either positions count from 0, or rows cover both bases of a CpG; say which by "
                         "first_base = 0 or 1",
                         start, end));
  if (end < start || end - start + first < 1 || end - start + first > 2)
    lines.fail(
        basewise::format("start {} and end {} with positions from {}; a row stands for one C or both bases of a CpG", start, end, first));
}

// False: the row has none.
bool MethylationReader::State::value(MethylationCall& call) {
  const std::string_view field = fields.back();
  if (is_missing(field)) return report.skip("row without a value"), false;
  const double value = detail::number_field(lines, field, "value");
  const double most = options.values == MethylationValues::percent ? kPercent : 1;
  if (!(value >= 0 && value <= most)) {
    const bool percent = most == 1 && value > 1 && value <= kPercent;
    lines.fail(basewise::format("value {} lies outside 0 to {:g}{}", detail::shown(field), most,
                                percent ? "; if these are percentages, read them with values = percent" : ""));
  }
  call.share = value / most;
  call.coverage = 0;
  return true;
}

bool MethylationReader::State::reads(MethylationCall& call) {
  const std::int64_t methylated = detail::integer_field(lines, fields[4], "number of methylated reads");
  const std::int64_t unmethylated = detail::integer_field(lines, fields[5], "number of unmethylated reads");
  for (const std::int64_t n : {methylated, unmethylated})
    if (n < 0 || n > kMostReads) lines.fail(basewise::format("{} reads; expected 0 to {}", n, kMostReads));
  call.coverage = methylated + unmethylated;
  if (call.coverage == 0) return report.skip("row without reads"), false;
  call.share = static_cast<double>(methylated) / static_cast<double>(call.coverage);
  const double percentage = detail::number_field(lines, fields[3], "percentage");
  if (!(std::abs(percentage - kPercent * call.share) <= kRounding)) report.note("percentage is not that of the reads");
  return true;
}

void MethylationReader::State::check_order(const MethylationCall& call) {
  if (call.chromosome != chromosome) {
    if (!seen.insert(call.chromosome).second)
      lines.fail(basewise::format("rows of {} stand in two places of the file; {}", detail::shown(call.chromosome), kSort));
    chromosome = call.chromosome;
  } else if (call.position <= last) {
    lines.fail(call.position == last ? basewise::format("position {} stands twice", detail::shown(fields[1]))
                                     : basewise::format("position {} stands behind a larger one; {}", detail::shown(fields[1]), kSort));
  }
  last = call.position;
}

void MethylationReader::State::check_percentages() {
  const bool percent = options.values == MethylationValues::percent && options.format != MethylationFormat::coverage;
  if (percent && largest > 0 && kPercent * largest <= 1 && report.remarks.empty())
    report.remarks.emplace_back("no percentage is above 1: if the values are shares, read them with values = share");
}

MethylationReader::MethylationReader(const std::filesystem::path& path, const MethylationFileOptions& options)
    : state_(std::make_unique<State>(path, options)) {}
MethylationReader::~MethylationReader() = default;
MethylationReader::MethylationReader(MethylationReader&&) noexcept = default;

MethylationFormat MethylationReader::format() const { return state_->options.format; }
void MethylationReader::fail(const std::string& message) const { state_->lines.fail(message); }
const ReadReport& MethylationReader::report() const { return state_->report; }

bool MethylationReader::next(MethylationCall& call) {
  State& s = *state_;
  while (s.lines.next(s.line)) {
    if (const char* kind = detail::header_kind(s.line)) {
      s.report.skip(kind);
      continue;
    }
    s.split();
    s.place(call);
    s.check_order(call);
    if (!(s.options.format == MethylationFormat::coverage ? s.reads(call) : s.value(call))) continue;
    s.largest = std::max(s.largest, call.share);
    ++s.report.records;
    return true;
  }
  s.check_percentages();
  return false;
}

struct MethylationWriter::State {
  State(const std::filesystem::path& path, MethylationFormat f) : file(path), format(f) {}
  detail::TextWriter file;
  MethylationFormat format;
  std::string buffer = {};

  void flush() {
    file.write(buffer);
    buffer.clear();
  }
};

MethylationWriter::MethylationWriter(const std::filesystem::path& path, MethylationFormat format)
    : state_(std::make_unique<State>(path, format)) {
  if (format == MethylationFormat::automatic)
    throw ArgumentError("a file of methylation calls is written as profile, bedgraph or coverage");
  if (format == MethylationFormat::bedgraph) state_->buffer = "track type=bedGraph\n";
}
MethylationWriter::~MethylationWriter() = default;
MethylationWriter::MethylationWriter(MethylationWriter&&) noexcept = default;

void MethylationWriter::add(std::string_view chromosome, std::int64_t position, float share, std::int64_t coverage) {
  State& s = *state_;
  if (chromosome.empty() || chromosome.find_first_of(" \t\r\n") != std::string_view::npos)
    throw ArgumentError(format("chromosome name '{}' is empty or has white space", chromosome));
  if (!(share >= 0 && share <= 1)) throw ArgumentError(format("{}:{}: share {} lies outside 0 to 1", chromosome, position + 1, share));
  auto out = std::back_inserter(s.buffer);
  if (s.format == MethylationFormat::profile) {
    fmt::format_to(out, "{}\t{}\t{}\n", chromosome, position + 1, share);
  } else if (s.format == MethylationFormat::bedgraph) {
    fmt::format_to(out, "{}\t{}\t{}\t{}\n", chromosome, position, position + 1, share);
  } else {
    if (coverage < 1)
      throw ArgumentError(format("{}:{}: a coverage file has the reads of each row, and there are none", chromosome, position + 1));
    const auto methylated = static_cast<std::int64_t>(std::llround(static_cast<double>(share) * static_cast<double>(coverage)));
    fmt::format_to(out, "{}\t{}\t{}\t{:.6f}\t{}\t{}\n", chromosome, position + 1, position + 1, kPercent * share, methylated,
                   coverage - methylated);
  }
  if (s.buffer.size() > kBuffer) s.flush();
}

void MethylationWriter::close() {
  state_->flush();
  state_->file.close();
}

}  // namespace basewise::io
