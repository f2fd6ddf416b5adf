#include "basewise/io/gff.h"

#include <algorithm>

#include "basewise/io/detail/fields.h"
#include "basewise/io/detail/place_records.h"
#include "basewise/io/line_reader.h"

namespace basewise::io {
namespace {

constexpr std::string_view kRegion = "##sequence-region";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// "%3B" becomes ";"; a '%' without two digits stays.
std::string decoded(std::string_view text, ReadReport& report) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (text[i] == '%' && low < 0) report.note("'%' that starts no code");
    if (low < 0) {
      result += text[i];
      continue;
    }
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return result;
}

bool is_absent(std::string_view field) { return field.empty() || detail::is_letter_of(field, "."); }

std::vector<std::string>& values_of(GffRecord& record, std::string key) {
  for (auto& [name, values] : record.attributes) {
    if (name == key) return values;
  }
  return record.attributes.emplace_back(std::move(key), std::vector<std::string>{}).second;
}

}  // namespace

std::string_view GffRecord::attribute(std::string_view key) const {
  for (const auto& [name, values] : attributes) {
    if (name == key && !values.empty()) return values.front();
  }
  return {};
}

void describe(Visitor& v, GffOptions& o) {
  v("format", o.format, "how attributes are written");
  v("types", o.types, "features to keep (gene, CDS, ...); empty keeps all");
}

struct GffReader::State {
  LineReader lines;
  GffOptions options;
  ReadReport report;
  std::vector<seq::Chrom> regions;
  std::string_view line;
  std::vector<std::string_view> fields;
  bool ended = false;

  State(const std::filesystem::path& path, GffOptions o) : lines(path), options(std::move(o)) {}
  bool is_record();
  void read_directive();
  void read_place(GffRecord& record);
  void read_attributes(GffRecord& record);
  void read_gff3_attribute(std::string_view part, GffRecord& record);
  void read_gtf_attribute(std::string_view part, GffRecord& record);
  void note_circular(const GffRecord& record);
};

bool GffReader::State::is_record() {
  if (detail::is_blank(line)) {
    report.skip("blank line");
    return false;
  }
  if (line.front() == '>' || line.starts_with("##FASTA")) {
    report.skip("sequence behind ##FASTA, not read");
    ended = true;
    return false;
  }
  if (line.starts_with("##"))
    read_directive();
  else if (line.front() == '#')
    report.skip("comment line");
  else if (line.starts_with("track ") || line.starts_with("browser "))
    report.skip("track line");
  else
    return true;
  return false;
}

// "##sequence-region NC_000913.3 1 4641652"
void GffReader::State::read_directive() {
  report.skip("directive");
  detail::split_blanks(line, fields);
  if (fields[0] != kRegion) return;
  if (fields.size() != 4) lines.fail("##sequence-region needs a name, a first and a last position");
  const std::int64_t first = detail::integer_field(lines, fields[2], "first position");
  const std::int64_t last = detail::integer_field(lines, fields[3], "last position");
  if (first < 1 || last < first) lines.fail(format("##sequence-region from {} to {}; positions count from 1", first, last));
  regions.push_back(seq::Chrom{decoded(fields[1], report), last, false});
}

void GffReader::State::read_place(GffRecord& record) {
  detail::split(line, '\t', fields);
  if (fields.size() != 9) lines.fail(format("{} columns; GFF3 and GTF have 9, separated by tabs", fields.size()));
  if (fields[0].empty()) lines.fail("the name of the sequence is empty");
  const std::int64_t first = detail::integer_field(lines, fields[3], "start");
  const std::int64_t last = detail::integer_field(lines, fields[4], "end");
  if (first < 1) lines.fail(format("start {}; positions count from 1", first));
  if (last < first) lines.fail(format("start {} lies behind end {}", first, last));
  const bool gtf = options.format == GffFormat::gtf;
  record.interval = {gtf ? std::string(fields[0]) : decoded(fields[0], report), first - 1, last, seq::Strand::none};
  const auto strand = seq::find_strand(fields[6]);
  if (!strand && !detail::is_letter_of(fields[6], "?"))
    lines.fail(format("strand {}; expected +, -, . or ?", detail::shown(fields[6])));
  record.interval.strand = strand.value_or(seq::Strand::none);
  record.source = std::string(fields[1]);
  record.type = std::string(fields[2]);
  if (!is_absent(fields[5])) record.score = detail::number_field(lines, fields[5], "score");
  if (is_absent(fields[7])) return;
  if (!detail::is_letter_of(fields[7], "012"))
    lines.fail(format("phase {}; expected 0, 1, 2 or .", detail::shown(fields[7])));
  record.phase = fields[7].front() - '0';
}

