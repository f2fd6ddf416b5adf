// The files of a perturbation experiment.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "basewise/interpret/perturb.h"

namespace basewise::interpret::detail {

/// Errors: ArgumentError for outputs that would replace an input or each other, and arrays in a
/// format that is not known.
void check_perturb_files(const PerturbOptions& options);

/// Writes OUT.tsv and OUT.json; fills in `result.files`.
void write_perturbation(PerturbResult& result, const PerturbOptions& options);

/// The numbers of N examples under C conditions, as `perturb_run` describes them.
struct PerturbArrays {
  struct Name {
    std::string condition = {};
    std::string orientation = {};
    std::optional<std::int64_t> distance = {};
  };
  std::vector<Name> conditions = {};
  std::vector<std::string> examples = {};
  std::vector<std::string> outputs = {};
  std::vector<double> y_before = {};  ///< (N, K)
  std::vector<double> y_after = {};   ///< (C, N, K)
  std::vector<double> control = {};   ///< (C, N, K)
};

void write_perturb_arrays(const std::filesystem::path& file, const PerturbArrays& arrays);

}  // namespace basewise::interpret::detail
