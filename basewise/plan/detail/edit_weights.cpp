#include "basewise/plan/detail/edit_weights.h"

#include <algorithm>

namespace basewise::plan::detail {

EditWeights::EditWeights(const EditSplit& split, const std::vector<Index>& lengths)
    : sums_(split.program.ops.size()), factors_(split.program.ops.size()) {
  Index widest = 1;
  for (std::size_t i = 0; i < split.program.ops.size(); ++i) {
    const PlanOp& o = split.program.ops[i];
    widest = std::max(widest, o.channels);
    if (split.roles[i] == EditRole::flat) {
      const auto flatten = static_cast<std::size_t>(o.sources.front());
      const Index length = lengths[static_cast<std::size_t>(split.program.ops[flatten].sources.front())];
      const at::Tensor weight = o.weight.view({o.channels, length, o.rows_of}).transpose(1, 2).contiguous();
      kernels::ConvShape shape;
      shape.channels = o.rows_of, shape.filters = o.channels, shape.width = length;
      shape.stride = 2;  // there is one row; never as few filters, which take all taps
      sums_[i] = std::make_unique<kernels::PackedConv>(shape, weight.const_data_ptr<float>(), nullptr, kernels::Activation::identity);
    }
    if (split.roles[i] != EditRole::rows) continue;
    if (o.kind == PlanKind::conv) {
      const at::Tensor weight = o.weight.contiguous();
      sums_[i] = std::make_unique<kernels::PackedConv>(o.shape(), weight.const_data_ptr<float>(), nullptr, kernels::Activation::identity);
    }
    if (o.kind == PlanKind::map && o.after.scale.defined()) {
      const at::Tensor both = at::stack({o.after.scale, o.after.shift}).contiguous();
      factors_[i].assign(both.const_data_ptr<float>(), both.const_data_ptr<float>() + both.numel());
      factors_[i].resize(3 * static_cast<std::size_t>(o.channels), 0.0f);
    }
  }
  zeros_.assign(static_cast<std::size_t>(widest), 0.0f);
  minus_ones_.assign(static_cast<std::size_t>(widest), -1.0f);
}

EditMemory place_edits(const EditSplit& split, const EditWindows& windows) {
  constexpr Index kAligned = 16;
  const auto n = static_cast<int>(split.program.ops.size());
  std::vector<int> last(static_cast<std::size_t>(n), -1);
  for (int i = 0; i < n; ++i)
    for (const int s : split.op(i).sources) last[static_cast<std::size_t>(s)] = i;
  for (const int value : split.fed) last[static_cast<std::size_t>(value)] = n;
  EditMemory memory;
  memory.offset.assign(static_cast<std::size_t>(n), 0);
  struct Block {
    Index begin, end;
    int last;
  };
  std::vector<Block> live;  // by place
  for (int i = 0; i < n; ++i) {
    const RowRange r = windows.rows[static_cast<std::size_t>(i)];
    if (split.role(i) != EditRole::rows || r.empty()) continue;
    std::erase_if(live, [&](const Block& b) { return b.last < i; });
    const Index size = (r.count() * split.op(i).channels + kAligned - 1) / kAligned * kAligned;
    Index begin = 0;
    for (const Block& b : live) {
      if (begin + size <= b.begin) break;
      begin = std::max(begin, b.end);
    }
    memory.offset[static_cast<std::size_t>(i)] = begin;
    memory.size = std::max(memory.size, begin + size);
    live.push_back({begin, begin + size, last[static_cast<std::size_t>(i)]});
    std::sort(live.begin(), live.end(), [](const Block& a, const Block& b) { return a.begin < b.begin; });
  }
  return memory;
}

}  // namespace basewise::plan::detail
