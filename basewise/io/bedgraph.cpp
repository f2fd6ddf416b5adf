#include "basewise/io/bedgraph.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <unordered_set>

#include <zlib.h>

#include "basewise/core/files.h"
#include "basewise/io/line_reader.h"

namespace basewise::io {

namespace {

constexpr std::string_view kBlanks = " \t";

// Up to five fields, so that a line with too many is seen.
std::size_t split(std::string_view line, std::array<std::string_view, 5>& fields) {
  std::size_t count = 0;
  while (count < fields.size()) {
    const std::size_t start = line.find_first_not_of(kBlanks);
    if (start == std::string_view::npos) break;
    const std::size_t end = std::min(line.find_first_of(kBlanks, start), line.size());
    fields[count++] = line.substr(start, end - start);
    line.remove_prefix(end);
  }
  return count;
}

template <class T>
bool parse(std::string_view text, T& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool starts_with_word(std::string_view line, std::string_view word) {
  return line.starts_with(word) && (line.size() == word.size() || kBlanks.find(line[word.size()]) != std::string_view::npos);
}

// Why a line is no record, or nothing.
std::string_view reason_to_skip(std::string_view line) {
  if (line.find_first_not_of(kBlanks) == std::string_view::npos) return "blank line";
  if (line.starts_with('#')) return "comment line";
  if (starts_with_word(line, "track")) return "track line";
  if (starts_with_word(line, "browser")) return "browser line";
  return {};
}

void parse_record(const LineReader& reader, std::string_view line, BedGraphRecord& record) {
  std::array<std::string_view, 5> fields;
  if (starts_with_word(line, "fixedStep") || starts_with_word(line, "variableStep"))
    reader.fail("this is a wiggle file; convert it with wigToBigWig, bigWig and bedGraph are read");
  if (const std::size_t count = split(line, fields); count != 4)
    reader.fail(
        format("a bedGraph line has 4 fields (chromosome start end value), this one has {}", count == 5 ? "more" : std::to_string(count)));
  if (!parse(fields[1], record.start) || !parse(fields[2], record.end))
    reader.fail(format("'{}' and '{}' are no whole numbers; start and end of a stretch were expected", fields[1], fields[2]));
  if (record.start < 0 || record.start >= record.end)
    reader.fail(format("stretch {}-{} is empty or negative; bedGraph counts from 0 and excludes the end", record.start, record.end));
  if (!parse(fields[3], record.value) || std::isinf(record.value)) reader.fail(format("'{}' is no finite number", fields[3]));
  record.chromosome = fields[0];
}

}  // namespace

namespace {

// While `each` runs, the reader stands at the line of its record.
template <class F>
ReadReport read_records(LineReader& reader, const F& each) {
  ReadReport report;
  BedGraphRecord record;
  for (std::string_view line; reader.next(line);) {
    if (const std::string_view reason = reason_to_skip(line); !reason.empty()) {
      report.skip(std::string(reason));
      continue;
    }
    parse_record(reader, line, record);
    ++report.records;
    each(record);
  }
  return report;
}

// Refuses rows that would not give every base one value.
class RowOrder {
 public:
  RowOrder(const LineReader& reader, const LengthOf& length_of) : reader_(reader), length_of_(length_of) {}

  void check(const BedGraphRecord& row) {
    if (seen_.empty() || row.chromosome != last_.chromosome)
      begin(row.chromosome);
    else if (row.start < last_.start)
      reader_.fail(format("stretch {}-{} of {} begins before the one above it, {}-{}; {}", row.start, row.end, row.chromosome, last_.start,
                          last_.end, kSort));
    else if (row.start < last_.end)
      reader_.fail(format("stretch {}-{} of {} overlaps the one above it, {}-{}; a track has one value at each base", row.start, row.end,
                          row.chromosome, last_.start, last_.end));
    if (row.end > length_)
      reader_.fail(format("stretch {}-{} ends behind {}, which has {} bases; track and genome must be of the same assembly", row.start,
                          row.end, row.chromosome, length_));
    if (std::abs(row.value) > double{std::numeric_limits<float>::max()})
      reader_.fail(format("{} is larger than the values of a track can be, {:.3g}", row.value, std::numeric_limits<float>::max()));
    last_.start = row.start;
    last_.end = row.end;
  }

