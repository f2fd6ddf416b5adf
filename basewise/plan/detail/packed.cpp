#include "basewise/plan/detail/packed.h"

#include <algorithm>

namespace basewise::plan::detail {
namespace {

const float* data_of(const at::Tensor& t) { return t.defined() ? t.const_data_ptr<float>() : nullptr; }

}  // namespace

PackedProgram::PackedProgram(const PlanProgram& program)
    : program_(program), convs_(program.ops.size()), winograd_(program.ops.size()), numbers_(program.ops.size()) {
  const auto whole = [](const at::Tensor& t) { return t.defined() ? t.contiguous() : t; };
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    const PlanOp& o = program.ops[i];
    if (o.kind == PlanKind::map && o.after.scale.defined()) {
      const at::Tensor both = at::stack({o.after.scale, o.after.shift}).contiguous();
      numbers_[i].assign(data_of(both), data_of(both) + both.numel());
      numbers_[i].resize(3 * static_cast<std::size_t>(o.channels), 0.0f);  // the centre
    }
    if (o.kind != PlanKind::dense) continue;
    const at::Tensor weight = whole(o.weight), bias = whole(o.bias);
    kernels::ConvShape shape;
    shape.channels = weight.size(1);
    for (Index first = 0; first < o.channels; first += units()) {
      shape.filters = std::min(units(), o.channels - first);
      convs_[i].emplace_back(shape, data_of(weight) + first * shape.channels, bias.defined() ? data_of(bias) + first : nullptr,
                             o.activation);
    }
  }
}

void PackedProgram::prepare(const PlanLayout& layout) {
  for (const PlanLayout::Slot& slot : layout.slots) {
    const PlanOp& o = program_.ops[static_cast<std::size_t>(slot.value)];
    auto& to = (slot.grid.winograd ? winograd_ : convs_)[static_cast<std::size_t>(slot.value)];
    if (o.kind != PlanKind::conv || !to.empty()) continue;
    const at::Tensor weight = o.weight.contiguous(), bias = o.bias.defined() ? o.bias.contiguous() : o.bias;
    to.emplace_back(o.shape(), data_of(weight), data_of(bias), o.activation, slot.grid.winograd);
  }
}

}  // namespace basewise::plan::detail
