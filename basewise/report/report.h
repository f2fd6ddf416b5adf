// Results of runs as one page to look at: run folders in, a document (report.schema.json), a page
// and figure files out. Without libtorch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"

namespace basewise::report {

/// Pictures of figures.
enum class PictureFormat { svg, png, pdf };
constexpr auto words_of(PictureFormat) {
  return words<PictureFormat>({{PictureFormat::svg, "svg"}, {PictureFormat::png, "png"}, {PictureFormat::pdf, "pdf"}});
}

struct ReportRequest {
  std::filesystem::path out = {};                ///< page; empty: report.html in the run folder, of several runs in the current folder
  std::string title = {};                        ///< empty: name of the run
  std::filesystem::path document = {};           ///< also the document, as JSON
  std::filesystem::path figures = {};            ///< folder for a specification and tables of each figure, and pictures of it
  std::vector<PictureFormat> format = {};        ///< empty: svg if that can be made
};
void describe(Visitor& v, ReportRequest& o);

struct ReportResult {
  std::filesystem::path page = {};
  std::int64_t bytes = 0;                         ///< of the page
  std::vector<std::filesystem::path> files = {};  ///< everything written, the page last
  std::vector<std::string> notes = {};            ///< what is missing, and which command adds it
};

/// Builds the document of one or several runs and writes it as a page, atomically;
/// then what else was asked for.
/// Errors: ArgumentError (no run, one run twice), StateError for a folder that is no run folder or
/// pictures that cannot be made (everything else is written by then), DataError for files that are
/// not what basewise writes.
ReportResult write_report(const std::vector<std::filesystem::path>& runs, const ReportRequest& request = {});

/// `write_report` for the page of one run after training or evaluation: what goes wrong is a
/// warning, and the path is empty.
std::filesystem::path try_page(const std::filesystem::path& run);

}  // namespace basewise::report
