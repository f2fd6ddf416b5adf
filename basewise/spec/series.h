// A rule in place of a list: the values of an option along a repetition.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "basewise/spec/model_spec.h"

namespace basewise::spec {

/// Whether a text is meant as a rule: it begins with "from ".
bool is_series(std::string_view text);

/// Value `i` of `count` by one of the rules
///
///     from 288 to 512                     both ends given, by equal factors in between
///     from 64 times 1.125                 each the last times a factor
///     from 288 to 512, multiples of 16    rounded to the nearest multiple
///     from 1 times 1.5, rounded           each rounded before the next is made: 1, 2, 3, 4, 6, 9,
///                                         14
///
/// Values are whole numbers, halves go to the even neighbour, as NumPy rounds; without "rounded"
/// what is multiplied on is the number before rounding (towers and dilations of Kelley 2020).
/// Errors: ArgumentError with `where` and `owner` in front, for another text and for values that
/// are not from 1 to 1,000,000,000.
std::int64_t series_value(std::string_view text, std::int64_t i, std::int64_t count, const FilePosition& where, const std::string& owner);

}  // namespace basewise::spec
