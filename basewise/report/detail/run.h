// What stands in a run folder, read once.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "basewise/results/figures.h"
#include "basewise/results/metrics_document.h"
#include "basewise/results/tracks.h"

namespace basewise::report::detail {

using Json = nlohmann::ordered_json;

/// log.tsv: one row per epoch.
struct TrainingLog {
  std::vector<std::string> columns;
  std::vector<std::vector<double>> rows;  ///< NaN where the file has no number

  std::size_t epochs() const { return rows.size(); }
  /// Values of a column; empty when there is none of that name.
  std::vector<double> column(const std::string& name) const;
};

struct Run {
  std::filesystem::path folder;
  std::string id;              ///< unique among the runs of a document
  std::string name;            ///< of the recipe
  results::Set split = results::Set::test;  ///< set that metrics, curves and tracks are of
  Json manifest;
  // Not set where the file is missing.
  std::optional<results::MetricsDocument> metrics;
  std::optional<results::EvaluationFigures> curves;
  std::optional<results::TracksDocument> tracks;
  // Null where the file is missing.
  Json model;
  Json data;
  TrainingLog log;
  std::string config_text;
  std::string model_text;
  std::vector<std::string> missing;  ///< sentences: what is missing, and which command adds it
};

/// Reads a run folder; ids are made unique by `name_runs`.
/// Files that are missing or damaged are told in `missing`.
/// Errors: StateError when the folder has no manifest of a run;
/// DataError for members that are not what basewise writes.
Run load_run(const std::filesystem::path& folder);

/// The head that the recipe names first; an empty one where nothing was measured.
const results::HeadEvaluation& first_head(const Run& run);

/// Ids: the name where it is unique, else with the folder behind it, else the path.
/// Errors: ArgumentError for one folder twice.
void name_runs(std::vector<Run>& runs);

/// A member that may be absent or of another type: then the fallback.
std::string text_of(const Json& object, const char* key, const std::string& fallback = {});
double number_of(const Json& object, const char* key);    ///< NaN
const Json& member(const Json& object, const char* key);  ///< a null value

}  // namespace basewise::report::detail
