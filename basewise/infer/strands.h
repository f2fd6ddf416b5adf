// Strategies for the two strands of DNA: how a model is trained and applied so that a sequence and
// its reverse complement agree.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/data/dataset.h"
#include "basewise/nn/loss.h"
#include "basewise/nn/model.h"
#include "basewise/spec/layer_choices.h"
#include "basewise/tensor/bundle.h"
#include "basewise/tensor/strand.h"

namespace basewise::infer {

/// What a training step sees.
enum class StrandTraining { single, augmented, conjoined };
constexpr auto words_of(StrandTraining) {
  return words<StrandTraining>(
      {{StrandTraining::single, "single", "each sequence as given"},
       {StrandTraining::augmented, "augmented", "each batch and its reverse complement"},
       {StrandTraining::conjoined, "conjoined", "both strands in one pass, their outputs merged before the loss"}});
}

/// What validation, evaluation and prediction see.
enum class StrandPrediction { automatic, single, conjoined };
constexpr auto words_of(StrandPrediction) {
  return words<StrandPrediction>({{StrandPrediction::automatic, "auto", "as in training, with single for augmented"},
                                  {StrandPrediction::single, "single", "each sequence as given"},
                                  {StrandPrediction::conjoined, "conjoined", "both strands, outputs merged"}});
}

/// How the outputs of both strands become one.
enum class StrandMerge {
  mean,         ///< (a + b) / 2 of what the model gives: logits, values
  max,          ///< the larger one, number by number
  probability,  ///< mean of the probabilities, given back as logits; outputs that are no logits: the mean
};
constexpr auto words_of(StrandMerge) {
  return words<StrandMerge>({{StrandMerge::mean, "mean", "of logits"},
                             {StrandMerge::max, "max", "of logits"},
                             {StrandMerge::probability, "probability", "mean of probabilities"}});
}

/// Whether the model is rewritten so that it is equivariant by itself.
enum class StrandLayers { as_given, shared, wrapped };
constexpr auto words_of(StrandLayers) {
  return words<StrandLayers>(
      {{StrandLayers::as_given, "as_given", "the model as its file says"},
       {StrandLayers::shared, "shared", "filters in pairs of both strands"},
       {StrandLayers::wrapped, "wrapped", "layers of `wrap` applied to both strands side by side, the others shared"}});
}

using spec::StrandPool;

/// The table [strand] of a recipe (docs/strands.md).
struct StrandOptions {
  StrandTraining train = StrandTraining::single;
  StrandPrediction predict = StrandPrediction::automatic;
  StrandMerge merge = StrandMerge::mean;
  StrandLayers layers = StrandLayers::as_given;
  double filters = 1.0;                     ///< shared: share of the filters that is kept
  StrandPool pool = StrandPool::sum;        ///< shared, wrapped
  std::vector<std::string> wrap = {"all"};  ///< wrapped: all, early, late, or names of layers
  bool legacy_double_scale = false;         ///< shared, wrapped: the doubled convolutions of the published layer
};
void describe(Visitor& v, StrandOptions& o);

/// How predictions are made.
struct StrandStrategy {
  bool both = false;                      ///< both strands, turned back and merged; false: the sequence as given
  StrandMerge merge = StrandMerge::mean;  ///< of both

  /// "single", "mean", "max" or "probability".
  std::string_view word() const;
};

/// The strategy of predictions that the options ask for.
StrandStrategy prediction_strategy(const StrandOptions& options);

/// What the numbers of an output are, which the loss that trained it knows.
enum class OutputForm {
  values,             ///< counts, rates, measured values: they have a mean, but no probability
  sigmoid,            ///< a logit each
  softmax_channels,   ///< logits of classes: a distribution along axis 1
  softmax_positions,  ///< logits along positions: a distribution for each (example, channel)
  softmax_all,        ///< a distribution over channels and positions together
};

/// Forms by name of the output; an output that is not named here has values.
struct OutputForms : std::map<std::string, OutputForm> {
  using std::map<std::string, OutputForm>::map;

  /// Which channel each channel of an output is on the other strand, beside what the model says of
  /// it; outputs that are not named here have none.
  std::map<std::string, std::vector<std::int64_t>> partners = {};

  OutputForm of(const std::string& name) const {
    const auto known = find(name);
    return known == end() ? OutputForm::values : known->second;
  }
};

/// What the losses say, and with a schema the partners of the channels of their targets.
OutputForms output_forms(const std::vector<nn::LossOptions>& losses);
OutputForms output_forms(const std::vector<nn::LossOptions>& losses, const Schema& schema);

/// Errors: ArgumentError for `probability` where no output is a logit.
void check_merge(StrandMerge merge, const OutputForms& forms);

/// Errors: ArgumentError for both strands of a model with an output that loses more positions at
/// one end than at the other or has no rule, and for `StrandMerge::probability` where no output has
/// probabilities.
void check_strategy(const nn::Model& model, StrandStrategy strands, const OutputForms& forms);

/// Outputs of both strands, `b` turned back, as one. Probabilities are averaged as logarithms, so
/// that logits of any size stay exact: for a sigmoid log(p / (1 - p)) with p = (s(a) + s(b)) / 2,
/// for a softmax log((softmax(a) + softmax(b)) / 2).
at::Tensor merge_strands(const at::Tensor& a, const at::Tensor& b, StrandMerge merge, OutputForm form);

/// How the tensor of this name moves.
using StrandRules = std::function<StrandRule(const std::string& name)>;

/// The rules of a model for its inputs and outputs. The model must outlive them.
StrandRules strand_rules(const nn::Model& model);

/// Every tensor of a batch from the other strand.
Bundle other_strand(const Bundle& batch, const StrandRules& rules);

/// Output `name` of the other strand, `backward`, as it lies beside that of the given one: turned
/// by its rule, then channels by their partners.
at::Tensor turned_back(const std::string& name, const at::Tensor& backward, const StrandRules& rules, const OutputForms& forms);

/// Output `name` of both strands as one: that of the other strand, `backward`,
/// is turned back by its rule and partners.
at::Tensor merged_output(const std::string& name, const at::Tensor& forward, const at::Tensor& backward, const StrandRules& rules,
                         StrandMerge merge, const OutputForms& forms);

/// Rows of `batch`, then those of `turned`: 2 N examples.
Bundle doubled(const Bundle& batch, const Bundle& turned);

/// One-hot sequences as tokens where the model takes tokens, a sixteenth of the bytes to turn
/// around and put together; anything else as it is.
Bundle as_tokens(const Bundle& inputs, const nn::Model& model);

/// Both strands through `apply` in one pass of a doubled batch: the inputs (N, ...), then their
/// reverse complement; outputs of the second half turned back and merged with those of the first.
/// In training a batch norm inside sees both strands as one batch. Inputs of more than 64 MiB go in
/// two passes where `may_split`.
Bundle conjoined(const std::function<Bundle(const Bundle&)>& apply, const Bundle& inputs, const StrandRules& rules, StrandMerge merge,
                 const OutputForms& forms, bool may_split = false);

/// Whether model and data agree about the strands of inputs, and of outputs and the targets that
/// `losses` compare them with.
/// Errors: ArgumentError naming both rules and what to write into the model file.
void check_rules(const nn::Model& model, const std::vector<nn::LossOptions>& losses, const data::Dataset& dataset);

/// Errors: ArgumentError for a model with an output that loses more positions at one end than at
/// the other: turned around, it would not lie beside that of the other strand.
void check_mirrors(const nn::Model& model);

}  // namespace basewise::infer
