// The defaults of a recipe, those of the items of its lists among them.
#pragma once

#include "basewise/run/recipe.h"

namespace basewise::run::detail {

/// A recipe in which every option has its default, with lists as long as those of `like`: what an
/// option that is not told had, wherever it stands.
Recipe defaults_like(const Recipe& like);

}  // namespace basewise::run::detail
