#include "basewise/evaluate/grouped.h"

#include <memory>

#include "basewise/core/error.h"
#include "basewise/data/several.h"
#include "basewise/evaluate/binned_pass.h"
#include "basewise/evaluate/detail/pair_batch.h"
#include "basewise/evaluate/detail/target_field.h"
#include "basewise/tensor/tensors.h"

namespace basewise::evaluate {
namespace {

/// The places of a batch: the middle base of each of its bins.
struct Places {
  std::vector<std::string> chromosomes = {};  // (examples)
  std::vector<std::int64_t> middles = {};     // (examples, bins)
  std::vector<bool> fresh = {};               // (examples, bins)
};

class GroupedPass {
 public:
  GroupedPass(const GroupedOptions& options, const data::DatasetPtr& set, std::int64_t first)
      : options_(options), set_(set), first_(first), bin_(detail::bases_per_value(*set, options.head.target)) {}

  void add(const std::vector<std::unique_ptr<Measure>>& measures, SeenBins& seen, std::int64_t first, const Bundle& outputs,
           const Bundle& batch) const {
    const std::string output = head_name(options_.head.output, outputs);
    const at::Tensor& targets = batch.at(options_.head.target);
    const at::Tensor known = detail::mask_of(batch, options_.head.target, targets);
    const Places places = places_of(first, targets, known, seen);
    const Bundle scores{{output, options_.exponential ? outputs.at(output).exp() : outputs.at(output)}};
    for (std::size_t g = 0; g < measures.size(); ++g) {
      at::Tensor mask = mask_of_group(g, targets, places);
      if (known.defined()) mask = mask.logical_and(known);
      Bundle part = batch;
      part.set(options_.head.target + ".mask", mask);
      measures[g]->add(first_ + first, scores, part);
    }
  }

 private:
  Places places_of(std::int64_t first, const at::Tensor& targets, const at::Tensor& known, SeenBins& seen) const {
    const std::int64_t examples = targets.size(0), bins = targets.dim() > 2 ? targets.size(2) : 1;
    const at::Tensor some = known.defined() && targets.dim() > 2 ? known.any(1).contiguous() : at::Tensor();
    Places places;
    for (std::int64_t n = 0; n < examples; ++n) {
      const data::Origin origin = set_->origin(first + n);
      if (origin.chromosome.empty() && options_.contains)
        throw ArgumentError("the examples have no places in a genome, so that they are in no group: use data of a genome");
      places.chromosomes.push_back(origin.chromosome);
      for (std::int64_t b = 0; b < bins; ++b) {
        const std::int64_t left = origin.start + b * bin_;
        places.middles.push_back(targets.dim() > 2 ? left + bin_ / 2 : origin.start + (origin.end - origin.start) / 2);
        const bool measured = !some.defined() || some.const_data_ptr<bool>()[n * bins + b];
        const bool counted = targets.dim() < 3 || origin.chromosome.empty();
        places.fresh.push_back(measured && (counted || seen.add(origin.chromosome, left)));
      }
    }
    return places;
  }

  /// (examples, tracks, bins) or (examples, tracks), as the targets are.
  at::Tensor mask_of_group(std::size_t group, const at::Tensor& targets, const Places& places) const {
    const auto examples = static_cast<std::int64_t>(places.chromosomes.size());
    const std::int64_t bins = static_cast<std::int64_t>(places.middles.size()) / std::max<std::int64_t>(examples, 1);
    at::Tensor inside = at::zeros({examples, 1, bins}, at::kBool);
    bool* values = inside.mutable_data_ptr<bool>();
    for (std::size_t i = 0; i < places.middles.size(); ++i)
      values[i] = places.fresh[i] && (!options_.contains || options_.contains(group, places.chromosomes[i / static_cast<std::size_t>(bins)],
                                                                              places.middles[i]));
    if (targets.dim() < 3) inside = inside.squeeze(2);
    return inside.expand_as(targets).contiguous();
  }

  const GroupedOptions& options_;
  const data::DatasetPtr& set_;
  std::int64_t first_, bin_;
};

}  // namespace

std::vector<results::HeadEvaluation> evaluate_groups(const Source& source, const GroupedOptions& options, const BatchOptions& batches) {
  std::vector<std::unique_ptr<Measure>> measures;
  MeasureOptions one{.head = options.head, .settings = options.settings};
  one.settings.memory /= std::max<std::int64_t>(1, std::ssize(options.groups));
  one.bases_per_value = detail::bases_per_value(*source.dataset, options.head.target);
  for (std::size_t g = 0; g < options.groups.size(); ++g) measures.push_back(measure_type(options.head.kind).make(one));
  std::int64_t before = 0;
  for (const data::DatasetPtr& set : data::sets_of(source.dataset)) {
    if (detail::measured_by(*source.dataset, *set, options.head.target)) {
      const GroupedPass pass(options, set, before);
      SeenBins seen(one.bases_per_value);
      infer::predict_batches(set, source.score, batches, [&](std::int64_t first, const Bundle& outputs, const Bundle& batch) {
        pass.add(measures, seen, first, outputs, batch);
      });
    }
    before += set->size();
  }
  std::vector<results::HeadEvaluation> found;
  for (std::size_t g = 0; g < measures.size(); ++g) {
    found.push_back(with_context(format("group '{}'", options.groups[g]), [&] { return measures[g]->finish(source).head; }));
    found.back().output = options.groups[g];
    measures[g].reset();
  }
  return found;
}

}  // namespace basewise::evaluate
