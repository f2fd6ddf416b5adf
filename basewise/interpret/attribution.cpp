#include "basewise/interpret/attribution.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/core/options.h"
#include "basewise/core/random.h"
#include "basewise/infer/gradient.h"
#include "basewise/infer/score.h"
#include "basewise/interpret/detail/call.h"
#include "basewise/interpret/detail/differences.h"
#include "basewise/interpret/detail/frozen.h"
#include "basewise/interpret/detail/pairs.h"
#include "basewise/interpret/detail/path.h"
#include "basewise/interpret/detail/path_sums.h"
#include "basewise/seq/alphabet.h"
#include "basewise/tensor/scopes.h"

namespace basewise::interpret {
namespace {

using detail::Call;
using detail::compares;
using detail::Constants;
using detail::Piece;
using detail::ScoreSums;

/// Of the largest difference in size, of R pairs of each of N examples.
at::Tensor largest_of(const at::Tensor& differences) {
  return differences.gather(1, differences.abs().argmax(1, /*keepdim=*/true)).squeeze(1);
}

/// Standard normal numbers (rows, 4, L); those of row k of example i depend on (seed, i, k) alone.
at::Tensor noise_of(const AttributionOptions& o, const Piece& piece, std::int64_t first, std::int64_t length) {
  at::Tensor noise = at::empty({piece.rows(), seq::kChannels, length}, at::TensorOptions().dtype(at::kFloat));
  auto* to = noise.mutable_data_ptr<float>();
  const Stream seed(o.seed);
  for (std::int64_t i = piece.begin; i < piece.end; ++i)
    for (std::int64_t k = piece.from; k < piece.to; ++k) {
      Stream draw = seed.fork(static_cast<std::uint64_t>(first + i)).fork(static_cast<std::uint64_t>(k));
      for (std::int64_t j = 0; j < seq::kChannels * length; ++j) *to++ = static_cast<float>(draw.normal());
    }
  return noise;
}

class Attributor {
 public:
  Attributor(nn::Model& model, Target target, AttributionOptions options, infer::StrandStrategy strands, infer::OutputForms forms)
      : model_(model),
        target_(std::move(target)),
        options_(std::move(options)),
        strands_(strands),
        forms_(std::move(forms)),
        gradient_(infer::gradient_fn(model, strands, forms_)),
        score_(infer::score_fn(model, strands, forms_)) {
    detail::check(model, options_, strands);
  }

  AttributionResult operator()(const Bundle& batch, std::int64_t first, const at::Tensor& given) const {
    const Call call = detail::call_of(model_, options_, strands_, batch, first, given);
    if (call.examples() == 0) return nothing(call);
    const detail::FrozenScope frozen(model_);
    AttributionResult result;
    switch (options_.method) {
      case AttributionMethod::deeplift:
        result = by_differences(call);
        break;
      case AttributionMethod::integrated_gradients:
        result = along_paths(call);
        break;
      case AttributionMethod::gradient:
      case AttributionMethod::gradient_x_input:
      case AttributionMethod::smoothgrad:
        result = by_gradients(call);
        break;
    }
    const at::Device to = batch.at(options_.input).device();
    for (at::Tensor* t : {&result.hypothetical, &result.scores, &result.prediction, &result.reference, &result.convergence})
      if (t->defined()) *t = t->to(to);
    return result;
  }

 private:
  Bundle with(const Bundle& others, const at::Tensor& sequences) const {
    Bundle inputs = others;
    inputs.set(options_.input, sequences);
    return inputs;
  }

  /// Of a piece of the examples, with the rows of the held inputs.
  static Bundle others_of(const Call& call, const Piece& piece) { return rows_of(call.others, piece.examples() + piece.begin); }
  static Bundle rows_of(const Bundle& batch, const at::Tensor& rows) { return detail::rows_of(batch, rows); }

  /// Of no sequences.
  AttributionResult nothing(const Call& call) const {
    const at::Tensor none = at::zeros({0}, at::kDouble);
    AttributionResult result{call.sequences, call.sequences, none, {}, {}};
    if (compares(options_.method)) result.reference = result.convergence = none;
    return result;
  }

  // Outputs through the strategy for strands, with a stand-in for layers.
  Bundle outputs(const Bundle& inputs, nn::StandIn& rules) const {
    nn::Wanted wanted{target_.outputs(), {}, &rules};
    const auto once = [&](const Bundle& given) { return model_.run(given, wanted).outputs; };
    return strands_.both ? infer::conjoined(once, inputs, infer::strand_rules(model_), strands_.merge, forms_) : once(inputs);
  }

