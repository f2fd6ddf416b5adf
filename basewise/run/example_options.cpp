#include "basewise/run/example_options.h"

#include "basewise/core/error.h"
#include "basewise/results/run_files.h"

namespace basewise::run {

void describe(Visitor& v, ExampleOptions& o) {
  v("genome", o.genome, "FASTA file: tracks along it, or windows at the intervals of bed");
  v("circular", o.circular, "names of the circular sequences of the genome, as in chr,plasmid; all stands for every one");
  v("aliases", o.aliases,
    "table of names of equal meaning for the chromosomes of all files: one sequence per line, columns by tabs (UCSC's chromAlias.txt, "
    "two columns)");
  v("regions", o.regions, "chrom or chrom:start-end (1-based, inclusive; 1,001 is 1001); empty: the whole genome");
  v("bed", o.bed, "intervals on the genome");
  v("fasta", o.fasta, "sequences");
  v("table", o.table, "table with a column of sequences");
  v("sequence_column", o.sequence_column, "column of the table");
  v("fit", o.fit, "sequences of another length than the model's");
  v("split", o.split, "a set of the run's own recipe: names, places and labels beside what is predicted");
  v("point", o.point, "middle of the window of an interval of bed");
  v("turn", o.turn, "strand from which the window of an interval of bed is read");
  v("edges", o.edges, "where what the model reads leaves a linear chromosome");
  v("window", o.window,
    "bases around each interval of bed; 0: what the model or its recipe says. Given for an output per position: arrays of "
    "windows in place of tracks",
    counted(0));
  v("ambiguity", o.ambiguity, "IUPAC codes other than N become N, or are an error", one_of({seq::Ambiguity::as_n, seq::Ambiguity::error}));
}

int sources_given(const ExampleOptions& o) {
  return !o.genome.empty() + !o.fasta.empty() + !o.table.empty() + (o.split != PredictSplit::none);
}

void check_places(const ExampleOptions& o) {
  if (!o.genome.empty()) return;
  if (!o.regions.empty() || !o.bed.empty() || !o.circular.empty() || !o.aliases.empty())
    throw ArgumentError("regions, bed, circular and aliases need a genome: give the FASTA file of the genome");
  if (o.window > 0)
    throw ArgumentError(
        "window is what is read around an interval of a genome, and there is none: sequences (fasta, table) and sets of the run (split) "
        "are read whole. Leave it out; fit = \"centre\" cuts sequences to what the model reads");
}

std::vector<GivenPath> given_files(const ExampleOptions& o, const std::filesystem::path& run) {
  std::vector<GivenPath> files = {
      {"genome", o.genome}, {"aliases", o.aliases}, {"bed", o.bed}, {"fasta", o.fasta}, {"table", o.table}};
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(run, none))
    if (entry.is_regular_file(none) && results::is_run_file(entry.path().filename().string())) files.push_back({"run", entry.path()});
  return files;
}

}  // namespace basewise::run
