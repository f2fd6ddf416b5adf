// The door to the verbs that need libtorch. Loading it costs a quarter of a second, so it happens
// only when such a verb runs.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "apps/basewise/support/command.h"

namespace basewise::app {

/// Runs a verb of the library and returns its exit code.
/// Errors: StateError if the library or libtorch cannot be loaded.
int run_tensor_verb(const std::string& verb, const Arguments& arguments);

/// What libtorch says about itself: version, where it was found, devices, threads.
/// Errors: as above.
nlohmann::ordered_json torch_facts();

}  // namespace basewise::app
