// Results of runs as one page to look at: run folders in, a document (report.schema.json), a page and figure files out. Without libtorch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/core/options.h"

namespace basewise::report {

/// The number in the document's field "version"; raised when a reader of the older one could be misled.
inline constexpr int kDocumentVersion = 1;

struct ReportRequest {
  std::vector<std::filesystem::path> runs = {};  ///< run folders; not described
  std::filesystem::path out = {};                ///< page; empty: report.html in the run folder, of several runs in the current folder
  std::string title = {};                        ///< empty: name of the run
  std::filesystem::path document = {};           ///< also the document, as JSON
  std::filesystem::path figures = {};            ///< folder for a specification and tables of each figure, and pictures of it
  std::vector<std::string> format = {};          ///< pictures: svg, png, pdf; empty: svg if that can be made
};
void describe(Visitor& v, ReportRequest& o);

struct ReportResult {
  std::filesystem::path page = {};
  std::int64_t bytes = 0;                         ///< of the page
  std::vector<std::filesystem::path> files = {};  ///< everything written, the page last
  std::vector<std::string> notes = {};            ///< what is missing, and which command adds it
};

/// Builds the document of one or several runs and writes it as a page, atomically; then what else was asked for.
/// Errors: ArgumentError (no run, one run twice), StateError for a folder that is no run folder or pictures that cannot be made (everything
/// else is written by then), DataError for files that are not what basewise writes.
ReportResult write_report(const ReportRequest& request);

/// `write_report` for the page of one run after training or evaluation: what goes wrong is a warning, and the path is empty.
std::filesystem::path try_page(const std::filesystem::path& run);

/// The document; valid by report.schema.json, and all of it data: no string of a run is ever markup. What a run folder lacks is said in it
/// and in `notes`. Errors: as above.
nlohmann::ordered_json build_document(const std::vector<std::filesystem::path>& runs, const std::string& title,
                                      std::vector<std::string>& notes);

/// The document of a study from the text of its study.json (schema basewise.study/1): dots per seed beside what was published, tables, paired
/// tests. Errors: DataError naming `origin` for text that is no such document.
nlohmann::ordered_json build_study_document(std::string_view text, const std::string& origin);

/// Reads study.json and writes the page, atomically. Errors: as above.
void write_study_page(const std::filesystem::path& study, const std::filesystem::path& page);

/// JSON text that may stand inside a script element: <, >, &, U+2028 and U+2029 are written as \uXXXX, bytes that are no UTF-8 become
/// U+FFFD.
std::string embeddable(const nlohmann::ordered_json& document);

/// The page: the built-in template with the document put in.
std::string fill_page(const nlohmann::ordered_json& document);

}  // namespace basewise::report
