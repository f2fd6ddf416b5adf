// What a call is given: files, runs and their facts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/run/open_run.h"
#include "basewise/seq/genome.h"
#include "basewise/variants/variants.h"

namespace basewise::variants::detail {

using Runs = std::vector<run::OpenRun>;

/// Where parts are kept; empty: nowhere.
std::filesystem::path parts_folder(const VariantOptions& o);

/// Errors: ArgumentError for files that are missing or would replace each other,
/// an input or a file of a run.
void check_files(const VariantOptions& o, const std::vector<std::filesystem::path>& runs);

/// Errors: ArgumentError for a model with other inputs than the sequence.
void check_model(const nn::Model& model);

seq::Genome genome_of(const VariantOptions& o, std::vector<std::string>& notes);

std::vector<std::filesystem::path> folders_of(const Runs& runs);

/// Names of the folders, with a number where two are alike.
std::vector<std::string> names_of(const Runs& runs);

/// Bases of the windows. Errors: ArgumentError for runs that differ.
std::int64_t window_length_of(const Runs& runs, const VariantOptions& o);

/// What scores depend on, whatever the variants: runs and options.
std::string background_facts(const Runs& runs, const VariantOptions& o);

/// What the numbers depend on.
nlohmann::ordered_json facts_of(const Runs& runs, const VariantOptions& o, const std::vector<std::string>& columns,
                                const seq::Genome& genome);

}  // namespace basewise::variants::detail
