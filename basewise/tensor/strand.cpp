#include "basewise/tensor/strand.h"

#include <algorithm>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/tensor/tokens.h"
#include "basewise/tensor/tensors.h"

namespace basewise {
namespace {

at::Tensor pairs_swapped(const at::Tensor& batch, std::int64_t axis, std::string_view what) {
  const std::int64_t channels = batch.size(axis);
  if (channels % 2 != 0)
    throw ShapeError(format("tensor '{}' of shape {} has {} channels; strands come in pairs, so the number must be even", what,
                            shape_text(batch.sizes()), channels));
  const bool positions = axis + 1 < batch.dim();
  if (channels == 2) return positions ? batch.flip({axis, -1}) : batch.flip({axis});
  const at::Tensor swapped = batch.unflatten(axis, {channels / 2, 2}).flip({axis + 1}).flatten(axis, axis + 1);
  return positions ? swapped.flip({-1}) : swapped;
}

/// Both axes of each example run the other way: where an example lies in one piece, whatever the
/// order of its axes, so do its numbers.
at::Tensor both_turned(const at::Tensor& batch, std::int64_t channels) {
  const bool in_one_piece = batch.dim() == 3 && batch.size(0) > 0 && (batch[0].is_contiguous() || batch[0].t().is_contiguous());
  if (!in_one_piece || !batch.is_cpu() || batch.scalar_type() != at::kFloat || (batch.requires_grad() && at::GradMode::is_enabled()))
    return batch.flip({channels, -1});
  constexpr std::int64_t kNumbersPerTask = 1 << 15;
  const std::int64_t numbers = batch.size(1) * batch.size(2), step = batch.stride(0);
  const std::vector<std::int64_t> strides{numbers, batch.stride(1), batch.stride(2)};
  at::Tensor turned = at::empty_strided(batch.sizes(), strides, batch.options());
  const auto* from = batch.const_data_ptr<float>();
  auto* to = turned.mutable_data_ptr<float>();
  at::parallel_for(0, batch.size(0), std::max<std::int64_t>(1, kNumbersPerTask / std::max<std::int64_t>(1, numbers)),
                   [&](std::int64_t begin, std::int64_t end) {
                     for (std::int64_t i = begin; i < end; ++i)
                       std::reverse_copy(from + i * step, from + i * step + numbers, to + i * numbers);
                   });
  return turned;
}

}  // namespace

at::Tensor other_strand(const at::Tensor& batch, StrandRule rule, std::string_view what) {
  if (rule == StrandRule::unchanged) return batch;
  if (!batch.defined()) throw ArgumentError(format("tensor '{}' is undefined: nothing to turn to the other strand", what));
  if (batch.dim() < 2)
    throw ShapeError(format("tensor '{}' of shape {} cannot be {}: expected a batch axis and at least one more", what,
                            shape_text(batch.sizes()), to_word(rule)));
  const std::int64_t channels = batch.dim() == 2 ? 1 : batch.dim() - 2;
  switch (rule) {
    case StrandRule::unchanged:
      break;
    case StrandRule::mirrored:
      return batch.flip({-1});
    case StrandRule::paired:
      return pairs_swapped(batch, channels, what);
    case StrandRule::complemented:
      if (is_tokens(batch)) return reverse_complement_tokens(batch);
      return batch.dim() == 2 ? batch.flip({1}) : both_turned(batch, channels);
    case StrandRule::tokens:
      if (!is_tokens(batch))
        throw ShapeError(format("tensor '{}' of shape {} holds {}: tokens are unsigned bytes (N, length)", what, shape_text(batch.sizes()),
                                dtype_text(batch.scalar_type())));
      return reverse_complement_tokens(batch);
  }
  throw InternalError("unknown strand rule");
}

}  // namespace basewise
