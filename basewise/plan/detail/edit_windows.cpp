#include "basewise/plan/detail/edit_windows.h"

#include <algorithm>

namespace basewise::plan::detail {
namespace {

Index floored(Index a, Index b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }
Index raised(Index a, Index b) { return -floored(-a, b); }

RowRange both(const RowRange& a, const RowRange& b) {
  const RowRange r{std::max(a.begin, b.begin), std::min(a.end, b.end)};
  return r.empty() ? RowRange{} : r;
}

// Rows of a window of `span` rows at row * stride - pad that touch rows of the source.
RowRange touching(const PlanOp& o, Index span, const RowRange& source) {
  if (source.empty()) return {};
  const ops::ConvSettings& s = o.settings;
  return {raised(source.begin + s.pad_left - span + 1, s.stride), floored(source.end - 1 + s.pad_left, s.stride) + 1};
}

double products_of(const PlanOp& o) { return static_cast<double>(o.weight.size(1) * o.channels); }

// Whether rows of an operation read zeros beyond the ends of its source.
bool pads(const PlanOp& o, const RowRange& rows, Index source_length) {
  if (rows.empty() || (o.kind != PlanKind::conv && o.kind != PlanKind::pool)) return false;
  const ops::ConvSettings& s = o.settings;
  const Index span = o.kind == PlanKind::conv ? o.span() : o.width;
  return rows.begin * s.stride - s.pad_left < 0 || (rows.end - 1) * s.stride - s.pad_left + span > source_length;
}

}  // namespace

// Winograd halves what whole passes multiply.
double whole_products(const PlanOp& o, Index rows) {
  return static_cast<double>(rows * o.width) * products_of(o) * (o.width >= 3 && o.channels >= 32 ? 0.5 : 1.0);
}

TapRange taps_inside(const PlanOp& o, Index row, const RowRange& source) {
  const Index at = row * o.settings.stride - o.settings.pad_left, dilation = o.settings.dilation;
  const Index first = std::max<Index>(0, raised(source.begin - at, dilation));
  const Index last = std::min(o.width, floored(source.end - 1 - at, dilation) + 1);
  return first < last ? TapRange{first, last} : TapRange{};
}

EditGeometry::EditGeometry(const EditSplit& split, std::vector<Index> lengths) : split_(split), lengths_(std::move(lengths)) {
  find_needed();
  for (std::size_t i = 0; i < split.program.ops.size(); ++i) {
    const PlanOp& o = split.program.ops[i];
    if (split.roles[i] == EditRole::rows && o.kind == PlanKind::conv) whole_work_ += whole_products(o, needed_[i].count());
    if (split.roles[i] == EditRole::flat) whole_work_ += static_cast<double>(o.weight.numel());
  }
}

void EditGeometry::find_needed() {
  const auto n = static_cast<int>(split_.program.ops.size());
  needed_.assign(static_cast<std::size_t>(n), {});
  for (const int value : split_.fed) needed_[static_cast<std::size_t>(value)] = {0, std::max<Index>(1, length(value))};
  for (int i = n; i-- > 0;) {
    const PlanOp& o = split_.op(i);
    if (split_.role(i) == EditRole::rows && o.kind != PlanKind::input)
      interior_ = interior_ && !pads(o, both(needed_[static_cast<std::size_t>(i)], {0, length(i)}), length(o.sources.front()));
    for (std::size_t k = 0; k < o.sources.size(); ++k) {
      const int s = o.sources[k];
      RowRange r;
      if (split_.role(i) == EditRole::total || split_.role(i) == EditRole::passed) r = {0, length(s)};
      if (split_.role(i) == EditRole::rows) r = reads(o, k, needed_[static_cast<std::size_t>(i)], length(i), length(s), o.width);
      needed_[static_cast<std::size_t>(s)].include(both(r, {0, length(s)}));
    }
  }
}

RowRange EditGeometry::kept(int value) const {
  if (!split_.op(value).positions) return {};
  if (split_.role(value) != EditRole::rows) return {0, length(value)};
  const RowRange r = both(needed(value), {0, length(value)});
  return r.empty() ? RowRange{0, std::min<Index>(1, length(value))} : r;
}

RowRange EditGeometry::reached(int value, const std::vector<RowRange>& rows) const {
  const PlanOp& o = split_.op(value);
  const auto of = [&](int s) { return rows[static_cast<std::size_t>(s)]; };
  const RowRange first = of(o.sources.front());
  switch (o.kind) {
    case PlanKind::conv:
      return touching(o, o.span(), first);
    case PlanKind::pool:
      return touching(o, o.width, first);
    case PlanKind::crop:
      return {first.begin - o.crop.left, first.end - o.crop.left};
    case PlanKind::add:
    case PlanKind::concat: {
      RowRange all;
      for (const int s : o.sources) all.include(of(s));
      return all;
    }
    default:
      return first;
  }
}

const EditWindows& EditGeometry::operator()(Index begin, Index end) {
  const auto [found, added] = known_.try_emplace({begin, end});
  EditWindows& w = found->second;
  if (!added) return w;
  const auto n = static_cast<int>(split_.program.ops.size());
  w.rows.assign(static_cast<std::size_t>(n), {});
  for (int i = 0; i < n; ++i) {
    const PlanOp& o = split_.op(i);
    RowRange& r = w.rows[static_cast<std::size_t>(i)];
    if (split_.role(i) == EditRole::total || split_.role(i) == EditRole::passed) r = w.rows[static_cast<std::size_t>(o.sources.front())];
    if (split_.role(i) != EditRole::rows) continue;
    r = both(o.kind == PlanKind::input ? RowRange{begin, end} : reached(i, w.rows), needed_[static_cast<std::size_t>(i)]);
    if (o.kind != PlanKind::conv) continue;
    const RowRange source = w.rows[static_cast<std::size_t>(o.sources.front())];
    const Index steps = std::min(r.count(), (source.count() + o.settings.stride - 1) / o.settings.stride);
    w.work += static_cast<double>(steps * o.width) * products_of(o);
  }
  describe_shape(w);
  return w;
}

// Everything that decides what is computed, apart from where in the sequence it lies.
void EditGeometry::describe_shape(EditWindows& w) const {
  for (std::size_t i = 0; i < w.rows.size(); ++i) {
    if (split_.roles[i] != EditRole::rows) continue;
    const PlanOp& o = split_.program.ops[i];
    const RowRange r = w.rows[i];
    w.shape.push_back(static_cast<std::int32_t>(r.count()));
    if (r.empty() || o.kind == PlanKind::input) continue;
    const Index at = o.kind == PlanKind::crop ? r.begin + o.crop.left : r.begin * o.settings.stride - o.settings.pad_left;
    for (const int s : o.sources) {
      const RowRange source = w.rows[static_cast<std::size_t>(s)];
      w.shape.push_back(source.empty() ? 0 : static_cast<std::int32_t>(source.begin - at));
    }
    if (o.kind != PlanKind::pool) continue;
    const Index last = (r.end - 1) * o.settings.stride - o.settings.pad_left + o.width;
    w.shape.push_back(static_cast<std::int32_t>(std::min<Index>(at, 0)));
    w.shape.push_back(static_cast<std::int32_t>(std::max<Index>(0, last - length(o.sources.front()))));
  }
}

}  // namespace basewise::plan::detail
