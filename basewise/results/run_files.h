// The files of a run folder by name: for those that write them and for those that read them.
#pragma once

#include <string>
#include <string_view>

#include "basewise/corpus/splits.h"

namespace basewise::results {

/// The set that something was measured on.
using Set = corpus::SetName;

inline constexpr const char* kConfigFile = "config.toml";      ///< the recipe as resolved
inline constexpr const char* kModelFile = "model.toml";        ///< the model specification
inline constexpr const char* kManifestFile = "manifest.json";  ///< what the run was: status, inputs, machine
inline constexpr const char* kModelDocument = "model.json";    ///< the layer table, for pages
inline constexpr const char* kDataDocument = "data.json";      ///< sizes and balance of the sets, for pages
inline constexpr const char* kSchemaFile =
    "schema.json";                                  ///< the tensors of an example: shapes, roles, names of channels
inline constexpr const char* kLogFile = "log.tsv";  ///< one row per epoch
inline constexpr const char* kPageFile = "report.html";                  ///< the page of the run
inline constexpr const char* kCheckpoints = "checkpoints";               ///< folder: what a killed run resumes from
inline constexpr const char* kEvents = "events";                         ///< folder: losses for TensorBoard
inline constexpr const char* kFailedBatch = "failed_batch.safetensors";  ///< where a loss was no number

/// What studies call the weights of a run that no validation value chose besides.
inline constexpr const char* kBestWeights = "best";

/// "weights.safetensors" for an empty name: those of the run; "weights.mean.auroc.safetensors": the
/// best by that validation value.
std::string weights_file(const std::string& value = {});

/// What an evaluation leaves: "metrics.json" for the test set and the final weights,
/// "metrics.train.json" for another set, "metrics.loss.json" and "metrics.loss.train.json" for the
/// best weights by a validation value. The same for curves (what figures are drawn from) and tracks
/// (predictions along chosen loci).
std::string metrics_file(Set set = Set::test, const std::string& weights = {});
std::string curves_file(Set set = Set::test, const std::string& weights = {});
std::string tracks_file(Set set = Set::test, const std::string& weights = {});

/// Whether a run writes a file or folder of this name (without path) into its run folder.
bool is_run_file(std::string_view name);

}  // namespace basewise::results
