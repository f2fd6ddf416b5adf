// Fields of a line and the numbers in them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "basewise/io/line_reader.h"

namespace basewise::io::detail {

/// Parts between separators; an empty line has one empty part.
void split(std::string_view line, char separator, std::vector<std::string_view>& fields);

/// Parts between runs of blanks and tabs; none for a blank line.
void split_blanks(std::string_view line, std::vector<std::string_view>& fields);

/// Without blanks, tabs and carriage returns at both ends.
std::string_view trimmed(std::string_view text);

bool is_blank(std::string_view line);

/// What a line of a file of places is that holds none ("blank line", "comment line", "track line",
/// "browser line"); null if it is none of these.
const char* header_kind(std::string_view line);

/// True for a field of one letter that is among `letters`.
bool is_letter_of(std::string_view field, std::string_view letters);

/// The field for an error message: quoted, shortened, control characters shown as '?'.
std::string shown(std::string_view field);

/// Bytes of the name of a sequence that are read at most;
/// what is longer is no name but a damaged file.
inline constexpr std::size_t kLongestName = 65'535;

/// Column (from 1) of the byte at which `field`, a part of `line`, starts.
std::int64_t column_of(std::string_view line, std::string_view field);

/// Whole fields as numbers; false if it is none or does not fit.
bool parse_integer(std::string_view field, std::int64_t& value);
bool parse_number(std::string_view field, double& value);  ///< also inf and nan, any case

/// The same with a DataError at the line: "start 'x' is no whole number".
std::int64_t integer_field(const LineReader& lines, std::string_view field, std::string_view what);
double number_field(const LineReader& lines, std::string_view field, std::string_view what);

}  // namespace basewise::io::detail
