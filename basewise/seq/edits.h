// Pure edits of sequences: each returns a new string, nothing is changed in place. Positions are
// 0-based.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "basewise/core/error.h"

namespace basewise::seq {

/// `letters` in the place of as many bases from `position` on; the length stays.
/// Errors: ArgumentError if they reach over the end.
std::string substitute(std::string_view sequence, std::int64_t position, std::string_view letters);

/// `letters` before the base at `position` (at the end for position = length); longer by their
/// number.
/// Errors: ArgumentError outside [0, L].
std::string insert(std::string_view sequence, std::int64_t position, std::string_view letters);

/// Without the bases of [start, end). Errors: ArgumentError for a range that is not inside.
std::string erase(std::string_view sequence, std::int64_t start, std::int64_t end);

/// `reference` at `position` becomes `alternative`, as a variant says; the sequence must hold
/// `reference` there (case does not matter).
/// Errors: ArgumentError if it reaches over the end; DataError that shows both if the sequence
/// holds something else.
std::string replace(std::string_view sequence, std::int64_t position, std::string_view reference, std::string_view alternative);

}  // namespace basewise::seq
