#include "basewise/io/bed.h"

#include <algorithm>
#include <initializer_list>

#include "basewise/io/detail/fields.h"
#include "basewise/io/detail/place_records.h"
#include "basewise/io/detail/text_writer.h"
#include "basewise/io/line_reader.h"

namespace basewise::io {
namespace {

bool is_absent(std::string_view field) { return field.empty() || detail::is_letter_of(field, ".-"); }

// What the name of a file says of the columns behind the sixth.
std::optional<BedFormat> format_of_name(std::string_view name) {
  if (name.ends_with(".gz")) name.remove_suffix(3);
  const auto ends = [&](std::initializer_list<std::string_view> endings) {
    return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
  };
  if (ends({".narrowPeak", ".narrowpeak"})) return BedFormat::narrow_peak;
  if (ends({".broadPeak", ".broadpeak", ".gappedPeak", ".gappedpeak"})) return BedFormat::bed;
  return std::nullopt;
}

// Ten columns, of which the last four are numbers as narrowPeak has them.
bool looks_like_peak(const std::vector<std::string_view>& fields) {
  if (fields.size() != 10) return false;
  double value = 0;
  std::int64_t summit = 0;
  const auto number = [&](std::size_t i) { return is_absent(fields[i]) || detail::parse_number(fields[i], value); };
  return number(6) && number(7) && number(8) && (is_absent(fields[9]) || (detail::parse_integer(fields[9], summit) && summit >= -1));
}

}  // namespace

void describe(Visitor& v, BedOptions& o) {
  v("format", o.format, "what the columns behind the sixth are");
}

struct BedReader::State {
  LineReader lines;
  BedFormat format;
  ReadReport report;
  std::string_view line;
  std::vector<std::string_view> fields;
  std::size_t columns = 0;

