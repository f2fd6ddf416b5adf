#include "basewise/core/printable.h"

#include <algorithm>

#include "basewise/core/format.h"

namespace basewise {
namespace {

constexpr std::size_t kLongestMessage = 4000;

struct Character {
  std::size_t bytes = 0;  ///< 0: no UTF-8
  char32_t code = 0;
};

// The character in front of a text that is not empty.
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, lead};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {};
  char32_t code = lead & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3f);
  }
  const bool overlong = code < (bytes == 2 ? 0x80U : bytes == 3 ? 0x800U : 0x10000U);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (overlong || surrogate || code > 0x10ffff) return {};
  return {bytes, code};
}

bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

// Marks that end a line or turn the direction of writing: they are no control characters of ASCII,
// but a line that holds one is shown as another than it is.
bool is_disguise(char32_t code) {
  return (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0x200e || code == 0x200f;
}

std::string escape(char32_t code) {
  if (code == '\n') return "\\n";
  if (code == '\t') return "\\t";
  return format("\\u{:04x}", static_cast<unsigned>(code));
}

// One past the last whole character that ends at or before `at`.
std::size_t character_border(std::string_view text, std::size_t at) {
  const std::size_t least = at > 3 ? at - 3 : 0;
  for (std::size_t i = at; i > least; --i)
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return i;
  return at;
}

}  // namespace

std::string printable(std::string_view text, LineBreaks breaks) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character c = first_character(text);
    const bool wanted = breaks == LineBreaks::kept && (c.code == '\n' || c.code == '\t');
    if (c.bytes == 0)
      out += format("\\x{:02x}", static_cast<unsigned char>(text.front()));
    else if ((is_control(c.code) && !wanted) || is_disguise(c.code))
      out += escape(c.code);
    else
      out += text.substr(0, c.bytes);
    text.remove_prefix(std::max<std::size_t>(c.bytes, 1));
  }
  return out;
}

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  const std::size_t front = character_border(text, most - most / 4);
  const std::size_t back = character_border(text, text.size() - most / 4);
  return format("{} ... ({} bytes left out) ... {}", text.substr(0, front), back - front, text.substr(back));
}

std::string message_line(std::string_view text) { return printable(shortened(text, kLongestMessage)); }

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Character c = first_character(text.substr(at));
    if (c.bytes == 0) return false;
    at += c.bytes;
  }
  return true;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace basewise
