// The examples that a verb works on, whatever they come from: files of sequences, intervals or
// regions of a genome, or the sets of the run's own recipe. The rows that `predict_run` predicts.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "basewise/run/open_run.h"
#include "basewise/run/example_options.h"
#include "basewise/seq/chrom_sizes.h"
#include "basewise/tensor/bundle.h"

namespace basewise::run {

/// What an example is called and which bases the model is given.
struct Example {
  std::string name = {};
  std::string chrom = {};  ///< empty: it comes from no genome
  /// Of the model's input, 0-based half-open. It may leave a linear chromosome; on a circular one
  /// it starts inside and may run over the origin.
  std::int64_t start = 0;
  std::int64_t end = 0;
  bool reverse = false;  ///< read from the other strand
};

/// Some examples: numbers[i] belongs to examples[i] and to row i of each input.
struct ExampleBatch {
  std::vector<std::int64_t> numbers = {};
  std::vector<Example> examples = {};
  Bundle inputs = {};  ///< of the model, "sequence" as one-hot (N, 4, L), N as zeros

  std::int64_t size() const { return std::ssize(examples); }
};

/// Examples in the order of their file, numbered from 0. Rows that have no sequence (an unknown
/// chromosome, a window that leaves its chromosome) have no number; they are counted and said.
class ExampleSource {
 public:
  using Wanted = std::function<bool(std::int64_t number)>;

  virtual ~ExampleSource() = default;

  /// Goes on until `most` wanted examples are there; nothing at the end. Examples that are not
  /// wanted cost no more than reading their line.
  /// Errors: those of the reader of the file; DataError for a file that holds no example.
  virtual std::optional<ExampleBatch> next(std::int64_t most, const Wanted& wanted) = 0;

  /// To the first example again; a pipe has nothing left then.
  virtual void rewind() = 0;

  /// Examples that `next` has passed.
  virtual std::int64_t passed() const = 0;

  /// What was cut, filled up, left out or translated so far.
  virtual std::vector<std::string> notes() const = 0;

  /// Chromosomes of the genome in its order; nothing for examples that come from none.
  virtual std::optional<seq::ChromSizes> chromosomes() const = 0;
};

/// Opens the examples of `options`: fasta, table, split, or a genome with bed or regions. Regions
/// are cut into windows side by side, of which the `central` bases in the middle (0: all) cover the
/// region; the windows lie over it evenly at both ends. `run` must outlive the source.
/// Errors: ArgumentError for options that do not fit together or to the model; StateError for a
/// split of a run that kept no recipe; DataError for files.
std::unique_ptr<ExampleSource> open_examples(const OpenRun& run, const ExampleOptions& options, std::int64_t central = 0);

}  // namespace basewise::run
