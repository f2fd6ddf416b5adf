#include "basewise/report/report.h"

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/log.h"
#include "basewise/report/detail/pictures.h"
#include "basewise/report/document.h"
#include "basewise/report/page.h"
#include "basewise/results/run_files.h"

namespace basewise::report {
namespace {

using Json = nlohmann::ordered_json;

fs::path page_of(const std::vector<fs::path>& runs, const ReportRequest& request) {
  if (!request.out.empty()) return request.out;
  return runs.size() == 1 ? runs[0] / results::kPageFile : fs::path(results::kPageFile);
}

}  // namespace

void describe(Visitor& v, ReportRequest& o) {
  v("out", o.out, "the page; default: report.html in the run folder, of several runs report.html here");
  v("title", o.title, "of the page; default: the name of the run");
  v("document", o.document, "also write the document, as JSON (report.schema.json)");
  v("figures", o.figures, "folder for each figure: specification, tables and pictures");
  v("format", o.format, "pictures of figures; default: svg where the converter is there");
}

ReportResult write_report(const std::vector<fs::path>& runs, const ReportRequest& request) {
  ReportResult result;
  const Json document = build_document(runs, request.title, result.notes);
  result.page = page_of(runs, request);
  if (!request.document.empty()) {
    write_file(request.document, json_text(document) + "\n");
    result.files.push_back(request.document);
  }
  const std::string page = fill_page(document);
  write_file(result.page, page);
  result.bytes = static_cast<std::int64_t>(page.size());
  if (!request.figures.empty()) detail::export_figures(document, request.figures, request.format, result);
  result.files.push_back(result.page);
  return result;
}

fs::path try_page(const fs::path& run) {
  try {
    return write_report({run}).page;
  } catch (const std::exception& e) {
    log_warning("no page was written; the run itself is complete: {}", e.what());
    return {};
  }
}

}  // namespace basewise::report
