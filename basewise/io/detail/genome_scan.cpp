#include "basewise/io/detail/genome_scan.h"

#include <algorithm>
#include <cstring>
#include <unordered_set>
#include <utility>
#include <vector>

#include "basewise/io/detail/byte_source.h"
#include "basewise/io/detail/fields.h"
#include "basewise/io/detail/read_ahead.h"

namespace basewise::io::detail {
namespace {

// Thrown and caught in this file: the file is not regular.
struct Irregular {};

class Scanner {
 public:
  // `left`: bases that may still come, at a guess.
  Scanner(seq::Ambiguity ambiguity, std::size_t left, const std::function<void(ScannedSequence)>& use)
      : ambiguity_(ambiguity), left_(left), use_(use) {}

  void expect(std::size_t left) { left_ = left; }

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
  static constexpr std::size_t kShort = std::size_t{1} << 22;

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

  // A carriage return belongs to the end of the line, and its line feed may come with the next
  // piece.
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
    if (binary || record_.name.empty() || record_.name.size() > kLongestName || !names_.insert(record_.name).second) throw Irregular();
    tokens_.clear();
    tokens_.reserve(left_);
    open_ = true;
  }

  void close_record() {
    flush();
    if (!open_) return;
    if (tokens_.size() == 0) throw Irregular();
    if (tokens_.size() < kShort) {
      // The room is kept for the next one: to ask the system for it again and again would cost more
      // than the copy.
      record_.tokens.reserve(tokens_.size());  // and no more: there may be a hundred thousand
      const auto copy = record_.tokens.grow(tokens_.size());
      std::copy(tokens_.tokens().begin(), tokens_.tokens().end(), copy.begin());
    } else {
      record_.tokens = std::exchange(tokens_, seq::TokenBuffer());
    }
    use_(std::move(record_));
    open_ = false;
  }

  void flush() {
    if (filled_ == 0) return;
    if (!open_) throw Irregular();
    try {
      const auto report = seq::encode(std::string_view(letters_.data(), filled_), tokens_.grow(filled_), ambiguity_);
      record_.n += report.n;
      record_.ambiguous += report.ambiguous;
    } catch (const DataError&) {
      throw Irregular();
    }
    filled_ = 0;
  }

  seq::Ambiguity ambiguity_;
  std::size_t left_;
  const std::function<void(ScannedSequence)>& use_;
  Where where_ = Where::line_start;
  bool carriage_return_ = false;
  bool open_ = false;
  std::string header_;
  ScannedSequence record_;
  seq::TokenBuffer tokens_;  // of the record that is read
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
  std::error_code unknown;
  std::size_t left = std::filesystem::file_size(path, unknown);
  if (unknown) left = 0;
  // Bases of a compressed file: four fit into a byte.
  if (source.compressed()) left *= 4;
  Scanner scanner(ambiguity, left, use);
  ReadAhead pieces(source, piece);
  try {
    for (auto bytes = pieces.next(); !bytes.empty(); bytes = pieces.next()) {
      scanner.take(bytes.data(), bytes.data() + bytes.size());
      scanner.expect(left -= std::min(left, bytes.size()));
    }
    return {true, scanner.finish()};
  } catch (const Irregular&) {
    return {};
  }
}

}  // namespace basewise::io::detail
