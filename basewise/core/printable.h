// Text that came from files and command lines, on its way to a terminal, a log or a script.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace basewise {

/// What `printable` does with line breaks and tabs.
enum class LineBreaks { escaped, kept };

/// The text with nothing in it that steers a terminal or forges a line: control characters (below
/// U+0020, U+007F to U+009F), line and paragraph separators and marks that turn the direction of
/// writing are shown as \n, \t or \u001b, bytes that are no UTF-8 as \xe9. Other text stays as it
/// is; a backslash is not doubled, so that twice gives what once gives.
std::string printable(std::string_view text, LineBreaks breaks = LineBreaks::escaped);

/// At most about `most` bytes: from the middle of a longer text, the number of bytes left out
/// stands in place of them.
std::string shortened(std::string_view text, std::size_t most);

/// One line for a terminal or a log: `printable`, at most about 4,000 bytes of the text.
std::string message_line(std::string_view text);

/// Whether all of it is UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);

/// Whether it holds a control character, such as a line break.
bool has_control(std::string_view text);

}  // namespace basewise
