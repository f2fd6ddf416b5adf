#include "basewise/corpus/simulator_files.h"

#include <cmath>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/format.h"

namespace basewise::corpus {

namespace {

std::string sequence_name(std::int64_t i) { return format("sequence_{}", i); }

std::string_view label_text(float label) { return std::isnan(label) ? "NA" : label == 1 ? "1" : "0"; }

std::string as_fasta(const SimulationResult& r) {
  std::string text;
  for (std::int64_t i = 0; i < r.sequences(); ++i) text += format(">{}\n{}\n", sequence_name(i), r.letters(i));
  return text;
}

std::string as_table(const SimulationResult& r) {
  std::string text = format("name\tsequence\t{}\n", fmt::join(r.tasks, "\t"));
  for (std::int64_t i = 0; i < r.sequences(); ++i) {
    text += sequence_name(i) + '\t' + r.letters(i);
    for (std::size_t t = 0; t < r.tasks.size(); ++t)
      text += format("\t{}", label_text(r.labels[static_cast<std::size_t>(i) * r.tasks.size() + t]));
    text += '\n';
  }
  return text;
}

std::string as_planted(const SimulationResult& r) {
  std::string text = "sequence\tmotif\tstart\tend\tstrand\tletters\tdecoy\n";
  for (const Planted& p : r.planted)
    text += format("{}\t{}\t{}\t{}\t{}\t{}\t{}\n", sequence_name(p.sequence), p.motif, p.start, p.end, seq::to_char(p.strand), p.letters,
                   p.decoy ? 1 : 0);
  return text;
}

}  // namespace

std::vector<std::filesystem::path> write_simulation(const SimulationResult& result, const std::filesystem::path& folder) {
  const std::vector<std::filesystem::path> paths{folder / "sequences.fa", folder / "sequences.tsv", folder / "planted.tsv"};
  write_file(paths[0], as_fasta(result));
  write_file(paths[1], as_table(result));
  write_file(paths[2], as_planted(result));
  return paths;
}

}  // namespace basewise::corpus
