#include "basewise/plan/detail/edit_reference.h"

#include <limits>

namespace basewise::plan::detail {

std::vector<Index> first_rows(const EditSplit& split, const EditGeometry& geometry) {
  std::vector<Index> first;
  for (std::size_t i = 0; i < split.roles.size(); ++i) first.push_back(geometry.kept(static_cast<int>(i)).begin);
  return first;
}

void add_output(PlanProgram& program, int value, RowRange rows, Index length) {
  if (rows.begin > 0 || rows.end < length) {
    PlanOp o;
    o.kind = PlanKind::crop, o.name = program.ops[static_cast<std::size_t>(value)].name, o.sources = {value};
    o.channels = program.ops[static_cast<std::size_t>(value)].channels;
    o.crop.left = rows.begin, o.crop.right = length - rows.end;
    value = static_cast<int>(program.ops.size());
    program.ops.push_back(std::move(o));
  }
  program.outputs.push_back(value);
}

std::pair<at::Tensor, at::Tensor> running_largest(const at::Tensor& x) {
  const at::Tensor rows = x.transpose(1, 2);
  const at::Tensor none = at::full({rows.size(0), 1, rows.size(2)}, -std::numeric_limits<float>::infinity(), at::kFloat);
  const auto upward = [](const at::Tensor& r) { return std::get<0>(at::cummax(r, 1)); };
  return {at::cat({none, upward(rows)}, 1).contiguous(), at::cat({upward(rows.flip(1)).flip(1), none}, 1).contiguous()};
}

at::Tensor channels_as_neighbours(const at::Tensor& x) { return x.to(at::kFloat).transpose(1, 2).contiguous().transpose(1, 2); }

}  // namespace basewise::plan::detail
