// Planted motifs as text.
#pragma once

#include <string_view>
#include <vector>

#include "basewise/interpret/planted.h"

namespace basewise::interpret::detail {

/// Reads "29-40:Gabpa-;67-78:STAT1+": places, name and strand, with semicolons between;
/// nothing for an empty text.
/// Errors: DataError with the text and what was expected.
std::vector<PlantedMotif> parse_planted(std::string_view text);

}  // namespace basewise::interpret::detail
