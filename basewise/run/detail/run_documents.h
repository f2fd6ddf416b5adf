// Documents of a run folder that say what a model and its data are, for pages that are made without
// libtorch.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/data/build.h"
#include "basewise/evaluate/evaluate.h"
#include "basewise/nn/model.h"
#include "basewise/run/recipe.h"

namespace basewise::run::detail {

/// model.json: what `basewise inspect --json` prints, the schema "basewise.model/1", and as
/// "first_layer" the name of the weights (filters, 4, width) of a convolution that reads the
/// one-hot sequence, if there is one.
nlohmann::ordered_json model_document(const nn::Model& model);

/// data.json, schema "basewise.data/1": kind and target; size of each set and what its targets are
/// like (counted over all examples, or over kCountedExamples spread evenly where there are more);
/// which registered data sets were read, with their licences.
nlohmann::ordered_json data_document(const data::DataSplits& data, const Recipe& recipe);

inline constexpr std::int64_t kCountedExamples = 16384;

/// tracks.json, schema "basewise.tracks/1": the loci of an evaluation with the names of chromosomes
/// and the genes there. An annotation that cannot be read is a note.
nlohmann::ordered_json tracks_document(const evaluate::EvaluationResult& evaluation, const data::DataSplits& data,
                                       const Recipe& recipe, std::vector<std::string>& notes);

}  // namespace basewise::run::detail
