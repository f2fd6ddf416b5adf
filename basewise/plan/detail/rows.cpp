#include "basewise/plan/detail/rows.h"

#include <algorithm>

namespace basewise::plan::detail {

void RowRange::include(const RowRange& other) {
  if (other.empty()) return;
  if (empty())
    *this = other;
  else
    begin = std::min(begin, other.begin), end = std::max(end, other.end);
}

RowRange reads(const PlanOp& op, std::size_t k, RowRange rows, Index length, Index source_length, Index width) {
  if (op.kind == PlanKind::global) return rows.empty() ? RowRange{} : RowRange{0, source_length};
  const RowRange inside{std::max<Index>(rows.begin, 0), std::min(rows.end, length)};
  if (inside.empty()) return {};
  const ops::ConvSettings& s = op.settings;
  switch (op.kind) {
    case PlanKind::conv:
      if (k > 0) return inside;
      return {inside.begin * s.stride - s.pad_left, (inside.end - 1) * s.stride - s.pad_left + (width - 1) * s.dilation + 1};
    case PlanKind::pool:
      return {std::max<Index>(0, inside.begin * s.stride - s.pad_left),
              std::min(source_length, (inside.end - 1) * s.stride - s.pad_left + op.width)};
    case PlanKind::crop:
      return {inside.begin + op.crop.left, inside.end + op.crop.left};
    default:
      return inside;
  }
}

}  // namespace basewise::plan::detail
