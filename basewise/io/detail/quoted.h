// Fields that may stand in double quotes (RFC 4180).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace basewise::io::detail {

/// How the quotes of a line came out.
enum class Quotes {
  closed,  ///< every field that begins with a quote ends with one
  open,    ///< the line ends inside of a field: it goes on in the next one
  broken,  ///< text stands behind a closing quote
};

/// Parts of `line` between separators; a part in quotes may hold separators and, doubled, quotes.
/// Parts without quotes lie in `line`, the others in `room`.
/// Only with `Quotes::closed` are the fields complete.
Quotes split_quoted(std::string_view line, char separator, std::string& room, std::vector<std::string_view>& fields);

/// The separator of a heading: a tab where there is one outside of quotes, else a comma,
/// else a semicolon, else a tab.
char separator_of(std::string_view heading);

}  // namespace basewise::io::detail
