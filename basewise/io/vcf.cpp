#include "basewise/io/vcf.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/io/detail/bcf.h"
#include "basewise/io/detail/fields.h"
#include "basewise/io/line_reader.h"

namespace basewise::io {
namespace {

constexpr std::size_t kLeast = 5;                          // columns: chromosome, position, id, reference, alternatives
constexpr std::size_t kFilter = 6, kInfo = 7, kFixed = 8;  // columns in front of FORMAT and samples
constexpr const char* kCutShort =
    "the end-of-file block of bgzip is missing: the file may be truncated; compare it with its source, or copy it again";
constexpr std::string_view kAbsent = ".", kOverlapped = "*", kUnspecified = "<*>", kStream = "-";
constexpr std::string_view kBases = "ACGTNacgtn";
constexpr std::string_view kCodes = "ACGTNRYSWKMBDHVUacgtnryswkmbdhvu";

bool only(std::string_view text, std::string_view letters) { return text.find_first_not_of(letters) == std::string_view::npos; }

/// Nothing for what is no allele.
std::optional<AlleleKind> kind_of(std::string_view allele) {
  if (allele.empty()) return std::nullopt;
  if (only(allele, kBases)) return AlleleKind::letters;
  if (only(allele, kCodes)) return AlleleKind::ambiguous;
  if (allele == kAbsent) return AlleleKind::missing;
  if (allele == kOverlapped || allele == kUnspecified) return AlleleKind::overlapped;
  if (allele.find_first_of("[]") != std::string_view::npos) return AlleleKind::breakend;
  if (allele.starts_with('<') && allele.ends_with('>')) return AlleleKind::symbolic;
  const bool single = allele.starts_with('.') || allele.ends_with('.');
  if (single && only(allele.substr(allele.starts_with('.'), allele.size() - 1), kCodes)) return AlleleKind::breakend;
  return std::nullopt;
}

std::string_view or_nothing(std::string_view field) { return field == kAbsent ? std::string_view() : field; }

}  // namespace

bool is_standard_stream(const std::filesystem::path& path) { return path == kStream; }

struct VcfReader::State {
  std::string name;
  std::optional<LineReader> text;
  std::optional<detail::BcfLines> bcf;
  VcfHeader header;
  ReadReport report;
  std::string_view line;
  bool again = false;  // the line was read by the header and is a row
  std::vector<std::string_view> fields;
  std::size_t columns = kFixed;  // of each row

