#include "basewise/infer/ensemble.h"

#include <algorithm>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/core/fnv.h"
#include "basewise/infer/detail/device_of.h"
#include "basewise/infer/detail/members.h"
#include "basewise/nn/dropout.h"
#include "basewise/tensor/scopes.h"

namespace basewise::infer {
namespace {

constexpr std::uint64_t kDropoutStream = 0x656e73656d;

/// Of the bytes of one example.
std::uint64_t fingerprint(const Bundle& example) {
  std::uint64_t hash = kFnvStart;
  for (const auto& [name, value] : example) {
    const at::Tensor row = value.cpu().contiguous();
    hash = fnv1a({static_cast<const char*>(row.const_data_ptr()), row.nbytes()}, hash);
  }
  return hash;
}

/// Rows of outputs of several passes, one batch of outputs for each pass.
std::vector<Bundle> by_pass(const std::vector<Bundle>& by_example, std::int64_t passes) {
  std::vector<Bundle> outputs(static_cast<std::size_t>(passes));
  for (const auto& [name, first] : by_example.front()) {
    std::vector<at::Tensor> rows;
    for (const Bundle& example : by_example) rows.push_back(example.at(name));
    const at::Tensor all = at::stack(rows);  // (N, passes, ...)
    for (std::int64_t p = 0; p < passes; ++p) outputs[static_cast<std::size_t>(p)].set(name, all.select(1, p));
  }
  return outputs;
}

class Ensemble {
 public:
  Ensemble(nn::Model& model, const StrandStrategy& strands, OutputForms forms, EnsembleOptions options, std::uint64_t seed, bool variance)
      : model_(model),
        strands_(strands),
        forms_(std::move(forms)),
        options_(std::move(options)),
        seed_(seed),
        variance_(variance),
        once_(score_fn(model)) {
    if (options_.shifts.empty()) options_.shifts = {0};
  }

  Bundle operator()(const Bundle& batch) const {
    Bundle given;
    for (const auto& name : model_.input_names()) given.set(name, batch.at(name));
    // Tokens wherever the model takes them: draws of dropout do not depend on how bases are given.
    const Bundle inputs = as_tokens(given, model_);
    const StrandRules rules = strand_rules(model_);
    detail::MemberMean mean(model_, strands_, forms_, variance_);
    const Bundle other = strands_.both ? other_strand(inputs, rules) : Bundle();
    for (const std::int64_t shift : options_.shifts) {
      const std::vector<Bundle> forward = passes(detail::shifted(inputs, shift, rules));
      const std::vector<Bundle> backward = strands_.both ? passes(detail::shifted(other, shift, rules)) : std::vector<Bundle>();
      for (std::size_t p = 0; p < forward.size(); ++p) mean.add(forward[p], strands_.both ? backward[p] : Bundle());
    }
    return mean.value();
  }

 private:
  // Each pass over a batch. With dropout an example is a batch of its own, its passes the rows, so
  // that its draws do not depend on its neighbours.
  std::vector<Bundle> passes(const Bundle& inputs) const {
    if (options_.mc == 0) return {once_(inputs)};
    std::vector<Bundle> by_example;
    const std::int64_t examples = inputs.begin()->second.size(0);
    for (std::int64_t n = 0; n < examples; ++n) {
      Bundle example, repeated;
      for (const auto& [name, value] : inputs) {
        const at::Tensor row = value.slice(0, n, n + 1);
        example.set(name, row);
        repeated.set(name, row.expand(repeats(row)).contiguous());
      }
      by_example.push_back(drawn(repeated, Stream(seed_, kDropoutStream, fingerprint(example)).bits64()));
    }
    return by_pass(by_example, options_.mc);
  }

  std::vector<std::int64_t> repeats(const at::Tensor& row) const {
    std::vector<std::int64_t> sizes = row.sizes().vec();
    sizes[0] = options_.mc;
    return sizes;
  }

  Bundle drawn(const Bundle& inputs, std::uint64_t seed) const {
    const EvalScope eval(model_);
    const NoGradScope no_grad;
    const RandomScope random(seed);
    at::manual_seed(seed);  // of every device
    for (const auto& layer : model_.modules(false))
      if (nn::drops_out(*layer)) layer->train();  // `eval` gives the mode back
    const at::Device from = inputs.begin()->second.device(), device = detail::device_of(model_);
    const Bundle outputs = model_.forward(from == device ? inputs : inputs.to(device));
    return from == device ? outputs : outputs.to(from);
  }

  nn::Model& model_;
  StrandStrategy strands_;
  OutputForms forms_;
  EnsembleOptions options_;
  std::uint64_t seed_;
  bool variance_;
  ScoreFn once_;
};

void check_ensemble(nn::Model& model, const StrandStrategy& strands, const EnsembleOptions& o, bool variance) {
  EnsembleOptions checked = o;
  check(described(checked), "ensemble");
  if (farthest_shift(o) > 0)
    for (const auto& name : model.input_names()) {
      const StrandRule rule = model.strand_rule(name);
      if (rule != StrandRule::complemented && rule != StrandRule::unchanged)
        throw ArgumentError(format("shifts move sequences only, and input '{}' has values along positions too", name));
    }
  const auto layers = model.modules(false);
  if (o.mc > 0 && std::none_of(layers.begin(), layers.end(), [](const auto& layer) { return nn::drops_out(*layer); }))
    throw ArgumentError(format("mc = {} asks for passes with dropout, and the model has no layer of type \"dropout\"", o.mc));
  if (variance && members(o, strands) < 2)
    throw ArgumentError("a variance needs several predictions of each sequence: both strands, shifts, or passes with dropout (mc)");
}

}  // namespace

void describe(Visitor& v, EnsembleOptions& o) {
  v("shifts", o.shifts, "bases by which sequences are moved, each a prediction of its own; outputs are not moved back; empty: none");
  v("mc", o.mc, "passes with dropout for each prediction; 0: one without", non_negative());
}

std::int64_t members(const EnsembleOptions& o, const StrandStrategy& strands) {
  return (strands.both ? 2 : 1) * std::max<std::int64_t>(1, std::ssize(o.shifts)) * std::max<std::int64_t>(1, o.mc);
}

std::int64_t farthest_shift(const EnsembleOptions& o) {
  std::int64_t farthest = 0;
  for (const std::int64_t shift : o.shifts) farthest = std::max(farthest, std::abs(shift));
  return farthest;
}

std::string variance_name(const std::string& output) { return output + ".variance"; }

ScoreFn ensemble_fn(nn::Model& model, const StrandStrategy& strands, OutputForms forms, const EnsembleOptions& options, std::uint64_t seed,
                    bool variance) {
  check_ensemble(model, strands, options, variance);
  const bool single = options.mc == 0 && options.shifts.size() < 2 && farthest_shift(options) == 0;
  if (single && !variance) return score_fn(model, strands, std::move(forms));
  check_strategy(model, strands, forms);
  return Ensemble(model, strands, std::move(forms), options, seed, variance);
}

ScoreFn ensemble_fn(nn::ModelPtr model, const StrandStrategy& strands, OutputForms forms, const EnsembleOptions& options,
                    std::uint64_t seed, bool variance) {
  if (!model) throw ArgumentError("ensemble_fn needs a model");
  auto score = ensemble_fn(*model, strands, std::move(forms), options, seed, variance);
  return [model = std::move(model), score = std::move(score)](const Bundle& batch) { return score(batch); };
}

}  // namespace basewise::infer