  AttributionResult by_differences(const Call& call) const {
    const EvalScope eval(model_);
    const std::int64_t n = call.examples(), each = call.references.size(1);
    // What all sequences are compared with is computed once.
    const bool once = call.references.size(0) == 1 && call.others.empty() && each <= call.most && n > 1;
    detail::DifferenceRules shared(/*held_is_sequence=*/false);
    Bundle of_references;
    if (once) {
      const NoGradScope no_grad;
      of_references = outputs(with({}, call.references[0]), shared);
    }
    ScoreSums sums(call.sequences, options_.legacy.product);
    const at::TensorOptions plain = at::TensorOptions().dtype(at::kDouble).device(call.sequences.device());
    at::Tensor prediction = at::zeros({n}, plain), reference = at::zeros({n, each}, plain), differences = at::zeros({n, each}, plain);
    for (const Piece& piece : detail::pieces(n, each, call.most)) {
      const at::Tensor rows = piece.examples().to(call.sequences.device()), references = call.of(piece);
      at::Tensor leaf;
      detail::PairTargets targets;
      if (once)
        targets = against_shared(call, piece, shared, of_references, leaf);
      else
        targets = against_own(call, piece, references, leaf);
      const at::Tensor multipliers = detail::gradient_to(leaf, targets.recorded, at::ones_like(targets.recorded));
      const at::Tensor sum = sums.add(rows + piece.begin, references, multipliers, 1.0 / static_cast<double>(each));
      const auto put = [&](at::Tensor& all, const at::Tensor& values) {
        all.slice(0, piece.begin, piece.end).slice(1, piece.from, piece.to).copy_(values.view({piece.end - piece.begin, -1}));
      };
      put(reference, targets.reference);
      put(differences, sum - (targets.sequence.to(at::kDouble) - targets.reference.to(at::kDouble)));
      prediction.slice(0, piece.begin, piece.end).copy_(targets.sequence.view({piece.end - piece.begin, -1}).select(1, 0));
    }
    AttributionResult result{{}, {}, prediction, reference.mean(1), largest_of(differences)};
    sums.finish(result);
    return result;
  }

  // The references of a piece are recorded, beside its sequences, of which each is computed once.
  detail::PairTargets against_own(const Call& call, const Piece& piece, const at::Tensor& references, at::Tensor& leaf) const {
    const at::Tensor rows = piece.examples().to(call.sequences.device());
    detail::DifferenceRules rules(/*held_is_sequence=*/true);
    Bundle held;
    {
      const NoGradScope no_grad;
      const Piece examples{piece.begin, piece.end, 0, 1};
      held = outputs(with(others_of(call, examples), call.sequences.slice(0, piece.begin, piece.end)), rules);
    }
    rules.pair(rows, piece.end - piece.begin);
    const at::AutoGradMode with_gradients(true);
    leaf = references.detach().clone().requires_grad_(true);
    const Bundle recorded = outputs(with(others_of(call, piece), leaf), rules);
    return detail::pair_targets(target_, rows_of(held, rows), recorded, /*sequence_records=*/false);
  }

  detail::PairTargets against_shared(const Call& call, const Piece& piece, detail::DifferenceRules& rules, const Bundle& of_references,
                                     at::Tensor& leaf) const {
    const at::Tensor places = piece.places().to(call.sequences.device()) + piece.from;
    rules.pair(places, call.references.size(1));
    const at::AutoGradMode with_gradients(true);
    leaf = call.sequences.index_select(0, (piece.examples() + piece.begin).to(call.sequences.device())).requires_grad_(true);
    const Bundle recorded = outputs(with({}, leaf), rules);
    return detail::pair_targets(target_, recorded, rows_of(of_references, places), /*sequence_records=*/true);
  }

  /// Gradients at points x, of which each belongs to a sequence of `rows`.
  infer::GradientResult gradients(const Call& call, const at::Tensor& rows, const at::Tensor& x, const Constants& constants) const {
    infer::GradientTarget of;
    of.outputs = target_.outputs();
    of.function = [&](const Bundle& outputs) { return target_(outputs, constants.rules(rows)); };
    return gradient_(with(rows_of(call.others, rows), x), of, {options_.input});
  }

  /// Targets at the sequences, whose constants they keep.
  Constants at_sequences(const Call& call) const {
    std::vector<Bundle> parts;
    for (const Piece& piece : detail::pieces(call.examples(), 1, call.most))
      parts.push_back(scored(with(others_of(call, piece), call.sequences.slice(0, piece.begin, piece.end))));
    return {target_, concatenate(parts)};
  }

  Bundle scored(const Bundle& inputs) const {
    const Bundle all = score_(inputs);
    Bundle chosen;
    for (const std::string& name : target_.outputs()) chosen.set(name, all.at(name));
    return chosen;
  }

