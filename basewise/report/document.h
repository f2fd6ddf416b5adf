// Run folders to the document that pages and figure files are made from (report.schema.json).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace basewise::report {

/// The number in the document's field "version"; raised when a reader of the older one could be
/// misled.
inline constexpr int kDocumentVersion = 1;

/// The document; valid by report.schema.json, and all of it data: no string of a run is ever
/// markup. What a run folder lacks is said in it and in `notes`.
/// Errors: as write_report.
nlohmann::ordered_json build_document(const std::vector<std::filesystem::path>& runs, const std::string& title,
                                      std::vector<std::string>& notes);

}  // namespace basewise::report
