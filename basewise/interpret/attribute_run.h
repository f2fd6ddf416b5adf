// The verb attribute: a run folder and sequences in, a folder of attributions out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/interpret/attribution.h"
#include "basewise/run/example_options.h"
#include "basewise/run/open_run.h"
#include "basewise/run/predict.h"

namespace basewise::interpret {

/// What a letter of a sequence is worth to the prediction.
enum class AttributeMethod { deepshap, deeplift, integrated_gradients, gradient, gradient_x_input, smoothgrad, mutagenesis };
constexpr auto words_of(AttributeMethod) {
  return words<AttributeMethod>({{AttributeMethod::deepshap, "deepshap", "DeepLIFT, mean over shuffles"},
                                 {AttributeMethod::deeplift, "deeplift"},
                                 {AttributeMethod::integrated_gradients, "integrated_gradients"},
                                 {AttributeMethod::gradient, "gradient"},
                                 {AttributeMethod::gradient_x_input, "gradient_x_input"},
                                 {AttributeMethod::smoothgrad, "smoothgrad"},
                                 {AttributeMethod::mutagenesis, "mutagenesis"}});
}

/// Files beside the pair of arrays, which is always written.
enum class AttributeFormat { npz, h5, bigwig };
constexpr auto words_of(AttributeFormat) {
  return words<AttributeFormat>({{AttributeFormat::npz, "npz"},
                                 {AttributeFormat::h5, "h5", "as ChromBPNet writes it"},
                                 {AttributeFormat::bigwig, "bigwig", "the score of each base"}});
}

/// How numbers are kept.
enum class AttributeType { float32, float16 };
constexpr auto words_of(AttributeType) {
  return words<AttributeType>({{AttributeType::float32, "float32"}, {AttributeType::float16, "float16", "half the bytes, three digits"}});
}

/// Which examples are taken where there are more than `max`.
enum class AttributeChoice { prediction, random };
constexpr auto words_of(AttributeChoice) {
  return words<AttributeChoice>(
      {{AttributeChoice::prediction, "prediction", "those of the largest target"}, {AttributeChoice::random, "random", "drawn by seed"}});
}

struct AttributeOptions {
  std::filesystem::path run = {};  ///< run folder
  std::filesystem::path out = {};  ///< folder of attributions
  run::ExampleOptions examples = {};
  AttributeMethod method = AttributeMethod::deepshap;
  std::string target = {};         ///< see target.h; empty: the usual one of the run
  std::string input = "sequence";  ///< of a model with several: attributed, the others are held
  run::PredictStrands strand_strategy = run::PredictStrands::automatic;
  std::string references = {};             ///< a word of `ReferenceKind`, or a FASTA file; empty: as the method says
  std::int64_t number_of_references = 20;  ///< of each sequence, for shuffles
  std::int64_t steps = 64;                 ///< integrated_gradients
  Path path = Path::even;                  ///< integrated_gradients
  std::int64_t samples = 50;               ///< smoothgrad
  double noise = 0.1;                      ///< smoothgrad
  bool simplex = false;                    ///< gradients minus their mean over the letters
  std::uint64_t seed = 1;
  std::int64_t central = 0;  ///< bases in the middle of each example that are written; 0: all
  bool projected = false;    ///< scores of the letters that are there alone
  std::vector<AttributeFormat> formats = {AttributeFormat::npz};
  AttributeType type = AttributeType::float32;
  std::int64_t max = 0;  ///< examples; 0: all
  AttributeChoice choose = AttributeChoice::prediction;
  std::int64_t batch_size = 0;    ///< sequences, or pairs of a sequence and a reference; 0: what fits about 1 GiB, at most 256
  std::string shard = {};         ///< "2/5": this part of the work, without putting the parts together
  bool join = false;              ///< only put together what parts have computed
  bool resume = false;            ///< go on with a folder that is not finished
  bool overwrite = false;         ///< replace a folder of attributions
  bool report = true;             ///< for the program: write the page of the folder
  std::string device = "cpu";     ///< cpu, cuda, cuda:1, auto
};
void describe(Visitor& v, AttributeOptions& o);

struct AttributeResult {
  std::filesystem::path folder = {};
  std::vector<std::filesystem::path> files = {};
  bool finished = false;           ///< false: other shards have work left
  bool finished_before = false;    ///< nothing was left to do
  std::int64_t examples = 0;       ///< in the folder
  std::int64_t computed = 0;       ///< by this call
  std::int64_t missing = 0;        ///< examples that other shards still have to compute
  std::int64_t length = 0;         ///< bases of each that are written
  std::string target = {};
  std::optional<double> largest_convergence = {};  ///< see `AttributionResult::convergence`; nothing without references
  std::int64_t over_threshold = 0;
  std::string check = {};          ///< how well numbers agree that must, for people; empty: nothing was compared
  std::vector<std::string> notes = {};
  double seconds = 0;
};

/// Attributes the examples of `options` and leaves a folder: sequences.npz (arr_0: N, 4, L; int8),
/// attributions.npz (arr_0: N, 4, L), loci.tsv (a row for each example), attribute.json (what was
/// done, last of all), and attributions.h5 and attributions.bw where they are asked for.
///
/// Work goes in pieces of up to 256 examples, each of which is a file once it is done; a call that
/// was cut short is continued with `resume`, and gives the same bytes as one that was not. Shards
/// share out the pieces between calls that may run side by side; a last call without `shard` (or
/// with `join`) puts them together. Options that change the numbers must be those of the first
/// call. Memory is that of a piece. Numbers do not depend on threads, and on the batch size by
/// rounding alone (mutagenesis not at all).
///
/// Errors: those of `run::open_run`, `run::open_examples`, `target_of` and of the method;
/// ArgumentError for options that do not fit together; StateError for a folder that holds something
/// else, other options than those of the first call, and pieces that are missing with `join`.
AttributeResult attribute_run(const AttributeOptions& options);

/// The same for a run that is open; `options.run` is only told, `options.device` not looked at.
AttributeResult attribute_run(const run::OpenRun& run, const AttributeOptions& options);

}  // namespace basewise::interpret
