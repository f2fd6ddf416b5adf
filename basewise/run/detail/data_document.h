// The document data.json of a run folder: what a model was trained on, for pages that are made
// without libtorch.
#pragma once

#include <cstdint>

#include <nlohmann/json_fwd.hpp>

#include "basewise/data/build.h"
#include "basewise/run/recipe.h"

namespace basewise::run::detail {

/// data.json, schema "basewise.data/1": kind and target; size of each set and what its targets are
/// like (counted over all examples, or over kCountedExamples spread evenly where there are more);
/// which registered data sets were read, with their licences.
nlohmann::ordered_json data_document(const data::DataSplits& data, const Recipe& recipe);

inline constexpr std::int64_t kCountedExamples = 16384;

}  // namespace basewise::run::detail
