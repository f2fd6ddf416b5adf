// What a slip of the pen probably meant.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace basewise {

/// The candidate nearest to `word` in edit distance (with transpositions),
/// if it is near enough to be a likely slip.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace basewise
