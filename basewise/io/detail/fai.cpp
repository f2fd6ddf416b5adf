#include "basewise/io/detail/fai.h"

#include <string_view>

#include "basewise/core/error.h"
#include "basewise/io/detail/fields.h"
#include "basewise/io/line_reader.h"

namespace basewise::io::detail {
namespace {

namespace fs = std::filesystem;

// Builds the index of one pass over the lines of a file.
class Builder {
 public:
  explicit Builder(std::string file) : file_(std::move(file)) {}

  // A line without its '\n'; `ended` tells whether the file had one.
  void add(std::string_view line, bool ended) {
    ++number_;
    const std::int64_t bytes = static_cast<std::int64_t>(line.size()) + (ended ? 1 : 0);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty() && line.front() == '>')
      header(line, bytes);
    else
      bases(line, bytes);
    offset_ += bytes;
  }

  std::vector<FaiEntry> finish() {
    if (entries_.empty()) throw DataError(format("{}: no FASTA record; the file is empty", file_));
    return std::move(entries_);
  }

 private:
  void header(std::string_view line, std::int64_t bytes) {
    const std::string_view name = line.substr(1, line.find_first_of(" \t") - 1);
    if (name.empty()) throw_data_error({file_, number_, 2}, "the header has no name");
    if (name.size() > kLongestName)
      throw_data_error({file_, number_, 2},
                       format("the name {} has {} bytes; expected at most {}", shown(name), name.size(), kLongestName));
    entries_.push_back(FaiEntry{std::string(name), 0, offset_ + bytes, 0, 0});
    last_ = false;
  }

  void bases(std::string_view line, std::int64_t bytes) {
    if (entries_.empty()) {
      if (line.empty()) return;
      throw_data_error({file_, number_, 0}, format("sequence before the first header: expected '>name', found {}", shown(line)));
    }
    FaiEntry& entry = entries_.back();
    const auto count = static_cast<std::int64_t>(line.size());
    if (count == 0) {
      last_ = true;
      return;
    }
    if (last_)
      throw_data_error({file_, number_, 0},
                       format("sequence {} has lines of unequal length, which allow no index", shown(entry.name)));
    if (entry.line_bases == 0) {
      entry.line_bases = count;
      entry.line_bytes = bytes;
    } else if (count != entry.line_bases || bytes != entry.line_bytes) {
      if (count > entry.line_bases) {
        throw_data_error({file_, number_, 0},
                         format("sequence {} has lines of unequal length, which allow no index", shown(entry.name)));
      }
      last_ = true;  // only the last line may be shorter
    }
    entry.length += count;
  }

  std::string file_;
  std::vector<FaiEntry> entries_;
  std::int64_t number_ = 0;
  std::int64_t offset_ = 0;
  bool last_ = false;
};

}  // namespace

std::vector<FaiEntry> build_fai(const ReadBytes& read, const std::string& file) {
  Builder builder(file);
  std::vector<char> piece(std::size_t{1} << 18);
  std::string rest;
  for (;;) {
    const auto got = read(piece);
    if (got < 0) throw DataError(format("{}: cannot be read: damaged or truncated compression", file));
    if (got == 0) break;
    std::string_view bytes(piece.data(), static_cast<std::size_t>(got));
    for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
      rest += bytes.substr(0, end);
      builder.add(rest, true);
      rest.clear();
      bytes.remove_prefix(end + 1);
    }
    rest += bytes;
  }
  if (!rest.empty()) builder.add(rest, false);
  return builder.finish();
}

std::vector<FaiEntry> read_fai(const fs::path& path) {
  LineReader lines(path);
  std::vector<FaiEntry> entries;
  std::string_view line;
  std::vector<std::string_view> fields;
  while (lines.next(line)) {
    split(line, '\t', fields);
    if (fields.size() != 5)
      lines.fail(format("{} columns; an index of FASTA has 5. Delete the index; it will be built anew", fields.size()));
    FaiEntry e{std::string(fields[0]), integer_field(lines, fields[1], "length"), integer_field(lines, fields[2], "offset"),
            integer_field(lines, fields[3], "bases per line"), integer_field(lines, fields[4], "bytes per line")};
    constexpr std::int64_t kMost = std::int64_t{1} << 50;
    const bool sane = e.length >= 0 && e.length < kMost && e.offset > 0 && e.offset < kMost && e.line_bases >= (e.length > 0 ? 1 : 0) &&
                      e.line_bases < kMost && e.line_bytes >= e.line_bases && e.line_bytes <= e.line_bases + 2;
    if (!sane) lines.fail("numbers that cannot be; delete the index, it will be built anew");
    entries.push_back(std::move(e));
  }
  if (entries.empty()) throw DataError(format("{}: the index is empty; delete it, it will be built anew", path.string()));
  return entries;
}

std::string fai_text(const std::vector<FaiEntry>& entries) {
  std::string text;
  for (const FaiEntry& e : entries) text += format("{}\t{}\t{}\t{}\t{}\n", e.name, e.length, e.offset, e.line_bases, e.line_bytes);
  return text;
}

}  // namespace basewise::io::detail
