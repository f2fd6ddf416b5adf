#include "basewise/report/page.h"

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/report/detail/embeddable.h"
#include "basewise/report/detail/page_template.h"

namespace basewise::report {

std::string fill_page(const nlohmann::ordered_json& document) {
  const std::string_view page = detail::page_template();
  const std::size_t mark = page.find(detail::kDocumentMark);
  if (mark == std::string_view::npos) throw InternalError("the built-in page has no place for a document");
  const std::string json = detail::embeddable(document);
  std::string text;
  text.reserve(page.size() + json.size());
  text += page.substr(0, mark);
  text += json;
  text += page.substr(mark + detail::kDocumentMark.size());
  return text;
}

}  // namespace basewise::report
