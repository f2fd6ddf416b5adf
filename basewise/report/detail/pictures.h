// Figures as files: specification with its data, tables, and pictures made by vl-convert.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "basewise/report/detail/run.h"
#include "basewise/report/report.h"

namespace basewise::report::detail {

/// For each figure ID: ID.vl.json or ID.vg.json (a complete specification that Vega, Altair and the
/// Vega editor read), ID.<table>.tsv, and ID.svg ... where formats ask for them. Without formats,
/// SVG is made if the converter is there, and a note says so if not.
/// Errors: StateError when pictures were asked for and cannot be made;
/// specifications and tables are there by then.
void export_figures(const Json& document, const std::filesystem::path& folder, const std::vector<PictureFormat>& formats,
                    ReportResult& result);

/// The specification of a figure block with its tables inside, for readers other than the page.
Json standalone_spec(const Json& figure);

}  // namespace basewise::report::detail
