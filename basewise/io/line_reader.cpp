#include "basewise/io/line_reader.h"

#include <cstring>
#include <optional>
#include <vector>

#include "basewise/io/detail/byte_source.h"

namespace basewise::io {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 17;
constexpr const char* kCarriageReturns =
    "the lines end with carriage returns alone, as on early Macintoshes; turn them into line feeds, as in tr '\\r' '\\n' <file >new";
constexpr const char* kBinary = "NUL byte; this is a binary file or text in UTF-16, expected plain text";

}  // namespace

struct LineReader::State {
  std::string name;
  std::int64_t longest = kLongestLine;
  std::optional<detail::ByteSource> source;  // none: the text is in the buffer as a whole
  std::vector<char> buffer;
  std::size_t begin = 0;  // of what was not given out yet
  std::size_t end = 0;
  std::int64_t line = 0;
  std::string_view current;
  bool again = false;

  bool refill();
  std::string_view cut(std::size_t length, std::size_t ending);
};

// Appends a piece of the file behind what is left, which moves to the front.
// False at the end of the file.
bool LineReader::State::refill() {
  if (!source) return false;
  if (begin > 0) {
    std::memmove(buffer.data(), buffer.data() + begin, end - begin);
    end -= begin;
    begin = 0;
  }
  // Doubling keeps the cost of a very long line linear.
  if (buffer.size() - end < kPiece) buffer.resize(std::max(buffer.size() * 2, end + kPiece));
  const std::size_t got = source->read(std::span<char>(buffer).subspan(end));
  end += got;
  return got > 0;
}

std::string_view LineReader::State::cut(std::size_t length, std::size_t ending) {
  std::string_view text(buffer.data() + begin, length);
  begin += length + ending;
  ++line;
  if (line == 1 && text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  return text;
}

LineReader::LineReader(std::unique_ptr<State> state) : state_(std::move(state)) {}

LineReader::LineReader(const std::filesystem::path& path, std::int64_t longest_line) : state_(std::make_unique<State>()) {
  state_->name = path.string();
  state_->longest = longest_line;
  state_->source.emplace(path);
}

LineReader::~LineReader() = default;
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;

LineReader LineReader::over(std::string text, std::string name, std::int64_t longest_line) {
  auto state = std::make_unique<State>();
  state->name = std::move(name);
  state->longest = longest_line;
  state->buffer.assign(text.begin(), text.end());
  state->end = text.size();
  return LineReader(std::move(state));
}

bool LineReader::next(std::string_view& line) {
  State& s = *state_;
  if (s.again) {
    s.again = false;
    line = s.current;
    return true;
  }
  std::size_t searched = 0;
  for (;;) {
    const std::size_t left = s.end - s.begin;
    const char* start = s.buffer.data() + s.begin;
    const void* found = left > searched ? std::memchr(start + searched, '\n', left - searched) : nullptr;
    const std::size_t length = found ? static_cast<std::size_t>(static_cast<const char*>(found) - start) : left;
    if (static_cast<std::int64_t>(length) > s.longest) {
      ++s.line;
      fail(format("the line is longer than {} bytes; this is no file of the expected kind", s.longest));
    }
    if (found) {
      s.current = s.cut(length, 1);
      break;
    }
    // Without a line break a file of zeros would be read to its end, or for ever.
    if (const void* nul = left > searched ? std::memchr(start + searched, '\0', left - searched) : nullptr) {
      ++s.line;
      fail(kBinary, static_cast<const char*>(nul) - start + 1);
    }
    searched = left;
    if (s.refill()) continue;
    if (s.begin == s.end) return false;
    s.current = s.cut(s.end - s.begin, 0);
    const auto inside = s.current.find('\r');
    if (s.line == 1 && s.current.find_first_not_of('\r', inside) != std::string_view::npos) fail(kCarriageReturns);
    break;
  }
  if (const auto nul = s.current.find('\0'); nul != std::string_view::npos) {
    fail(kBinary, static_cast<std::int64_t>(nul) + 1);
  }
  line = s.current;
  return true;
}

void LineReader::put_back() { state_->again = state_->line > 0; }

std::int64_t LineReader::line_number() const { return state_->line; }
const std::string& LineReader::name() const { return state_->name; }
FilePosition LineReader::where(std::int64_t column) const { return FilePosition{state_->name, state_->line, column}; }
void LineReader::fail(const std::string& message, std::int64_t column) const { throw_data_error(where(column), message); }

}  // namespace basewise::io
