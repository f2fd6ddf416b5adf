// The files of a perturbation experiment.
#pragma once

#include "basewise/interpret/perturb.h"

namespace basewise::interpret::detail {

/// Writes OUT.tsv and OUT.json; fills in `result.files`.
void write_perturbation(PerturbResult& result, const PerturbOptions& options);

}  // namespace basewise::interpret::detail
