#include "basewise/run/example_options.h"

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

}  // namespace basewise::run
