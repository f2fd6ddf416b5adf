#include "basewise/corpus/simulator_options.h"

namespace basewise::corpus {

void describe(Visitor& v, SimulatedMotifOptions& o) {
  v("name", o.name, "name that tasks refer to; for a file, the motif in it", required());
  v("consensus", o.consensus, "what the motif looks like as IUPAC letters, such as WGATAAR");
  v("strength", o.strength, "for a consensus: probability of the bases that a letter stands for", fraction());
  v("matrix", o.matrix, "what the motif looks like as probabilities or counts of A, C, G, T, position after position");
  v("file", o.file, "MEME, DREME, JASPAR, HOMER, HOCOMOCO or TRANSFAC file that holds the motif");
  v("rows", o.rows, "for a file: what rows of numbers without letters are");
  v("smoothing", o.smoothing, "share s of the uniform distribution in each position: (1 - s) p + s / 4", fraction());
}

void describe(Visitor& v, SimulatedTaskOptions& o) {
  v("name", o.name, "name of the label");
  v("motifs", o.motifs, "names of the motifs that make a sequence positive");
  v("rule", o.rule, "which motifs a positive holds");
  v("positive_fraction", o.positive_fraction, "share of positive sequences", fraction());
  v("negatives", o.negatives, "what negatives hold");
  v("count", o.count, "instances of each motif");
  v.when("count", o.count, {InstanceCount::fixed, InstanceCount::range, InstanceCount::poisson_range},
         [&] { v("count_min", o.count_min, "instances of each motif, at least", at_least(1)); });
  v.when("count", o.count, {InstanceCount::range, InstanceCount::poisson_range},
         [&] { v("count_max", o.count_max, "instances of each motif, at most", at_least(1)); });
  v.when("count", o.count, {InstanceCount::poisson, InstanceCount::poisson_range},
         [&] { v("count_mean", o.count_mean, "mean of the Poisson distribution", between(0.01, 1000)); });
  v("reverse_probability", o.reverse_probability, "probability of an instance to lie on the reverse strand", fraction());
  v("spacing_min", o.spacing_min, "bases between motifs that stand in the order given, at least; -1: motifs lie anywhere", at_least(-1));
  v("spacing_max", o.spacing_max, "bases between motifs, at most", at_least(-1));
}

void describe(Visitor& v, SimulationOptions& o) {
  v("sequences", o.sequences, "number of sequences", counted(1));
  v("length", o.length, "bases of each sequence", counted(1));
  v("gc", o.gc, "share of G and C in the background", fraction());
  v("composition", o.composition, "probabilities of A, C, G, T in the background; replaces gc");
  v("background", o.background, "FASTA file whose pieces, dinucleotide-shuffled, are the background; replaces gc and composition");
  v("task_choice", o.task_choice, "tasks a sequence is positive for");
  v("placement", o.placement, "where motifs lie");
  v("position_min", o.position_min, "motifs start at this position or later (from 0)", non_negative());
  v("position_max", o.position_max, "motifs end at this position or before; -1: the end of the sequence", at_least(-1));
  v("label_noise", o.label_noise, "share of labels that are turned round; unset: 0, and 0.02 in the built-in task", fraction());
  v("missing_labels", o.missing_labels, "share of labels that are hidden", fraction());
  v.list("motifs", o.motifs, "motifs that tasks can plant; with no motif and no task the built-in task is simulated");
  v.list("tasks", o.tasks, "labels and what makes them positive");
}

SimulationOptions builtin_simulation() {
  SimulationOptions o;
  o.label_noise = 0.02;
  // Consensus sequences as textbooks give them; the strengths leave the best possible classifier
  // short of perfect.
  o.motifs = {{.name = "CTCF", .consensus = "CCASYAGRKGGCRS", .strength = 0.94},
              {.name = "SPI1", .consensus = "RAAAGAGGAAGTG", .strength = 0.9},
              {.name = "CEBPB", .consensus = "RTTGCGCAAY", .strength = 0.95}};
  for (const SimulatedMotifOptions& motif : o.motifs)
    o.tasks.push_back({.name = motif.name, .motifs = {motif.name}, .positive_fraction = 0.4});
  return o;
}

}  // namespace basewise::corpus