 private:
  static constexpr const char* kSort = "sort the file (sort -k1,1 -k2,2n)";
  // Positions have 32 bits in tracks.
  static constexpr std::int64_t kLongest = std::numeric_limits<std::uint32_t>::max();

  void begin(const std::string& chromosome) {
    if (!seen_.insert(chromosome).second)
      reader_.fail(format("rows of {} stand in two places of the file; {}", chromosome, kSort));
    last_ = {.chromosome = chromosome};
    length_ = length_of_ ? length_of_(chromosome).value_or(kLongest) : kLongest;
  }

  const LineReader& reader_;
  const LengthOf& length_of_;
  std::unordered_set<std::string> seen_;  // chromosomes
  BedGraphRecord last_;
  std::int64_t length_ = 0;
};

}  // namespace

ReadReport for_each_bedgraph(const std::filesystem::path& path, const std::function<void(const BedGraphRecord&)>& each) {
  LineReader reader(path);
  return read_records(reader, each);
}

ReadReport for_each_bedgraph_in_order(const std::filesystem::path& path, const LengthOf& length_of,
                                      const std::function<void(const BedGraphRecord&)>& each) {
  LineReader reader(path);
  RowOrder order(reader, length_of);
  return read_records(reader, [&](const BedGraphRecord& row) {
    order.check(row);
    each(row);
  });
}

std::vector<BedGraphRecord> read_bedgraph(const std::filesystem::path& path) {
  std::vector<BedGraphRecord> records;
  for_each_bedgraph(path, [&](const BedGraphRecord& record) { records.push_back(record); });
  return records;
}

struct BedGraphWriter::State {
  explicit State(const std::filesystem::path& target) : path(target), file(target) {
    if (path.extension() != ".gz") return;
    gzip = ::gzopen(file.temporary().c_str(), "wb");
    if (!gzip) throw DataError(format("{}: cannot be opened for writing", path.string()));
  }
  ~State() {
    if (gzip) ::gzclose(gzip);
  }

  std::filesystem::path path;
  AtomicFile file;
  gzFile gzip = nullptr;
  std::string buffer;
  bool closed = false;

  void flush() {
    const bool good =
        gzip ? buffer.empty() || ::gzwrite(gzip, buffer.data(), static_cast<unsigned>(buffer.size())) == static_cast<int>(buffer.size())
             : static_cast<bool>(file.stream().write(buffer.data(), static_cast<std::streamsize>(buffer.size())));
    if (!good) throw DataError(format("{}: cannot be written; is the disk full?", path.string()));
    buffer.clear();
  }
};

BedGraphWriter::BedGraphWriter(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {}
BedGraphWriter::~BedGraphWriter() = default;

void BedGraphWriter::add(std::string_view chromosome, const TrackInterval& interval) {
  const std::string file = state_->path.string();
  if (state_->closed) throw ArgumentError(format("{}: is closed; nothing can be added", file));
  if (chromosome.empty() || chromosome.find_first_of(" \t\r\n") != std::string_view::npos)
    throw ArgumentError(format("{}: chromosome name '{}' is empty or has white space", file, chromosome));
  if (interval.start < 0 || interval.start >= interval.end)
    throw ArgumentError(format("{}: stretch {}:{}-{} is empty or negative", file, chromosome, interval.start, interval.end));
  if (std::isinf(interval.value))
    throw ArgumentError(format("{}: {}:{}-{} has an infinite value", file, chromosome, interval.start, interval.end));
  if (std::isnan(interval.value)) return;
  fmt::format_to(std::back_inserter(state_->buffer), "{}\t{}\t{}\t{}\n", chromosome, interval.start, interval.end, interval.value);
  if (state_->buffer.size() > (1u << 20)) state_->flush();
}

void BedGraphWriter::add_run(std::string_view chromosome, std::int64_t start, std::span<const float> values) {
  for (std::size_t i = 0; i < values.size();) {
    std::size_t end = i + 1;
    while (end < values.size() && values[end] == values[i]) ++end;
    add(chromosome, {start + static_cast<std::int64_t>(i), start + static_cast<std::int64_t>(end), values[i]});
    i = end;
  }
}

void BedGraphWriter::close() {
  if (state_->closed) return;
  state_->closed = true;
  state_->flush();
  if (state_->gzip && ::gzclose(std::exchange(state_->gzip, nullptr)) != Z_OK)
    throw DataError(format("{}: cannot be written; is the disk full?", state_->path.string()));
  state_->file.commit();
}

}  // namespace basewise::io
