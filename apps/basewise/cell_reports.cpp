#include "apps/basewise/cell_reports.h"

#include <nlohmann/json.hpp>

namespace basewise::app {

nlohmann::ordered_json reports_json(const std::vector<prepare::CellReport>& cells) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const prepare::CellReport& cell : cells)
    json.push_back({{"name", cell.name},
                    {"file", cell.file.string()},
                    {"calls", cell.calls},
                    {"lines_passed_over", cell.skipped},
                    {"few_reads", cell.thin},
                    {"forward_by_sequence", cell.folded.forward_by_sequence},
                    {"reverse_by_sequence", cell.folded.reverse_by_sequence},
                    {"no_cpg", cell.folded.no_cpg},
                    {"forward_by_pair", cell.folded.forward_by_pair},
                    {"reverse_by_pair", cell.folded.reverse_by_pair},
                    {"undecided", cell.folded.undecided},
                    {"ambiguous", cell.folded.ambiguous},
                    {"merged", cell.folded.merged}});
  return json;
}

std::string strands_text(const std::vector<prepare::CellReport>& cells) {
  basewise::methylation::FoldCounts all;
  std::int64_t thin = 0;
  for (const prepare::CellReport& cell : cells) {
    all += cell.folded;
    thin += cell.thin;
  }
  const std::int64_t forward = all.forward_by_sequence + all.forward_by_pair, reverse = all.reverse_by_sequence + all.reverse_by_pair;
  std::string text;
  if (reverse > 0 || all.no_cpg > 0)
    text = format("strands: {} calls at the C of a CpG, {} at the G moved to it, {} sites of cells merged, {} not told, {} at no CpG\n",
                  forward, reverse, all.merged, all.undecided + all.ambiguous, all.no_cpg);
  if (thin > 0) text += format("left out: {} calls of few reads\n", thin);
  return text;
}

}  // namespace basewise::app
