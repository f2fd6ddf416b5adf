#include "basewise/report/detail/runs.h"

#include "basewise/core/format.h"
#include "basewise/report/detail/blocks.h"

namespace basewise::report::detail {

std::vector<std::string> ids_of(const Runs& runs) {
  std::vector<std::string> ids;
  for (const Run& run : runs) ids.push_back(run.id);
  return ids;
}

std::vector<std::string> strand_names() { return {"forward", "reverse"}; }

std::string pooled_name(const Run& run) {
  std::vector<std::string> names;
  for (const results::OutputEvaluation& output : first_head(run).outputs) names.push_back(output.name);
  if (names == strand_names()) return "both strands";
  return names.size() == 1 ? filled(names[0]) : "all outputs pooled";
}

std::string set_name(results::Set set) {
  return set == results::Set::train ? "training set" : basewise::format("{} set", set);
}

}  // namespace basewise::report::detail
