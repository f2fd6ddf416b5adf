// What the verbs that need libtorch have in common.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "apps/basewise/support/command.h"

namespace basewise::app {

/// `Command::parse`, then gives libtorch the same number of threads that basewise uses.
bool parse(Command& command, const Arguments& arguments);

/// What a verb did, and in the last line where the page is (empty: none was written);
/// as JSON in the key "report".
void print_with_page(nlohmann::ordered_json json, const std::string& text, const std::filesystem::path& page, bool as_json);

/// The CUDA half of libtorch is loaded only when a device other than "cpu" is asked for. A warning
/// says why if it cannot be.
void prepare_device(const std::string& device);

}  // namespace basewise::app