void GffReader::State::read_gff3_attribute(std::string_view part, GffRecord& record) {
  const auto equal = part.find('=');
  if (equal == 0) lines.fail(format("attribute {} has no key; expected key=value", detail::shown(part)));
  std::vector<std::string>& values = values_of(record, decoded(part.substr(0, equal), report));
  std::vector<std::string_view> pieces;
  detail::split(part.substr(equal + 1), ',', pieces);
  for (const std::string_view piece : pieces) values.push_back(decoded(piece, report));
}

void GffReader::State::read_gtf_attribute(std::string_view part, GffRecord& record) {
  const auto blank = part.find_first_of(" \t");
  std::string_view value = blank == std::string_view::npos ? std::string_view{} : detail::trimmed(part.substr(blank));
  if (blank == std::string_view::npos || value.empty()) {
    report.note("attribute without a key");
    values_of(record, "").emplace_back(part);
    return;
  }
  if (value.front() == '"') {
    if (value.size() < 2 || value.back() != '"') lines.fail(format("attribute {}: the quote is not closed", detail::shown(part)));
    value = value.substr(1, value.size() - 2);
  }
  values_of(record, std::string(part.substr(0, blank))).emplace_back(value);
}

void GffReader::State::read_attributes(GffRecord& record) {
  std::string_view rest = detail::trimmed(fields[8]);
  if (is_absent(rest)) return;
  while (!rest.empty()) {
    // A semicolon between quotes belongs to the value.
    std::size_t end = 0;
    bool quoted = false;
    const bool gtf = options.format == GffFormat::gtf || (options.format == GffFormat::automatic && rest.find('=') > rest.find('"'));
    for (; end < rest.size() && (quoted || rest[end] != ';'); ++end) quoted = gtf && rest[end] == '"' ? !quoted : quoted;
    const std::string_view part = detail::trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (part.empty()) continue;
    const bool pair = part.find('=') != std::string_view::npos && part.find('=') < part.find('"');
    if (options.format == GffFormat::gff3 && !pair)
      lines.fail(format("attribute {} has no value; expected key=value", detail::shown(part)));
    if (options.format != GffFormat::gtf && pair)
      read_gff3_attribute(part, record);
    else
      read_gtf_attribute(part, record);
  }
}

void GffReader::State::note_circular(const GffRecord& record) {
  if (record.attribute("Is_circular") != "true") return;
  for (seq::Chrom& region : regions) {
    if (region.name == record.interval.chrom) region.circular = true;
  }
}

GffReader::GffReader(const std::filesystem::path& path, GffOptions options)
    : state_(std::make_unique<State>(path, std::move(options))) {}
GffReader::~GffReader() = default;
GffReader::GffReader(GffReader&&) noexcept = default;

bool GffReader::next(GffRecord& record) {
  State& s = *state_;
  while (!s.ended && s.lines.next(s.line)) {
    if (!s.is_record()) continue;
    record = GffRecord{};
    record.line = s.lines.line_number();
    s.read_place(record);
    s.read_attributes(record);
    s.note_circular(record);
    const auto& types = s.options.types;
    if (!types.empty() && std::find(types.begin(), types.end(), record.type) == types.end()) {
      s.report.skip("feature of another type");
      continue;
    }
    ++s.report.records;
    return true;
  }
  return false;
}

const ReadReport& GffReader::report() const { return state_->report; }
const std::vector<seq::Chrom>& GffReader::regions() const { return state_->regions; }

GffResult read_gff(const std::filesystem::path& path, const GffOptions& options) {
  GffReader reader(path, options);
  GffResult result;
  for (GffRecord record; reader.next(record);) result.records.push_back(std::move(record));
  result.report = reader.report();
  result.regions = reader.regions();
  return result;
}

GffResult read_gff(const std::filesystem::path& path, const seq::ChromSizes& sizes, const GffOptions& options) {
  GffResult result = read_gff(path, options);
  result.left_out = detail::place_records(result.records, sizes, path.string(), result.report);
  return result;
}

}  // namespace basewise::io
