// Saturation mutagenesis: what each letter at each position would change.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "basewise/interpret/edits.h"

namespace basewise::interpret {

/// What is made of the differences d[a] of a position.
enum class MutagenesisForm { delta, hypothetical, projected, norm };
constexpr auto words_of(MutagenesisForm) {
  return words<MutagenesisForm>(
      {{MutagenesisForm::delta, "delta", "f(mutant) - f(sequence), 0 at the letter that is there"},
       {MutagenesisForm::hypothetical, "hypothetical", "delta minus its mean over the four letters"},
       {MutagenesisForm::projected, "projected", "hypothetical at the letter that is there, 0 elsewhere"},
       {MutagenesisForm::norm, "norm", "square root of the sum of squares of delta, at the letter that is there (published code)"}});
}

struct MutagenesisOptions {
  MutagenesisForm form = MutagenesisForm::delta;
  std::int64_t begin = 0;      ///< first position that is mutated
  std::int64_t end = 0;        ///< behind the last one; 0: the end of the sequence
  std::string progress = {};   ///< title of a progress display; empty: none
  EditOptions edits = {};
};
void describe(Visitor& v, MutagenesisOptions& o);

/// Named outputs (N, ...) to one number per example (N): what is explained.
using Readout = std::function<at::Tensor(const Bundle& outputs)>;

struct MutagenesisResult {
  at::Tensor scores;      ///< (N, 4, L), float; 0 at positions that were not mutated
  at::Tensor delta;       ///< (N, 4, L), float: f(mutant) - f(sequence)
  at::Tensor reference;   ///< (N): f(sequence)
  std::int64_t unknown = 0;  ///< positions with N: all four letters were put there, none is the one that is there
  EditReport report;
};

/// f = `readout` of the outputs of a model through a strategy for strands. `inputs` as `EditScorer`
/// takes them. Scores do not depend on batches, memory or threads, bit for bit.
/// Errors: ArgumentError for a range outside of the sequence, a readout that gives no number per
/// example; those of `EditScorer`.
MutagenesisResult mutagenesis(const nn::ModelPtr& model, const Bundle& inputs, const Readout& readout,
                              const MutagenesisOptions& options = {}, infer::StrandStrategy strands = {}, infer::OutputForms forms = {});

/// `delta` (N, 4, L) in another form; `one_hot` (N, 4, L), zeros for N.
at::Tensor in_form(MutagenesisForm form, const at::Tensor& delta, const at::Tensor& one_hot);

}  // namespace basewise::interpret
