// How JSON parameters say that a model is trained, as a recipe.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "basewise/convert/convert.h"
#include "basewise/convert/detail/keys.h"

namespace basewise::convert::detail {

/// Windows of the data.
struct Windows {
  std::int64_t length = 0;
  std::int64_t context = 0;
  std::int64_t bin = 1;
  bool single = false;  ///< one answer for each
};

/// TOML text; what has no counterpart goes into the notes of `result`.
/// `model` holds the augmentation.
/// Errors: DataError for unknown keys and values out of bounds.
std::string json_recipe(const nlohmann::ordered_json& training, Keys& model, const Windows& windows, Converted& result,
                        const ConvertOptions& options);

}  // namespace basewise::convert::detail
