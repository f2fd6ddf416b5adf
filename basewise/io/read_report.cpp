#include "basewise/io/read_report.h"

#include "basewise/core/format.h"

namespace basewise::io {
namespace {

std::string listed(const std::map<std::string, std::int64_t>& counts) {
  std::string text;
  for (const auto& [what, times] : counts) text += format("{}{} {}", text.empty() ? "" : ", ", times, what);
  return text;
}

}  // namespace

void ReadReport::skip(const std::string& reason, std::int64_t times) {
  skipped += times;
  reasons[reason] += times;
}

std::string ReadReport::summary() const {
  std::string text = format("{} records", records);
  if (skipped > 0) text += format(", {} skipped ({})", skipped, listed(reasons));
  if (!notes.empty()) text += "; " + listed(notes);
  return text;
}

}  // namespace basewise::io
