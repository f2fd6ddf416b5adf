// What a change of the sequence does to the outputs of a run: motifs put into backgrounds, spans
// and hits of motifs destroyed, pairs moved apart, combinations.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/core/options.h"
#include "basewise/metrics/bootstrap.h"
#include "basewise/run/example_options.h"
#include "basewise/run/open_run.h"
#include "basewise/run/predict.h"

namespace basewise::interpret {

enum class Experiment { marginalize, ablate, space, product };
constexpr auto words_of(Experiment) {
  return words<Experiment>({{Experiment::marginalize, "marginalize", "motifs in backgrounds"},
                            {Experiment::ablate, "ablate", "spans or hits destroyed"},
                            {Experiment::space, "space", "two motifs, distances and orientations"},
                            {Experiment::product, "product", "all combinations"}});
}

enum class Background { given, dinucleotide, permuted };
constexpr auto words_of(Background) {
  return words<Background>({{Background::given, "given", "as they are"},
                            {Background::dinucleotide, "dinucleotide", "shuffles that keep their counts"},
                            {Background::permuted, "permuted", "letters in random order"}});
}

struct PerturbOptions {
  std::filesystem::path run = {};  ///< run folder
  std::filesystem::path out = {};  ///< prefix of the files; empty: none
  std::filesystem::path arrays = {};  ///< .npz or .h5 with the numbers of each example; empty: none
  run::ExampleOptions examples = {};  ///< none given: the run's test set
  Experiment experiment = Experiment::marginalize;
  std::vector<std::string> motifs = {};  ///< letters (N leaves the base as it is), or names of motifs of `collection`
  std::string collection = {};           ///< file of motifs, or a collection by name
  bool sampled = false;                  ///< sites are drawn from motifs; else their most probable letters
  std::optional<std::int64_t> position = {};  ///< first base of the (first) motif; none: in the middle
  std::string span = {};                      ///< ablate: "begin-end", 0-based half-open
  double hit = 0.8;                           ///< ablate: share of a motif's best score from which on a place is a hit
  std::vector<std::int64_t> distances = {0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30};  ///< bases between the two motifs
  std::optional<Background> background = {};  ///< none: given for ablate, else dinucleotide
  std::int64_t shuffles = 10;                 ///< of each example, for ablate and for controls; their mean is taken
  std::vector<std::string> targets = {};      ///< see target.h; empty: every channel of every output, mean over positions
  run::PredictStrands strand_strategy = run::PredictStrands::automatic;
  std::string input = "sequence";  ///< of a model with several: changed, the others are held
  std::int64_t max = 1000;         ///< examples, the first ones; 0: all
  metrics::BootstrapOptions bootstrap = {};
  std::uint64_t seed = 1;
  std::int64_t batch_size = 256;
  std::string device = "cpu";  ///< cpu, cuda, cuda:1, auto
};
void describe(Visitor& v, PerturbOptions& o);

/// A mean over examples, with its bootstrap interval (NaN: none).
struct Estimate {
  double value = 0, low = 0, high = 0;
};

/// One condition and one output.
struct PerturbRow {
  std::string condition = {};    ///< "TGACTCA", "hits of CTCF", "A + B"
  std::string orientation = {};  ///< space: "++", "+-", "-+", "--"
  std::optional<std::int64_t> distance = {};
  std::string output = {};
  std::int64_t examples = 0;  ///< ablate: those with a hit alone
  double y_before = 0, y_after = 0;
  Estimate difference = {};  ///< after - before
  Estimate control = {};     ///< the same with shuffled motifs; ablate: with spans of the same lengths elsewhere
};

struct PerturbResult {
  std::vector<PerturbRow> rows = {};
  std::int64_t examples = 0;
  std::vector<std::string> outputs = {};
  std::vector<std::filesystem::path> files = {};
  std::vector<std::string> notes = {};
  double seconds = 0;
};

/// Names and results follow tangermeme: y_before of the backgrounds, y_after of the changed ones. A
/// motif of width W in the middle of L bases begins at L / 2 - W / 2; `space` counts from the end
/// of the first motif to the begin of the second. Draws depend on (seed, example, condition) alone,
/// so that batches change nothing. With `out`: OUT.tsv and OUT.json.
///
/// With `arrays`, float64 of C conditions, N examples and K outputs: y_before (N, K), y_after and
/// control (C, N, K), NaN where an example has none (`ablate`). Conditions are in the order of the
/// rows; an .h5 names them and the examples too: condition, orientation and distance (-1: none) of
/// (C), example (N), output (K).
///
/// Errors: those of `run::open_run`, `run::open_examples`, `parse_target` and
/// `annotate::load_motif_source`; ArgumentError for motifs that are neither letters nor names of
/// the collection, that leave the sequence, outputs that would replace an input, and options that
/// do not fit together.
PerturbResult perturb_run(const PerturbOptions& options);

/// The same for a run that is open; `options.run` is only told, `options.device` not looked at.
PerturbResult perturb_run(const run::OpenRun& run, const PerturbOptions& options);

/// Examples, outputs, notes and rows, as OUT.json and the program tell them;
/// what is no number is null.
nlohmann::ordered_json perturbation_json(const PerturbResult& result);

}  // namespace basewise::interpret
