#include "basewise/corpus/detail/simulation_sources.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/core/format.h"
#include "basewise/core/log.h"
#include "basewise/core/nearest.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/fasta.h"
#include "basewise/io/motif_file.h"

namespace basewise::corpus::detail {

motifs::MotifMatrix motif_from_file(const std::filesystem::path& file, const std::string& name, io::MotifRows rows) {
  const std::filesystem::path path = resolve_path(file.string());
  std::vector<std::string> names;
  io::MotifResult read = io::read_motifs(path, rows);
  const auto skipped = read.report.reasons.find(std::string(io::kNoMatrix));
  const std::int64_t without = skipped == read.report.reasons.end() ? 0 : skipped->second;
  for (motifs::MotifMatrix& motif : read.motifs) {
    if (motif.name == name || motif.description == name) {
      motif.name = name;
      if (without > 0) log_warning_once(format("{}: skipped {} motif{} without a matrix", path.string(), without, without == 1 ? "" : "s"));
      return motifs::as_probabilities(motif);
    }
    names.push_back(motif.name);
  }
  const auto near = nearest(name, names);
  throw DataError(format("{}: no motif named '{}' among {} motifs{}{}", path.string(), name, names.size(),
                         without == 0 ? "" : format(" ({} more without a matrix)", without),
                         near ? format("; did you mean '{}'?", *near) : ""));
}

std::vector<std::vector<seq::Token>> background_from_file(const std::filesystem::path& file, std::int64_t length) {
  const std::filesystem::path path = resolve_path(file.string());
  io::FastaReader reader(path, {.ambiguity = seq::Ambiguity::as_n});
  io::FastaRecord record;
  std::vector<std::vector<seq::Token>> pieces;
  while (reader.next(record)) {
    const std::vector<seq::Token> tokens = seq::encode(record.sequence, seq::Ambiguity::as_n);
    for (auto at = tokens.begin(); at != tokens.end();) {
      const auto end = std::find(at, tokens.end(), seq::kN);
      if (end - at >= length) pieces.emplace_back(at, end);
      at = std::find_if(end, tokens.end(), [](seq::Token t) { return t != seq::kN; });
    }
  }
  if (pieces.empty())
    throw DataError(
        format("{}: no stretch of {} bases without N to be the background of a simulation; make 'length' smaller", path.string(), length));
  return pieces;
}

}  // namespace basewise::corpus::detail