  State(const std::filesystem::path& path, BedFormat f) : lines(path), format(f) {}
  bool narrow_peak() const { return format == BedFormat::narrow_peak; }
  void split();
  void read_place(BedRecord& record) const;
  void read_optional(BedRecord& record);
  void read_peak(BedRecord& record) const;
  std::optional<double> number(std::size_t column, std::string_view what) const;
};

void BedReader::State::split() {
  if (line.find('\t') != std::string_view::npos)
    detail::split(line, '\t', fields);
  else
    detail::split_blanks(line, fields);
  if (fields.size() < 3) lines.fail(basewise::format("{} columns; BED has at least 3: chromosome, start, end", fields.size()));
  if (columns == 0) columns = fields.size();
  if (format == BedFormat::automatic)
    format = format_of_name(lines.name()).value_or(looks_like_peak(fields) ? BedFormat::narrow_peak : BedFormat::bed);
  if (fields.size() != columns) lines.fail(basewise::format("{} columns, the lines before have {}", fields.size(), columns));
  if (narrow_peak() && columns != 10) lines.fail(basewise::format("{} columns; narrowPeak has 10", columns));
}

void BedReader::State::read_place(BedRecord& record) const {
  if (fields[0].empty()) lines.fail("the name of the chromosome is empty");
  const std::int64_t start = detail::integer_field(lines, fields[1], "start");
  const std::int64_t end = detail::integer_field(lines, fields[2], "end");
  if (start < 0) lines.fail(basewise::format("start {} is negative; BED counts from 0", start));
  if (end < start) lines.fail(basewise::format("start {} lies behind end {}", start, end));
  record.interval = seq::Interval{std::string(fields[0]), start, end, seq::Strand::none};
  if (columns < 6 || fields[5].empty()) return;
  const auto strand = seq::find_strand(fields[5]);
  if (!strand) lines.fail(basewise::format("strand {}; expected +, - or .", detail::shown(fields[5])));
  record.interval.strand = *strand;
}

std::optional<double> BedReader::State::number(std::size_t column, std::string_view what) const {
  if (is_absent(fields[column])) return std::nullopt;
  return detail::number_field(lines, fields[column], what);
}

void BedReader::State::read_optional(BedRecord& record) {
  if (columns > 3 && !is_absent(fields[3])) record.name = std::string(fields[3]);
  double score = 0;
  if (columns > 4 && !is_absent(fields[4])) {
    if (detail::parse_number(fields[4], score))
      record.score = score;
    else
      report.note("score is no number");
  }
  if (narrow_peak())
    read_peak(record);
  else
    for (std::size_t i = 6; i < columns; ++i) record.rest.emplace_back(fields[i]);
}

void BedReader::State::read_peak(BedRecord& record) const {
  record.signal = number(6, "signal");
  record.p_value = number(7, "p-value");
  record.q_value = number(8, "q-value");
  if (record.p_value == -1.0) record.p_value.reset();  // the format's word for "none"
  if (record.q_value == -1.0) record.q_value.reset();
  if (is_absent(fields[9])) return;
  const std::int64_t summit = detail::integer_field(lines, fields[9], "summit");
  if (summit == -1) return;
  if (summit < 0 || summit >= std::max<std::int64_t>(record.interval.length(), 1)) {
    lines.fail(basewise::format("summit {} lies outside the peak of {} bases; it counts from the start of the peak", summit,
                                record.interval.length()));
  }
  record.summit = summit;
}

BedReader::BedReader(const std::filesystem::path& path, BedOptions options)
    : state_(std::make_unique<State>(path, options.format)) {}
BedReader::~BedReader() = default;
BedReader::BedReader(BedReader&&) noexcept = default;

bool BedReader::next(BedRecord& record) {
  State& s = *state_;
  while (s.lines.next(s.line)) {
    if (const char* kind = detail::header_kind(s.line)) {
      s.report.skip(kind);
      continue;
    }
    record = BedRecord{};
    record.line = s.lines.line_number();
    s.split();
    s.read_place(record);
    s.read_optional(record);
    ++s.report.records;
    return true;
  }
  return false;
}

const ReadReport& BedReader::report() const { return state_->report; }

BedResult read_bed(const std::filesystem::path& path, const BedOptions& options) {
  BedReader reader(path, options);
  BedResult result;
  for (BedRecord record; reader.next(record);) result.records.push_back(std::move(record));
  result.report = reader.report();
  return result;
}

BedResult read_bed(const std::filesystem::path& path, const seq::ChromSizes& sizes, const BedOptions& options) {
  BedResult result = read_bed(path, options);
  result.left_out = detail::place_records(result.records, sizes, path.string(), result.report);
  return result;
}

std::vector<seq::Interval> intervals(const std::vector<BedRecord>& records) {
  std::vector<seq::Interval> list;
  list.reserve(records.size());
  for (const BedRecord& record : records) list.push_back(record.interval);
  return list;
}

namespace {

int columns_of(const BedRecord& r) {
  if (r.signal || r.p_value || r.q_value || r.summit) return 10;
  if (r.interval.strand != seq::Strand::none) return 6;
  return r.score ? 5 : !r.name.empty() ? 4 : 3;
}

std::string number_or(const std::optional<double>& value, std::string_view absent) {
  return value ? format("{}", *value) : std::string(absent);
}

std::string line_of(const BedRecord& r, int columns) {
  const seq::Interval& i = r.interval;
  std::string line = format("{}\t{}\t{}", i.chrom, i.start, i.end);
  if (columns > 3) line += format("\t{}", r.name.empty() ? "." : r.name);
  if (columns > 4) line += format("\t{}", number_or(r.score, columns == 10 ? "0" : "."));
  if (columns > 5) line += format("\t{}", seq::to_char(i.strand));
  if (columns > 6) {
    line +=
        format("\t{}\t{}\t{}\t{}", number_or(r.signal, "."), number_or(r.p_value, "-1"), number_or(r.q_value, "-1"), r.summit.value_or(-1));
  }
  return line + "\n";
}

}  // namespace

void write_bed(const std::filesystem::path& path, const std::vector<BedRecord>& records) {
  int columns = 3;
  for (const BedRecord& r : records) columns = std::max(columns, columns_of(r));
  detail::TextWriter out(path);
  for (const BedRecord& r : records) {
    seq::make_interval(r.interval.chrom, r.interval.start, r.interval.end);
    if ((r.interval.chrom + r.name).find_first_of("\t\r\n") != std::string::npos) {
      throw ArgumentError(format("{}: the name {} holds a tab or a line break", path.string(), detail::shown(r.interval.chrom + r.name)));
    }
    out.write(line_of(r, columns));
  }
  out.close();
}

void write_bed(const std::filesystem::path& path, const std::vector<seq::Interval>& intervals) {
  std::vector<BedRecord> records(intervals.size());
  for (std::size_t i = 0; i < intervals.size(); ++i) records[i].interval = intervals[i];
  write_bed(path, records);
}

}  // namespace basewise::io