  AttributionResult along_paths(const Call& call) const {
    const Constants constants = at_sequences(call);
    const std::int64_t n = call.examples(), each = call.references.size(1);
    const at::TensorOptions plain = at::TensorOptions().dtype(at::kDouble).device(call.sequences.device());
    at::Tensor reference = at::zeros({n, each}, plain);
    for (const Piece& piece : detail::pieces(n, each, call.most)) {
      const Bundle outputs = scored(with(others_of(call, piece), call.of(piece)));
      const at::Tensor values = target_(outputs, constants.rules(piece.examples() + piece.begin));
      reference.slice(0, piece.begin, piece.end).slice(1, piece.from, piece.to).copy_(values.view({piece.end - piece.begin, -1}));
    }
    ScoreSums sums(call.sequences, options_.legacy.product);
    const detail::PointsFn at_points = [&](const at::Tensor& x, const at::Tensor& rows) {
      const infer::GradientResult found = gradients(call, rows, x, constants);
      return detail::AtPoints{found.gradients.at(options_.input), found.output};
    };
    const double shift = options_.legacy.path_sum == PathSum::midpoint ? 0.5 : 0.0;
    const bool adaptive =
        options_.path == Path::adaptive && options_.legacy.path_sum == PathSum::midpoint && options_.steps >= detail::kLeastAdaptive;
    const at::Tensor sums_of_pairs = adaptive ? detail::adaptive_paths(call, options_.steps, at_points, sums)
                                              : detail::even_paths(call, options_.steps, shift, at_points, sums);
    const at::Tensor prediction = constants.values().to(plain),
                     differences = sums_of_pairs - (prediction.unsqueeze(1) - reference);
    AttributionResult result{{}, {}, prediction, reference.mean(1), largest_of(differences)};
    sums.finish(result);
    return result;
  }

  AttributionResult by_gradients(const Call& call) const {
    const bool noisy = options_.method == AttributionMethod::smoothgrad;
    const std::int64_t n = call.examples(), each = noisy ? options_.samples : 1;
    const Constants constants = at_sequences(call);
    ScoreSums sums(call.sequences, ScoreProduct::projected);
    for (const Piece& piece : detail::pieces(n, each, call.most)) {
      const at::Tensor rows = (piece.examples() + piece.begin).to(call.sequences.device());
      at::Tensor x = call.sequences.index_select(0, rows);
      if (noisy) x = x + noise_of(options_, piece, call.first, x.size(2)).to(x.options()) * options_.noise;
      at::Tensor g = gradients(call, rows, x, constants).gradients.at(options_.input);
      if (options_.simplex) g = g - g.mean(1, /*keepdim=*/true);
      sums.add(rows, g, 1.0 / static_cast<double>(each));
    }
    AttributionResult result;
    sums.finish(result);
    if (options_.method != AttributionMethod::gradient_x_input) result.scores = result.hypothetical;
    result.prediction = constants.values().to(at::kDouble);
    return result;
  }

  nn::Model& model_;
  Target target_;
  AttributionOptions options_;
  infer::StrandStrategy strands_;
  infer::OutputForms forms_;
  infer::GradientFn gradient_;
  infer::ScoreFn score_;
};

}  // namespace

void describe(Visitor& v, AttributionLegacy& o) {
  v("path_sum", o.path_sum, "where the gradients of a path are taken");
  v("product", o.product, "what multipliers become for the letter that is there");
}

void describe(Visitor& v, AttributionOptions& o) {
  using enum AttributionMethod;
  v("method", o.method, "how letters are attributed");
  v("input", o.input, "input that is attributed; others are held");
  v.when("method", o.method, {deeplift, integrated_gradients}, [&] {
    v.group("references", o.references, "what a sequence is compared with");
    v.group("legacy", o.legacy, "what published code did otherwise");
  });
  v.when("method", o.method, {integrated_gradients},
         [&] {
           v("steps", o.steps, "gradients between a reference and the sequence", counted(1));
           v("path", o.path, "where on the way they are taken");
         });
  v.when("method", o.method, {smoothgrad}, [&] {
    v("samples", o.samples, "noisy copies of each sequence", counted(1));
    v("noise", o.noise, "standard deviation of what is added to each number", non_negative());
    v("seed", o.seed, "of the noise");
  });
  v.when("method", o.method, {gradient, gradient_x_input, smoothgrad},
         [&] { v("simplex", o.simplex, "gradients minus their mean over the letters"); });
  v("batch", o.batch, "sequences, or pairs of sequence and reference, in one pass; 0: what fits", between(0, 1e6));
}

void Convergence::add(const at::Tensor& convergence) {
  if (!convergence.defined()) return;
  const at::Tensor sizes = convergence.to(at::kCPU, at::kDouble).abs().contiguous();
  for (const double size : std::span(sizes.const_data_ptr<double>(), static_cast<std::size_t>(sizes.numel()))) {
    ++examples;
    // What is no number has not converged.
    if (!(size <= kConvergenceThreshold)) ++over_threshold;
    if (!(size <= largest)) largest = size;
  }
}

AttributionFn attribution_fn(nn::Model& model, Target target, const AttributionOptions& options, infer::StrandStrategy strands,
                             infer::OutputForms forms) {
  return Attributor(model, std::move(target), options, strands, std::move(forms));
}

AttributionFn attribution_fn(nn::ModelPtr model, Target target, const AttributionOptions& options, infer::StrandStrategy strands,
                             infer::OutputForms forms) {
  if (!model) throw ArgumentError("attribution_fn needs a model");
  AttributionFn attribute = attribution_fn(*model, std::move(target), options, strands, std::move(forms));
  return [model = std::move(model), attribute = std::move(attribute)](
             const Bundle& inputs, std::int64_t first, const at::Tensor& references) { return attribute(inputs, first, references); };
}

}  // namespace basewise::interpret
