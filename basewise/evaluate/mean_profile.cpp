#include "basewise/evaluate/mean_profile.h"

#include "basewise/core/error.h"
#include "basewise/data/several.h"
#include "basewise/evaluate/detail/pair_batch.h"
#include "basewise/tensor/tensors.h"

namespace basewise::evaluate {

at::Tensor mean_profile(const data::DatasetPtr& dataset, const std::string& target, const BatchOptions& batches) {
  at::Tensor sum, strands;
  // Nothing is predicted: the data set is read through the same loop.
  infer::predict_batches(
      dataset, [](const Bundle&) { return Bundle(); }, batches,
      [&](std::int64_t, const Bundle&, const Bundle& batch) {
        const at::Tensor counts = batch.at(target).to(at::kCPU, at::kDouble);
        if (counts.dim() != 3)
          throw ShapeError(format("'{}' has shape {}: expected (N, strands, positions)", target, shape_text(counts.sizes())));
        const at::Tensor mask = detail::mask_of(batch, target, counts);
        const at::Tensor clean = mask.defined() ? at::where(mask, counts, at::zeros({}, counts.options())) : counts;
        at::Tensor used = clean.sum(2).gt(0);
        if (mask.defined()) used = used.logical_and(mask.all(2));
        const at::Tensor share = (clean / clean.sum(2, true).clamp_min(1e-30)) * used.unsqueeze(2);
        sum = sum.defined() ? sum + share.sum(0) : share.sum(0);
        strands = strands.defined() ? strands + used.sum(0) : used.sum(0);
      });
  if (!sum.defined()) throw ArgumentError("the mean profile of a data set without examples was asked for");
  return (sum / strands.clamp_min(1).unsqueeze(1)).to(at::kFloat);
}

Bundle mean_profiles(const data::DatasetPtr& training, const EvaluationPlan& plan) {
  Bundle floors;
  for (const HeadPlan& head : plan.heads)
    if (head.kind == MeasureKind::profile && !floors.contains(head.target))
      for (const data::DatasetPtr& set : data::sets_of(training))
        if (set->schema().find(head.target)) floors.set(head.target, mean_profile(set, head.target, plan.batches));
  return floors;
}

}  // namespace basewise::evaluate