  bool next_line();
  void read_header();
  void check_columns() const;
  void split();
  void read(VcfRecord& record);
  void read_alleles(VcfRecord& record);
  [[noreturn]] void fail(const std::string& message) const;
};

bool VcfReader::State::next_line() {
  if (std::exchange(again, false)) return true;
  if (text) return text->next(line);
  if (bcf->next(line)) return true;
  if (bcf->is_cut_short() && report.remarks.empty()) report.remarks.emplace_back(kCutShort);
  return false;
}

void VcfReader::State::fail(const std::string& message) const {
  if (text) text->fail(message);
  throw DataError(format("{}: record {}: {}", name, bcf->records(), message));
}

void VcfReader::State::read_header() {
  std::int64_t lines = 0;
  for (; next_line(); ++lines) {
    if (detail::is_blank(line)) {
      report.skip("blank line");
    } else if (line.starts_with("##")) {
      header.lines.emplace_back(line);
    } else if (line.starts_with('#') && header.columns.empty()) {
      header.columns = line;
    } else if (line.starts_with('#')) {
      report.skip("comment line");
    } else {
      again = true;
      split();
      header.fields = std::ssize(fields);
      break;
    }
  }
  std::vector<std::string_view> named;
  detail::split(header.columns, '\t', named);
  columns = std::max(kFixed, named.size() >= kFixed ? named.size() : static_cast<std::size_t>(header.fields));
  if (lines == 0 && !again) throw DataError(format("{}: is empty; expected VCF or BCF", name));
  if (header.columns.empty()) report.remarks.emplace_back("there is no line #CHROM");
  if (header.lines.empty()) report.remarks.emplace_back("there is no header (##fileformat and what describes the rows)");
}

// Of 8 columns those behind ALT may be missing.
void VcfReader::State::check_columns() const {
  if (fields.size() > columns || (columns > kFixed && fields.size() < columns))
    fail(format("{} columns, where {} has {}; the row is cut short, or parted by something else than tabs", fields.size(),
                header.columns.empty() ? "the first row" : "the line #CHROM", columns));
}

void VcfReader::State::split() {
  if (line.find('\t') != std::string_view::npos)
    detail::split(line, '\t', fields);
  else
    detail::split_blanks(line, fields);
  if (fields.size() < kLeast)
    fail(format("{} columns; a row of VCF has at least 5: chromosome, position, id, reference, alternatives", fields.size()));
}

void VcfReader::State::read(VcfRecord& record) {
  split();
  if (text) check_columns();
  if (fields.size() <= kInfo) report.note("fewer than 8 columns");
  if (line.find('\t') == std::string_view::npos) report.note("blanks in place of tabs");
  record = VcfRecord{.line = std::string(line), .chrom = std::string(fields[0]), .id = std::string(or_nothing(fields[2]))};
  record.number = text ? text->line_number() : bcf->records();
  if (fields[0].empty()) fail("the name of the chromosome is empty");
  std::int64_t position = 0;
  if (!detail::parse_integer(fields[1], position))
    fail(format("position {} is no whole number{}", detail::shown(fields[1]),
                report.records == 0 ? "; a line with the names of the columns begins with #" : ""));
  if (position < 0) fail(format("position {} is negative; positions of VCF count from 1", position));
  record.position = position - 1;
  read_alleles(record);
  if (fields.size() > kFilter) record.filter = or_nothing(fields[kFilter]);
  if (fields.size() > kInfo) record.info = or_nothing(fields[kInfo]);
}

void VcfReader::State::read_alleles(VcfRecord& record) {
  if (fields[3].empty() || !only(fields[3], kCodes))
    fail(format("reference allele {}; expected letters of DNA, as VCF writes a deletion or insertion with the base before it",
                detail::shown(fields[3])));
  record.ref = fields[3];
  if (fields[4] == kAbsent) return;
  std::vector<std::string_view> alleles;
  detail::split(fields[4], ',', alleles);
  for (const std::string_view allele : alleles) {
    const auto kind = kind_of(allele);
    if (!kind)
      fail(format("alternative allele {}; expected letters of DNA, a symbol such as <DEL>, a breakend, * or .", detail::shown(allele)));
    record.alts.emplace_back(allele);
    record.kinds.push_back(*kind);
  }
}

VcfReader::VcfReader(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  State& s = *state_;
  const std::filesystem::path file = is_standard_stream(path) ? "/dev/stdin" : path;
  s.name = file.string();
  if (detail::is_bcf_file(file))
    s.bcf.emplace(file);
  else
    s.text.emplace(file);
  s.read_header();
}

VcfReader::~VcfReader() = default;
VcfReader::VcfReader(VcfReader&&) noexcept = default;

const VcfHeader& VcfReader::header() const { return state_->header; }
const ReadReport& VcfReader::report() const { return state_->report; }
const std::string& VcfReader::name() const { return state_->name; }
std::string_view VcfReader::counts() const { return state_->bcf ? "record" : "line"; }

bool VcfReader::next(VcfRecord& record) {
  State& s = *state_;
  while (s.next_line()) {
    if (detail::is_blank(s.line)) {
      s.report.skip("blank line");
    } else if (s.line.starts_with('#')) {
      s.report.skip("comment line");
    } else {
      s.read(record);
      ++s.report.records;
      return true;
    }
  }
  return false;
}

}  // namespace basewise::io
