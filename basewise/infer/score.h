// The one composition point of everything that applies a model: a function from named inputs to named outputs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "basewise/nn/model.h"
#include "basewise/tensor/bundle.h"

namespace basewise::infer {

/// A batch of inputs to a batch of outputs: no gradients, no dropout, no dependence of a row on other rows of the batch.
using ScoreFn = std::function<Bundle(const Bundle& inputs)>;

/// How the strands of a prediction are used.
enum class Strands {
  forward,  ///< the sequence as given
  average,  ///< mean of the outputs for the sequence and (mirrored back) for its reverse complement
};

/// "forward" or "average". Errors: ArgumentError for another word.
Strands parse_strands(const std::string& word);

/// Where the channels of a tensor go when the strand changes: channel c of the mirrored tensor is channel permutation[c].
struct StrandChannels {
  std::string name;                       ///< of an input or output
  std::vector<std::int64_t> permutation;  ///< (channels,); its own inverse
};

/// A model as ScoreFn: eval mode and no gradients during each call, device of the model, both given back afterwards, also when it
/// throws. Outputs are on the device of the first input. On a CPU an `nn::InferencePlan` computes, which follows changes of the weights. One call at a
/// time. Errors: ArgumentError for `average` where an output
/// loses more positions at one end than at the other.
ScoreFn score_fn(nn::ModelPtr model, Strands strands = Strands::forward, std::vector<StrandChannels> channels = {});

/// The same for a model that the caller keeps alive.
ScoreFn score_fn(nn::Model& model, Strands strands = Strands::forward, std::vector<StrandChannels> channels = {});

/// Mean of what `score` gives for the inputs and, mirrored back, for their reverse complement. What is averaged is what the
/// function returns: logits of a model, so that sigmoid of the mean logit is the probability, not the mean probability.
///
/// Mirroring turns "sequence" (N, 4, L) around both axes (A C G T reversed is the complement). Other tensors: (N, T) and (N,) stay;
/// (N, 1, L) is turned around L; (N, 2, L) has a channel per strand and is turned around both axes; more channels need an entry in
/// `channels` (which also overrides these rules), else ArgumentError.
ScoreFn average_strands(ScoreFn score, std::vector<StrandChannels> channels = {});

/// A batch seen from the other strand, by the rules of `average_strands`.
Bundle reverse_complement(const Bundle& batch, const std::vector<StrandChannels>& channels = {});

}  // namespace basewise::infer
