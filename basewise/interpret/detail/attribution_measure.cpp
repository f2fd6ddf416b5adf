#include "basewise/interpret/detail/attribution_measure.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/interpret/attribution.h"
#include "basewise/interpret/detail/measure_maker.h"
#include "basewise/interpret/detail/measured_set.h"
#include "basewise/interpret/detail/truth_options.h"
#include "basewise/interpret/mutagenesis.h"
#include "basewise/interpret/sequence_scores.h"

namespace basewise::interpret::detail {
namespace {

/// The methods of Koo and Ploenzke 2021, as their code has them.
enum class Method { saliency, mutagenesis, integrated_gradients, deepshap };
constexpr auto words_of(Method) {
  return words<Method>({{Method::saliency, "saliency", "gradient times input"},
                        {Method::mutagenesis, "mutagenesis", "root of the sum of squares over letters"},
                        {Method::integrated_gradients, "integrated_gradients", "left sums, gradient times input"},
                        {Method::deepshap, "deepshap", "difference from references, times input"}});
}

struct AttributionMeasure {
  TruthOptions truth = {};
  std::vector<Method> methods = {Method::saliency, Method::mutagenesis, Method::integrated_gradients, Method::deepshap};
  std::string target = {};
  /// Koo and Ploenzke's script takes the layer before the sigmoid here, and the probability for all
  /// others.
  std::vector<Method> logits = {Method::integrated_gradients};
  std::int64_t label = 0;
  std::int64_t examples = 500;
  std::int64_t references = 10;
  std::int64_t steps = 20;
  std::uint64_t seed = 1;
};

void describe(Visitor& v, AttributionMeasure& o) {
  describe(v, o.truth);
  v("methods", o.methods, "how letters are given their share");
  v("target", o.target, "what is explained, as in basewise attribute; empty: the usual one of the run");
  v("logits", o.logits, "methods by which a logit is explained; by the others the probability that it stands for");
  v("label", o.label, "label of which examples must be positive; -1: all examples", at_least(-1));
  v("examples", o.examples, "so many, the first of the set; 0: all", counted(0));
  v("references", o.references, "permutations of each sequence, for integrated_gradients and deepshap", counted(1));
  v("steps", o.steps, "of integrated_gradients", counted(1));
  v("seed", o.seed, "of the permutations");
}

/// The target itself, or with the probabilities that its logits stand for.
Target explained(const run::OpenRun& run, Method method, const AttributionMeasure& o) {
  const Target target = target_of(run, o.target);
  if (std::ranges::find(o.logits, method) != o.logits.end()) return target;
  std::vector<TargetTerm> terms = target.terms();
  for (TargetTerm& term : terms) {
    if (term.form != TargetForm::sum && term.form != TargetForm::probability)
      throw ArgumentError(
          format("target '{}' is no sum of logits, so that it stands for no probability: add {} to logits", target.text(), method));
    term.form = TargetForm::probability;
  }
  return Target(std::move(terms), target.text());
}

AttributionOptions options_of(Method method, const AttributionMeasure& o) {
  AttributionOptions options;
  options.references = {.kind = ReferenceKind::permuted, .count = o.references, .seed = o.seed};
  options.steps = o.steps;
  options.legacy.path_sum = PathSum::left;
  switch (method) {
    case Method::saliency:
      options.method = AttributionMethod::gradient_x_input;
      return options;
    case Method::integrated_gradients:
      options.method = AttributionMethod::integrated_gradients;
      options.legacy.product = ScoreProduct::times_input;
      return options;
    case Method::deepshap:
      options.method = AttributionMethod::deeplift;
      options.legacy.product = ScoreProduct::difference_times_input;
      return options;
    case Method::mutagenesis:
      break;
  }
  throw InternalError("mutagenesis takes no gradients");
}

/// Inputs, which are examples first and on, to scores (N, L).
using Scores = std::function<at::Tensor(const Bundle& inputs, std::int64_t first)>;

Scores scores_by(Method method, const run::OpenRun& run, const AttributionMeasure& o) {
  const Target target = explained(run, method, o);
  if (method == Method::mutagenesis)
    return [&run, target](const Bundle& inputs, std::int64_t) {
      const auto result = mutagenesis(run.model, inputs, [&](const Bundle& outputs) { return target(outputs); },
                                      {.form = MutagenesisForm::norm}, run.strands, run.forms);
      return result.scores;
    };
  return [attribute = attribution_fn(run.model, target, options_of(method, o), run.strands, run.forms)](const Bundle& inputs,
                                                                                                       std::int64_t first) {
    return attribute(inputs, first, {}).scores;
  };
}

run::MeasureNumbers measure_attribution(const run::OpenRun& run, const data::DatasetPtr& set, const AttributionMeasure& o) {
  if (o.methods.empty()) throw ArgumentError("methods: name at least one");
  const PlantedTruth truth = truth_of(run, o.truth);
  const std::vector<std::int64_t> examples = chosen(*set, o.examples, o.label);
  run::MeasureNumbers all;
  for (const Method method : o.methods) {
    const Scores scores_of = scores_by(method, run, o);
    SequenceScores result;
    std::int64_t first = 0;
    each_batch(run, *set, examples, "attribution", [&](const Bundle& inputs) {
      const at::Tensor scores = scores_of(inputs, first).sum(1).to(at::kCPU, at::kDouble).contiguous();
      const std::vector<std::string> letters = letters_of(inputs);
      const auto length = static_cast<std::size_t>(scores.size(1));
      for (std::size_t i = 0; i < letters.size(); ++i)
        result.add({scores.const_data_ptr<double>() + i * length, length}, truth.labels(letters[i]));
      first += std::ssize(letters);
    });
    for (auto& number : result.numbers(format("{}.", method))) all.push_back(std::move(number));
  }
  return all;
}

}  // namespace

run::MeasureType attribution_measure() {
  return {.name = "attribution",
          .help = "whether attributions of positive examples lie where motifs were planted: AUROC and AUPR by method",
          .values = sequence_score_values(),
          .make = maker<AttributionMeasure>(measure_attribution)};
}

}  // namespace basewise::interpret::detail
