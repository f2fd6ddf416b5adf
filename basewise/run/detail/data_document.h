// The document data.json of a run folder: what a model was trained on, for pages that are made
// without libtorch.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/data/build.h"
#include "basewise/run/recipe.h"
#include "basewise/run/set_numbers.h"

namespace basewise::run::detail {

/// data.json, schema "basewise.data/1": kind and target; size of each set, batches of a pass over
/// it and what its targets are like (counted over all examples, or over kCountedExamples spread
/// evenly where there are more); which registered data sets were read, with their licences.
/// `numbers`: those of `count_sets`, the first target first.
nlohmann::ordered_json data_document(const data::DataSplits& data, const Recipe& recipe, const std::vector<SetNumbers>& numbers);

/// The same, counted here.
nlohmann::ordered_json data_document(const data::DataSplits& data, const Recipe& recipe);

/// Name of the target that the document speaks of; "labels" where there is none.
std::string first_target(const data::DataSplits& data);

}  // namespace basewise::run::detail
