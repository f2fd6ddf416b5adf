// Whether the files of a run, and those that it read, are still what they were.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace basewise::run {

/// SHA-256 of the files of weights in a run folder, by name: "weights.safetensors",
/// "weights.<value>.safetensors". They stand in the manifest of a run that is finished.
std::map<std::string, std::string> weights_facts(const std::filesystem::path& folder);

/// Compares a file of weights with the manifest of its run folder. Where that has no sum of it, as
/// those of version 0.1.0, or there is no manifest, nothing is compared.
/// Errors: StateError for other bytes than those that training wrote; it says the way out.
void check_weights(const std::filesystem::path& folder, const std::filesystem::path& weights);

/// Of files that are read now, as (reference, path), those that the run read too, under the same
/// reference or path, and that have other contents now; a sentence for each. A file of the size and
/// time of change that the manifest has is taken as unchanged; another time, or none in the
/// manifest, has the file hashed, up to 1 GiB, and above that its size decides alone. Nothing where
/// there is no manifest.
std::vector<std::string> changed_inputs(const std::filesystem::path& folder,
                                        const std::vector<std::pair<std::string, std::filesystem::path>>& files);

/// Logs a warning for each of them.
void warn_of_changed_inputs(const std::filesystem::path& folder,
                            const std::vector<std::pair<std::string, std::filesystem::path>>& files);

}  // namespace basewise::run
