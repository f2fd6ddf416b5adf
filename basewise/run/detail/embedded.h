// Recipes that are part of the program.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace basewise::run::detail {

/// ("demo/recipe.toml", text), ...; the source is written by the build from the folder recipes/.
std::vector<std::pair<std::string_view, std::string_view>> embedded_recipes();

}  // namespace basewise::run::detail
