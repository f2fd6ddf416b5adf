#include <filesystem>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/log.h"
#include "basewise/report/detail/page_template.h"
#include "basewise/report/detail/pictures.h"
#include "basewise/report/report.h"
#include "basewise/results/run_files.h"

namespace basewise::report {
namespace {

using Json = nlohmann::ordered_json;

fs::path page_of(const ReportRequest& request) {
  if (!request.out.empty()) return request.out;
  return request.runs.size() == 1 ? request.runs[0] / results::kPageFile : fs::path(results::kPageFile);
}

}  // namespace

void describe(Visitor& v, ReportRequest& o) {
  v("out", o.out, "the page; default: report.html in the run folder, of several runs report.html here");
  v("title", o.title, "of the page; default: the name of the run");
  v("document", o.document, "also write the document, as JSON (report.schema.json)");
  v("figures", o.figures, "folder for each figure: specification, tables and pictures");
  v("format", o.format, "pictures of figures: svg, png, pdf; default: svg where the converter is there");
}

std::string embeddable(const Json& document) {
  const std::string text = document.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size() + text.size() / 16);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '<') {
      safe += "\\u003c";
    } else if (c == '>') {
      safe += "\\u003e";
    } else if (c == '&') {
      safe += "\\u0026";
    } else if (text.compare(i, 3, "\u2028") == 0) {
      safe += "\\u2028", i += 2;
    } else if (text.compare(i, 3, "\u2029") == 0) {
      safe += "\\u2029", i += 2;
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string fill_page(const Json& document) {
  const std::string_view page = detail::page_template();
  const std::size_t mark = page.find(detail::kDocumentMark);
  if (mark == std::string_view::npos) throw InternalError("the built-in page has no place for a document");
  const std::string json = embeddable(document);
  std::string text;
  text.reserve(page.size() + json.size());
  text += page.substr(0, mark);
  text += json;
  text += page.substr(mark + detail::kDocumentMark.size());
  return text;
}

ReportResult write_report(const ReportRequest& request) {
  detail::check_formats(request.format);
  ReportResult result;
  const Json document = build_document(request.runs, request.title, result.notes);
  result.page = page_of(request);
  if (!request.document.empty()) {
    write_file(request.document, document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
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
    return write_report({.runs = {run}}).page;
  } catch (const std::exception& e) {
    log_warning("no page was written; the run itself is complete: {}", e.what());
    return {};
  }
}

}  // namespace basewise::report
