// How long the sequences are that a run is given.
#pragma once

#include <cstdint>

#include "basewise/run/open_run.h"

namespace basewise::run {

/// Bases that a run is given around a place of a genome: `asked` where it is above 0, else what the
/// model declares, what the windows of the recipe have, or what such models usually take.
/// Errors: ArgumentError where nobody says.
std::int64_t window_length(const OpenRun& run, std::int64_t asked = 0);

}  // namespace basewise::run
