#include "basewise/data/build.h"

namespace basewise::data {

void describe(Visitor& v, GenomeDataOptions& o) {
  v("fasta", o.fasta, "FASTA file with the genome");
  v("ambiguity", o.ambiguity, "IUPAC letters other than N: an error, or N", one_of({"error", "n"}));
  v("chromosomes", o.chromosomes, "sequences to use; empty: all");
  v("circular", o.circular, "every sequence is circular");
  v("circular_chromosomes", o.circular_chromosomes, "sequences that are circular");
  v("per_base", o.per_base, "a label at every base of both strands; otherwise one per window");
  v("window", o.window, "bases of an example that have labels", at_least(1));
  v("context", o.context, "per base: further bases of sequence on each side", non_negative());
  v("random_phase", o.random_phase, "per base: cut training windows at other places in each epoch");
  v.group("sites", o.sites, "labelled places");
  v.group("tracks", o.tracks, "signal along the genome");
}

void describe(Visitor& v, ProfileDataOptions& o) {
  v.group("target", o.target, "counts to predict");
  v.group("control", o.control, "counts of a control experiment; without files none");
  v.group("replicate", o.replicate,
          "a second measurement of the target, whose agreement with it is what can be reached; without files none");
  v("centres", o.centres, "sites: those of genome.sites; signal: places where the target has many reads", one_of({"sites", "signal"}));
  v.group("clusters", o.clusters, "how places with many reads are found");
  v("scatter", o.scatter,
    "every centre is moved once by up to so many bases, in all sets and by the seed of the data: where the middle of a window is also its "
    "peak, "
    "a profile that is the same for all windows looks better than it is",
    non_negative());
  v("input", o.input, "bases of sequence", at_least(1));
  v("output", o.output, "bases with counts, in the middle of the sequence", at_least(1));
  v("control_windows", o.control_windows, "bases over which the control profile is averaged, one channel each");
  v("min_reads", o.min_reads, "windows with fewer reads of the target on both strands together are left out", non_negative());
}

void describe(Visitor& v, NegativeOptions& o) {
  v("kind", o.kind,
    "none; shuffled: dinucleotides of each sequence in random order; gc_matched, random: windows of the genome; places: windows around the "
    "places of another file",
    one_of({"none", "shuffled", "gc_matched", "random", "places"}));
  v("ratio", o.ratio, "negatives per positive", at_least(1));
  v("max_n", o.max_n, "share of N that a window of the genome may have", fraction());
  v("exclude_margin", o.exclude_margin, "windows of the genome stay so many bases away from windows with sites", non_negative());
  v.group("places", o.places, "kind places: where the negatives lie");
  v("redraw", o.redraw,
    "shuffled: the order is drawn anew each time that a training example is read; false: once, by the seed of the data");
  v("sets", o.sets, "sets that get negatives: those that have their own need none");
}

void describe(Visitor& v, AugmentOptions& o) {
  v("reverse_complement", o.reverse_complement, "probability that a training example is seen from the other strand", fraction());
  v("jitter", o.jitter, "genome windows: bases that the centre moves at most; sequences: bases cut from both ends together, twice this",
    non_negative());
}

void describe(Visitor& v, DataOptions& o) {
  v("kind", o.kind, "where examples come from", one_of({"simulation", "table", "fasta", "genome", "profile"}));
  v("seed", o.seed,
    "of simulated data, splits by fraction, fixed negatives and label noise, which then do not change with the seed of the "
    "run; 0: the seed of the run");
  v.group("simulation", o.simulation, "random sequences with planted motifs");
  v.group("table", o.table, "sequences and labels in a table");
  v.group("fasta", o.fasta, "sequences in FASTA, labels in headers, in a table or by file");
  v.group("genome", o.genome, "windows of a genome");
  v.group("profile", o.profile, "windows of a genome with counts at every base of both strands; genome.fasta and genome.sites say where");
  v.group("split", o.split, "training, validation and test sets");
  v.group("negatives", o.negatives, "examples that are made up to be told apart from the given ones");
  v.group("augment", o.augment, "random changes of training examples");
  v("train_label_noise", o.train_label_noise,
    "share of the labels (0, 1) of training sequences that are turned round; those of the other sets stay. To evaluate on the training set "
    "with clean labels set it to 0 there: nothing else changes",
    fraction());
  v("encoding", o.encoding, "sequence as one_hot (4, L) float32 or as tokens (L) uint8, A C G T N = 0 to 4: a sixteenth of the memory",
    one_of({"one_hot", "tokens"}));
  v("check_duplicates", o.check_duplicates, "look for sequences that two sets share");
  v.group("duplicates", o.duplicates, "how shared sequences are looked for");
}

}  // namespace basewise::data
