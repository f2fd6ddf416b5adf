// What is simulated: background, motifs, tasks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/io/jaspar.h"

namespace basewise::corpus {

/// A motif that can be planted: exactly one of `consensus`, `matrix`, `file` says what it looks
/// like.
struct SimulatedMotifOptions {
  std::string name = {};
  std::string consensus = {};       ///< IUPAC letters, such as WGATAAR
  double strength = 0.9;            ///< for `consensus`: probability shared by the bases that the letter stands for
  std::vector<double> matrix = {};  ///< probabilities or counts of A C G T, position after position
  std::filesystem::path file = {};  ///< file that holds a motif named `name` (io::read_motifs)
  io::MotifRows rows = io::MotifRows::automatic;  ///< for `file`: what rows without letters are
  double smoothing = 0;             ///< share s of the uniform distribution: sites are drawn from (1 - s) p + s / 4
};
void describe(Visitor& v, SimulatedMotifOptions& o);

/// Which motifs of a task a positive holds.
enum class TaskRule { all, any };
constexpr auto words_of(TaskRule) {
  return words<TaskRule>({{TaskRule::all, "all", "every motif is planted"}, {TaskRule::any, "any", "one of them, drawn evenly"}});
}

/// What a negative of a task holds.
enum class NegativeContent { background, shuffled, partial };
constexpr auto words_of(NegativeContent) {
  return words<NegativeContent>({{NegativeContent::background, "background", "nothing"},
                                 {NegativeContent::shuffled, "shuffled", "motifs with permuted positions"},
                                 {NegativeContent::partial, "partial", "all motifs but one"}});
}

/// How many instances of each motif are planted.
enum class InstanceCount { fixed, range, poisson, poisson_range };
constexpr auto words_of(InstanceCount) {
  return words<InstanceCount>(
      {{InstanceCount::fixed, "fixed", "count_min"},
       {InstanceCount::range, "range", "count_min to count_max, evenly"},
       {InstanceCount::poisson, "poisson", "mean count_mean, at least one"},
       {InstanceCount::poisson_range, "poisson_range", "mean count_mean, drawn again until count_min to count_max"}});
}

/// For which tasks a sequence is positive.
enum class TaskChoice { independent, one };
constexpr auto words_of(TaskChoice) {
  return words<TaskChoice>(
      {{TaskChoice::independent, "independent", "for any of them"},
       {TaskChoice::one, "one", "for exactly one, for all equally often, whatever positive_fraction says"}});
}

/// Where motifs are planted.
enum class Placement { even, in_turn };
constexpr auto words_of(Placement) {
  return words<Placement>(
      {{Placement::even, "even", "all places without overlap are equally likely"},
       {Placement::in_turn, "in_turn", "one motif after the other, drawn again where it overlaps an earlier one"}});
}

/// A label and what makes it positive.
struct SimulatedTaskOptions {
  std::string name = "bound";
  std::vector<std::string> motifs = {};  ///< names out of `motifs`
  TaskRule rule = TaskRule::all;
  double positive_fraction = 0.5;
  NegativeContent negatives = NegativeContent::background;
  InstanceCount count = InstanceCount::fixed;  ///< of each motif
  std::int64_t count_min = 1;
  std::int64_t count_max = 1;
  double count_mean = 1;
  double reverse_probability = 0.5;  ///< of an instance to lie on the reverse strand
  std::int64_t spacing_min = -1;     ///< with 0 or more: motifs stand in the order given, this many bases apart
  std::int64_t spacing_max = -1;
};
void describe(Visitor& v, SimulatedTaskOptions& o);

struct SimulationOptions {
  std::int64_t sequences = 10'000;
  std::int64_t length = 200;
  double gc = 0.5;                                 ///< share of G and C in the background
  std::vector<double> composition = {};            ///< probabilities of A C G T in the background; replaces `gc`
  TaskChoice task_choice = TaskChoice::independent;  ///< one: sequence i is positive for task i mod T
  Placement placement = Placement::even;
  std::filesystem::path background = {};           ///< FASTA whose pieces, dinucleotide-shuffled, are the background; replaces both
  std::int64_t position_min = 0;                   ///< motifs lie inside [position_min, position_max)
  std::int64_t position_max = -1;                  ///< -1: the end of the sequence
  std::optional<double> label_noise = {};          ///< share of labels that are turned round; unset: 0, and 0.02 in the built-in task
  double missing_labels = 0;                       ///< share of labels that are hidden
  std::vector<SimulatedMotifOptions> motifs = {};  ///< with no motif and no task: the built-in task
  std::vector<SimulatedTaskOptions> tasks = {};
};
void describe(Visitor& v, SimulationOptions& o);

/// The built-in task: three labels (CTCF, SPI1, CEBPB), each positive in 40 % of the sequences by
/// one planted site of a degenerate motif, 2 % label noise. The likelihood ratio with the true
/// matrices reaches an AUROC of 0.96 to 0.98 per label.
SimulationOptions builtin_simulation();

}  // namespace basewise::corpus
