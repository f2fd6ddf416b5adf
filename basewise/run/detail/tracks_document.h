// The document tracks.json of a run folder: predictions along chosen loci, with the genes there.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/data/build.h"
#include "basewise/evaluate/evaluate.h"
#include "basewise/run/recipe.h"

namespace basewise::run::detail {

/// tracks.json, schema "basewise.tracks/1": the loci of an evaluation with the names of chromosomes
/// and the genes there. An annotation that cannot be read is a note.
nlohmann::ordered_json tracks_document(const evaluate::EvaluationResult& evaluation, const data::DataSplits& data,
                                       const Recipe& recipe, std::vector<std::string>& notes);

}  // namespace basewise::run::detail
