#include "basewise/io/detail/genome_scan.h"

#include <algorithm>
#include <cstring>
#include <unordered_set>
#include <vector>

#include "basewise/io/detail/byte_source.h"

namespace basewise::io::detail {
namespace {

// Thrown and caught in this file: the file is not regular.
struct Irregular {};

class Scanner {
 public:
  Scanner(seq::Ambiguity ambiguity, const std::function<void(ScannedSequence)>& use) : ambiguity_(ambiguity), use_(use) {}

  void take(const char* at, const char* end) {
    while (at < end) {
      if (where_ == Where::line_start) at = begin_line(at);
      const auto* newline = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
      const char* stop = newline ? newline : end;
      if (where_ == Where::header)
        header_.append(at, stop);
      else
        add_letters(at, stop);
      if (newline) end_line();
      at = newline ? newline + 1 : end;
    }
  }

  std::int64_t finish() {
    if (where_ != Where::line_start) end_line();
    close_record();
    if (names_.empty()) throw Irregular();
    return blank_lines_;
  }

 private:
  enum class Where { line_start, header, sequence };
  static constexpr std::size_t kLetters = std::size_t{1} << 14;

  const char* begin_line(const char* at) {
    line_letters_ = 0;
    if (*at != '>') {
      where_ = Where::sequence;
      return at;
    }
    close_record();
    header_.clear();
    where_ = Where::header;
    return at + 1;
  }

  // A carriage return belongs to the end of the line, and its line feed may come with the next piece.
  void add_letters(const char* at, const char* stop) {
    if (at == stop) return;
    if (carriage_return_) throw Irregular();
    if (stop[-1] == '\r') {
      carriage_return_ = true;
      --stop;
    }
    line_letters_ += stop - at;
    while (at < stop) {
      if (filled_ == kLetters) flush();
      const std::size_t count = std::min(static_cast<std::size_t>(stop - at), kLetters - filled_);
      std::memcpy(letters_.data() + filled_, at, count);
      filled_ += count;
      at += count;
    }
  }

  void end_line() {
    if (where_ == Where::header)
      open_record();
    else if (line_letters_ == 0)
      ++blank_lines_;
    carriage_return_ = false;
    where_ = Where::line_start;
  }

  void open_record() {
    if (!header_.empty() && header_.back() == '\r') header_.pop_back();
    record_ = ScannedSequence();
    record_.name = header_.substr(0, header_.find_first_of(" \t"));
    const bool binary = header_.find('\0') != std::string::npos;
    if (binary || record_.name.empty() || !names_.insert(record_.name).second) throw Irregular();
    open_ = true;
  }

  void close_record() {
    flush();
    if (open_ && record_.tokens.size() == 0) throw Irregular();
    if (open_) use_(std::move(record_));
    open_ = false;
  }

  void flush() {
    if (filled_ == 0) return;
    if (!open_) throw Irregular();
    try {
      const auto report = seq::encode(std::string_view(letters_.data(), filled_), record_.tokens.grow(filled_), ambiguity_);
      record_.n += report.n;
      record_.ambiguous += report.ambiguous;
    } catch (const DataError&) {
      throw Irregular();
    }
    filled_ = 0;
  }

  seq::Ambiguity ambiguity_;
  const std::function<void(ScannedSequence)>& use_;
  Where where_ = Where::line_start;
  bool carriage_return_ = false;
  bool open_ = false;
  std::string header_;
  ScannedSequence record_;
  std::unordered_set<std::string> names_;
  std::vector<char> letters_ = std::vector<char>(kLetters);  // of lines, side by side
  std::size_t filled_ = 0;
  std::int64_t line_letters_ = 0;
  std::int64_t blank_lines_ = 0;
};

}  // namespace

ScanResult scan_genome(const std::filesystem::path& path, seq::Ambiguity ambiguity, std::size_t piece,
                       const std::function<void(ScannedSequence)>& use) {
  ByteSource source(path);
  Scanner scanner(ambiguity, use);
  std::vector<char> bytes(piece);
  try {
    for (std::size_t got = source.read(bytes); got > 0; got = source.read(bytes)) scanner.take(bytes.data(), bytes.data() + got);
    return {true, scanner.finish()};
  } catch (const Irregular&) {
    return {};
  }
}

}  // namespace basewise::io::detail
