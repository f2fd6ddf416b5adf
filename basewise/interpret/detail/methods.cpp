#include "basewise/interpret/detail/methods.h"

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/data/sequence_stream.h"
#include "basewise/interpret/attribution.h"
#include "basewise/interpret/mutagenesis.h"
#include "basewise/tensor/tensors.h"

namespace basewise::interpret::detail {
namespace {

/// Sequences of a FASTA file as references of every example: (1, R, 4, L).
at::Tensor references_from(const std::filesystem::path& file) {
  data::SequenceStream stream({.fasta = file});
  std::vector<at::Tensor> rows;
  while (const auto part = stream.next(1024))
    for (std::int64_t i = 0; i < part->data->size(); ++i) {
      at::Tensor row = at::zeros({4, part->data->length});
      seq::one_hot(part->data->sequence(i), mutable_float_span(row));
      rows.push_back(std::move(row));
    }
  return at::stack(rows).unsqueeze(0);
}

/// Whether a method compares sequences with references.
bool compares(AttributeMethod method) {
  return method == AttributeMethod::deepshap || method == AttributeMethod::deeplift || method == AttributeMethod::integrated_gradients;
}

AttributionMethod method_of(AttributeMethod method) {
  switch (method) {
    case AttributeMethod::deepshap:
    case AttributeMethod::deeplift:
      return AttributionMethod::deeplift;
    case AttributeMethod::integrated_gradients:
      return AttributionMethod::integrated_gradients;
    case AttributeMethod::gradient:
      return AttributionMethod::gradient;
    case AttributeMethod::gradient_x_input:
      return AttributionMethod::gradient_x_input;
    case AttributeMethod::smoothgrad:
      return AttributionMethod::smoothgrad;
    case AttributeMethod::mutagenesis:
      break;
  }
  throw InternalError("a method that takes no gradients");
}

struct Compared {
  ReferenceOptions options = {};
  at::Tensor given = {};
  std::string text = {};  ///< for people
};

Compared compared_with(const AttributeOptions& o) {
  if (!compares(o.method)) {
    if (!o.references.empty())
      throw ArgumentError(format("references mean nothing with method = \"{}\": it compares with none", o.method));
    return {};
  }
  const bool shuffles = o.method == AttributeMethod::deepshap;
  Compared c{.options = {.kind = shuffles ? ReferenceKind::dinucleotide : ReferenceKind::uniform,
                         .count = o.number_of_references,
                         .seed = o.seed}};
  const auto word = find_choice<ReferenceKind>(o.references);
  if (word && *word != ReferenceKind::given) {
    c.options.kind = *word;
  } else if (!o.references.empty()) {
    const std::filesystem::path file = corpus::resolve_path(o.references);
    if (!std::filesystem::exists(file))
      throw ArgumentError(
          format("references is \"{}\"; it must be dinucleotide, permuted, uniform, zeros, or a FASTA file that is there", o.references));
    c.options.kind = ReferenceKind::given;
    c.given = references_from(file);
  }
  const bool drawn = c.options.kind == ReferenceKind::dinucleotide || c.options.kind == ReferenceKind::permuted;
  c.text = c.given.defined() ? format("{} sequences of {}", c.given.size(1), o.references)
           : drawn           ? format("{} {}", c.options.count, to_word(c.options.kind))
                             : std::string(to_word(c.options.kind));
  return c;
}

/// Options that say nothing to a method are not what a caller believes:
/// those that differ from the defaults are refused.
void refuse_unused(const AttributeOptions& o) {
  using enum AttributeMethod;
  const AttributeOptions usual;
  const auto refuse = [&](bool differs, const char* name, const char* of) {
    if (differs)
      throw ArgumentError(format("{} means nothing with method = \"{}\": it is an option of {}; leave it out", name, o.method, of));
  };
  if (o.method != integrated_gradients) {
    refuse(o.steps != usual.steps, "steps", "integrated_gradients");
    refuse(o.path != usual.path, "path", "integrated_gradients");
  }
  if (o.method != smoothgrad) {
    refuse(o.samples != usual.samples, "samples", "smoothgrad");
    refuse(o.noise != usual.noise, "noise", "smoothgrad");
  }
  if (!compares(o.method))
    refuse(o.number_of_references != usual.number_of_references, "number_of_references", "deepshap, deeplift and integrated_gradients");
  if (compares(o.method) || o.method == mutagenesis) refuse(o.simplex, "simplex", "gradient, gradient_x_input and smoothgrad");
}

at::Tensor on_cpu(const at::Tensor& x) { return x.defined() ? x.detach().to(at::kCPU, at::kFloat).contiguous() : x; }

Method mutation_method(const run::OpenRun& run, const AttributeOptions& o, const Target& target, const infer::StrandStrategy& strands) {
  Method method{.rows = 3, .score = {}};
  method.score = [&run, input = o.input, target, strands](const Bundle& inputs, std::int64_t, std::int64_t begin, std::int64_t end) {
    const MutagenesisResult r =
        mutagenesis(run.model, inputs, [&](const Bundle& outputs) { return target(outputs); },
                    {.form = MutagenesisForm::hypothetical,
                     .begin = begin,
                     .end = end,
                     .edits = {.input = input, .heads = target.outputs()}},
                    strands, run.forms);
    return Scored{.scores = on_cpu(r.scores),
                  .prediction = on_cpu(r.reference),
                  .convergence = {},
                  .checked = r.report.checked,
                  .difference = r.report.largest_difference,
                  .note = r.report.fell_back ? "edits differed from whole passes: all were computed by whole passes" : ""};
  };
  return method;
}

}  // namespace

Method make_method(const run::OpenRun& run, const AttributeOptions& o, const Target& target) {
  const infer::StrandStrategy strands = run::strategy_of(o.strand_strategy, run);
  refuse_unused(o);
  const Compared compared = compared_with(o);
  if (o.method == AttributeMethod::mutagenesis) return mutation_method(run, o, target, strands);
  const AttributionFn attribute = attribution_fn(run.model, target,
                                                 {.method = method_of(o.method),
                                                  .input = o.input,
                                                  .references = compared.options,
                                                  .steps = o.steps,
                                                  .path = o.path,
                                                  .samples = o.samples,
                                                  .noise = o.noise,
                                                  .seed = o.seed,
                                                  .simplex = o.simplex,
                                                  .batch = o.batch_size},
                                                 strands, run.forms);
  Method method{.hypothetical = o.method != AttributeMethod::gradient_x_input, .references = compared.text, .score = {}};
  if (compares(o.method) && !shared(compared.options.kind) && !compared.given.defined()) method.rows = o.number_of_references;
  if (o.method == AttributeMethod::smoothgrad) method.rows = o.samples;
  if (o.method == AttributeMethod::integrated_gradients) {
    method.rows *= o.steps;
    method.advice = "more steps bring them closer";
  }
  method.score = [attribute, given = compared.given, hypothetical = method.hypothetical](const Bundle& inputs, std::int64_t first,
                                                                                         std::int64_t, std::int64_t) {
    const AttributionResult r = attribute(inputs, first, given);
    return Scored{.scores = on_cpu(hypothetical ? r.hypothetical : r.scores),
                  .prediction = on_cpu(r.prediction),
                  .convergence = on_cpu(r.convergence)};
  };
  return method;
}

}  // namespace basewise::interpret::detail
