#include "basewise/io/vcf_writer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <system_error>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/io/detail/bcf.h"
#include "basewise/io/detail/fields.h"
#include "basewise/io/detail/text_writer.h"

namespace basewise::io {
namespace {

constexpr std::int64_t kColumns = 8;
constexpr std::size_t kInfo = 7;
constexpr std::string_view kAbsent = ".", kBcf = ".bcf";
constexpr std::string_view kColumnLine = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO";

std::string quoted(const std::string& text) {
  std::string all;
  for (const char c : text) {
    if (c == '"' || c == '\\') all += '\\';
    all += c;
  }
  return all;
}

bool begins_with_number(std::string_view key) { return !key.empty() && key.front() >= '0' && key.front() <= '9'; }

/// Whether a line of the header describes this key.
bool describes(std::string_view line, const std::string& key) {
  const std::string begin = "##INFO=<ID=" + key;
  return line.starts_with(begin) && line.size() > begin.size() && (line[begin.size()] == ',' || line[begin.size()] == '>');
}

/// The names of the columns of a header that names too few, or none.
std::string columns_of(const VcfHeader& header) {
  std::vector<std::string_view> named;
  detail::split(header.columns, '\t', named);
  if (std::ssize(named) >= kColumns) return header.columns;
  std::string line(kColumnLine);
  for (std::int64_t i = kColumns; i < header.fields; ++i) line += i == kColumns ? "\tFORMAT" : format("\tsample{}", i - kColumns);
  return line;
}

std::string text_of(const VcfHeader& header, const VcfInfo& added) {
  std::string text;
  if (!added.key.empty() && (header.lines.empty() || !header.lines.front().starts_with("##fileformat"))) text = "##fileformat=VCFv4.2\n";
  for (const std::string& line : header.lines)
    if (added.key.empty() || !describes(line, added.key)) text += line + "\n";
  if (!added.key.empty())
    text += format("##INFO=<ID={},Number={},Type=String,Description=\"{}\">\n", added.key, added.number, quoted(added.description));
  if (!added.key.empty()) return text + columns_of(header) + "\n";
  return header.columns.empty() ? text : text + header.columns + "\n";
}

/// The entries of a column INFO but those of a key.
std::string without(std::string_view info, std::string_view key) {
  if (info == kAbsent || info.empty()) return {};
  std::vector<std::string_view> entries;
  detail::split(info, ';', entries);
  std::string rest;
  for (const std::string_view entry : entries) {
    if (entry.substr(0, entry.find('=')) == key || entry.empty()) continue;
    if (!rest.empty()) rest += ';';
    rest += entry;
  }
  return rest;
}

/// Text to standard output, through its buffer.
class StandardOutput {
 public:
  void write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) fail();
  }
  void close() {
    if (std::fflush(stdout) != 0) fail();
  }

 private:
  [[noreturn]] static void fail() {
    throw DataError(format("standard output: cannot be written: {}", std::generic_category().message(errno)));
  }
};

}  // namespace

void check_info_key(const std::string& key) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.";
  if (!key.empty() && !begins_with_number(key) && key.front() != '.' && key.find_first_not_of(kAllowed) == std::string::npos) return;
  throw ArgumentError(format("key {} is none of the column INFO of VCF: a letter or _, then letters, digits, _ and .", detail::shown(key)));
}

struct VcfWriter::State {
  std::string key;
  std::optional<AtomicFile> file;  // of BCF
  std::optional<detail::BcfWriter> bcf;
  std::optional<detail::TextWriter> text;
  std::optional<StandardOutput> standard;
  std::vector<std::string_view> fields;
  std::string row;

  void write(std::string_view lines);
};

void VcfWriter::State::write(std::string_view line) {
  if (bcf) return bcf->add(line);
  row.assign(line);
  row += '\n';
  text ? text->write(row) : standard->write(row);
}

VcfWriter::VcfWriter(const std::filesystem::path& path, const VcfHeader& header, const VcfInfo& added)
    : state_(std::make_unique<State>()) {
  State& s = *state_;
  if (!added.key.empty()) check_info_key(added.key);
  s.key = added.key;
  const std::string head = text_of(header, added);
  if (is_standard_stream(path)) {
    s.standard.emplace();
    s.standard->write(head);
  } else if (path.extension() == kBcf) {
    s.file.emplace(path);
    s.bcf.emplace(s.file->temporary(), path.string(), head);
  } else {
    s.text.emplace(path);
    s.text->write(head);
  }
}

VcfWriter::~VcfWriter() = default;
VcfWriter::VcfWriter(VcfWriter&&) noexcept = default;

void VcfWriter::add(const VcfRecord& record) { state_->write(record.line); }

void VcfWriter::add(const VcfRecord& record, std::string_view value) {
  State& s = *state_;
  if (s.key.empty()) throw ArgumentError("the writer was given no key for a value");
  if (value.find_first_of("\t\r\n;= ") != std::string_view::npos)
    throw ArgumentError(format("value {} of the key {} holds what ends a value of VCF", detail::shown(value), s.key));
  if (record.line.find('\t') != std::string::npos)
    detail::split(record.line, '\t', s.fields);
  else
    detail::split_blanks(record.line, s.fields);
  std::string info = without(s.fields.size() > kInfo ? s.fields[kInfo] : kAbsent, s.key);
  if (!value.empty()) info += format("{}{}={}", info.empty() ? "" : ";", s.key, value);
  if (info.empty()) info = kAbsent;
  std::string line;
  s.fields.resize(std::max(s.fields.size(), static_cast<std::size_t>(kColumns)));
  for (std::size_t i = 0; i < s.fields.size(); ++i) {
    if (i > 0) line += '\t';
    line += i == kInfo ? std::string_view(info) : s.fields[i].empty() ? kAbsent : s.fields[i];
  }
  s.write(line);
}

void VcfWriter::close() {
  State& s = *state_;
  if (s.standard) return s.standard->close();
  if (s.text) return s.text->close();
  s.bcf->close();
  s.file->commit();
}

}  // namespace basewise::io
