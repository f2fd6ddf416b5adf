#include "basewise/report/report.h"

#include <algorithm>
#include <string_view>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/log.h"
#include "basewise/core/outputs.h"
#include "basewise/report/detail/pictures.h"
#include "basewise/report/document.h"
#include "basewise/report/folder_page.h"
#include "basewise/report/page.h"
#include "basewise/results/run_files.h"
#include "basewise/results/run_outputs.h"

namespace basewise::report {
namespace {

using Json = nlohmann::ordered_json;

fs::path page_of(const std::vector<fs::path>& runs, const ReportRequest& request) {
  if (!request.out.empty()) return request.out;
  return runs.size() == 1 ? runs[0] / results::kPageFile : fs::path(results::kPageFile);
}

/// Pages, and JSON that is not what a folder of attributions, motifs or filters is known by.
bool may_be_of_report(const fs::path& file) {
  constexpr std::string_view kDocuments[] = {"attribute.json", "discovery.json", "filters.json"};
  const std::string name = file.filename().string();
  return name.ends_with(".html") ||
         (name.ends_with(".json") && std::find(std::begin(kDocuments), std::end(kDocuments), name) == std::end(kDocuments));
}

/// What a folder holds that no output may replace; the page is the verb's own.
std::vector<GivenPath> kept_files(const fs::path& folder) {
  const bool run = !find_folder_kind(folder);
  std::vector<GivenPath> files;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file(none) || name == results::kPageFile) continue;
    if (run ? results::is_run_file(name) : !may_be_of_report(entry.path())) files.push_back({"runs", entry.path()});
  }
  return files;
}

void check_outputs(const std::vector<fs::path>& runs, const ReportRequest& request) {
  const std::vector<GivenPath> outputs = {{"out", request.out}, {"document", request.document}};
  std::vector<GivenPath> inputs;
  for (const fs::path& run : runs)
    for (GivenPath& file : kept_files(run)) inputs.push_back(std::move(file));
  require_apart(inputs, outputs);
  for (const GivenPath& output : outputs) {
    results::require_no_toml(output);
    const bool page = &output == &outputs.front();
    if (page && output.path.filename() == results::kPageFile) continue;  // where pages stand
    for (const fs::path& run : runs) results::require_no_run_file(run, {output});
  }
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
  check_outputs(runs, request);
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
