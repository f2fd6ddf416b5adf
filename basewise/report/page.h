// A document as one HTML file that needs no network.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace basewise::report {

/// The page: the built-in template with the document put in.
std::string fill_page(const nlohmann::ordered_json& document);

}  // namespace basewise::report
