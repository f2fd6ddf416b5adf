#include "basewise/io/fragments.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/io/detail/fields.h"
#include "basewise/io/line_reader.h"

namespace basewise::io {
namespace {

constexpr std::int64_t kMostPairs = 1'000'000;  // that one line may stand for

bool are_integers(const std::vector<std::string_view>& fields, std::initializer_list<std::size_t> columns) {
  std::int64_t value = 0;
  return std::all_of(columns.begin(), columns.end(), [&](std::size_t i) { return detail::parse_integer(fields[i], value); });
}

FragmentFormat guess(const std::vector<std::string_view>& fields) {
  if (fields.size() >= 6 && are_integers(fields, {1, 2, 4, 5})) return FragmentFormat::pairs;
  if (fields.size() >= 6 && detail::is_letter_of(fields[5], "+-")) return FragmentFormat::reads;
  return FragmentFormat::fragments;
}

}  // namespace

struct FragmentReader::State {
  LineReader lines;
  FragmentFormat format;
  ReadReport report;
  std::string_view line;
  std::vector<std::string_view> fields;

  State(const std::filesystem::path& path, FragmentFormat f) : lines(path), format(f) {}
  void split();
  void place(std::size_t column, FragmentRead& read) const;
  seq::Strand strand(std::size_t column) const;
  void read_pair(Fragment& fragment);
  void read_fragment(Fragment& fragment) const;
};

void FragmentReader::State::split() {
  if (line.find('\t') != std::string_view::npos)
    detail::split(line, '\t', fields);
  else
    detail::split_blanks(line, fields);
  if (fields.size() < 3) lines.fail(basewise::format("{} columns; expected at least chromosome, start, end", fields.size()));
  if (format == FragmentFormat::automatic) format = guess(fields);
  const std::size_t least = format == FragmentFormat::fragments ? 3 : 6;
  if (fields.size() < least) lines.fail(basewise::format("{} columns; {} has at least {}", fields.size(), format, least));
}

void FragmentReader::State::place(std::size_t column, FragmentRead& read) const {
  if (fields[column].empty()) lines.fail("the name of the chromosome is empty");
  read.chromosome.assign(fields[column]);
  read.start = detail::integer_field(lines, fields[column + 1], "start");
  read.end = detail::integer_field(lines, fields[column + 2], "end");
  if (read.start < 0) lines.fail(basewise::format("start {} is negative; positions count from 0", read.start));
  if (read.end <= read.start) lines.fail(basewise::format("end {} is not behind start {}", read.end, read.start));
}

seq::Strand FragmentReader::State::strand(std::size_t column) const {
  if (column >= fields.size() || fields[column].empty()) return seq::Strand::none;
  const auto strand = seq::find_strand(fields[column]);
  if (!strand) lines.fail(basewise::format("strand {}; expected +, - or .", detail::shown(fields[column])));
  return *strand;
}

void FragmentReader::State::read_pair(Fragment& f) {
  for (const std::size_t column : {std::size_t{0}, std::size_t{3}}) {
    FragmentRead& read = column == 0 ? f.first : f.second;
    if (detail::is_letter_of(fields[column], ".*")) {
      read = {};
      report.note("one of two reads is not aligned");
      continue;
    }
    place(column, read);
    read.strand = strand(column == 0 ? 8 : 9);
  }
  f.is_pair = !f.first.chromosome.empty() && f.first.chromosome == f.second.chromosome;
  if (f.is_pair && f.first.strand == seq::Strand::none && f.second.strand == seq::Strand::none) {
    const bool in_order = f.first.start <= f.second.start;
    f.first.strand = in_order ? seq::Strand::forward : seq::Strand::reverse;
    f.second.strand = seq::opposite(f.first.strand);
  }
}

void FragmentReader::State::read_fragment(Fragment& f) const {
  place(0, f.first);
  f.second = f.first;
  f.first.strand = seq::Strand::forward;
  f.second.strand = seq::Strand::reverse;
  f.is_pair = true;
  if (fields.size() > 3 && !detail::is_letter_of(fields[3], ".")) f.barcode.assign(fields[3]);
  if (fields.size() != 5) return;  // more columns are those of BED, where the fifth is a score
  f.count = detail::integer_field(lines, fields[4], "number of read pairs");
  if (f.count < 1 || f.count > kMostPairs)
    lines.fail(basewise::format("number of read pairs {}; expected 1 to {}", f.count, kMostPairs));
}

FragmentReader::FragmentReader(const std::filesystem::path& path, FragmentFormat format)
    : state_(std::make_unique<State>(path, format)) {}
FragmentReader::~FragmentReader() = default;
FragmentReader::FragmentReader(FragmentReader&&) noexcept = default;

FragmentFormat FragmentReader::format() const { return state_->format; }
std::string FragmentReader::where() const { return state_->lines.where().to_string(); }
const ReadReport& FragmentReader::report() const { return state_->report; }

bool FragmentReader::next(Fragment& fragment) {
  State& s = *state_;
  while (s.lines.next(s.line)) {
    if (const char* kind = detail::header_kind(s.line)) {
      s.report.skip(kind);
      continue;
    }
    s.split();
    fragment.barcode.clear();
    fragment.count = 1;
    if (s.format == FragmentFormat::pairs) {
      s.read_pair(fragment);
    } else if (s.format == FragmentFormat::fragments) {
      s.read_fragment(fragment);
    } else {
      s.place(0, fragment.first);
      fragment.first.strand = s.strand(5);
      if (fragment.first.strand == seq::Strand::none)
        s.lines.fail("a read without a strand; a file of fragments is read with the format 'fragments'");
      fragment.second = {};
      fragment.is_pair = false;
    }
    ++s.report.records;
    return true;
  }
  return false;
}

}  // namespace basewise::io
