#include "basewise/plan/detail/edit_tiles.h"

#include <cstring>
#include <numeric>

#include "basewise/kernels/pool.h"

namespace basewise::plan::detail {

EditTiles::EditTiles(const EditSplit& split) : split_(split) { step_ = find_step(); }

Index EditTiles::find_step() {
  Index all = 1;
  for (std::size_t i = 0; i < split_.roles.size(); ++i) {
    const PlanOp& o = split_.program.ops[i];
    steps_.push_back(1);
    switch (split_.roles[i]) {
      case EditRole::held:
      case EditRole::flat:
      case EditRole::passed:
        return 0;
      case EditRole::total:
      case EditRole::whole:
        continue;
      case EditRole::rows:
        break;
    }
    if (o.kind == PlanKind::input) continue;
    for (const int s : o.sources)
      if (steps_[static_cast<std::size_t>(s)] != steps_[static_cast<std::size_t>(o.sources.front())]) return 0;
    const bool moves = o.kind == PlanKind::conv || o.kind == PlanKind::pool;
    steps_[i] = steps_[static_cast<std::size_t>(o.sources.front())] * (moves ? o.settings.stride : 1);
    all = std::lcm(all, steps_[i]);
  }
  return all;
}

// Values of rows that are kept or pooled over all positions, and what they are made of. What no
// window reads in front of the rows that it needs, or behind them, no tile needs at its ends.
PlanProgram EditTiles::rows_alone(const EditGeometry& geometry) {
  const auto n = static_cast<int>(split_.program.ops.size());
  std::vector<char> asked(static_cast<std::size_t>(n), 0);
  for (const int value : split_.kept)
    asked[static_cast<std::size_t>(split_.role(value) == EditRole::total ? split_.op(value).sources.front() : value)] = 1;
  std::vector<char> needed = asked;
  for (int i = n; i-- > 0;)
    if (needed[static_cast<std::size_t>(i)] != 0)
      for (const int s : split_.op(i).sources) needed[static_cast<std::size_t>(s)] = 1;
  PlanProgram program;
  std::vector<int> place(static_cast<std::size_t>(n), -1);
  number_.assign(static_cast<std::size_t>(n), -1);
  for (int i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (needed[at] == 0) continue;
    PlanOp o = split_.op(i);
    for (int& s : o.sources) s = place[static_cast<std::size_t>(s)];
    place[at] = static_cast<int>(program.ops.size());
    program.ops.push_back(std::move(o));
    origin_.push_back(i);
    if (asked[at] == 0) continue;
    number_[at] = static_cast<int>(wanted_.size());
    wanted_.push_back(i);
  }
  for (const int value : wanted_) add_output(program, place[static_cast<std::size_t>(value)], geometry.kept(value), geometry.length(value));
  return program;
}

EditReference EditTiles::run(const std::vector<at::Tensor>& given, std::span<const SequenceWindow> windows, const EditGeometry& geometry,
                             const PlanLimits& limits) {
  if (!program_) program_ = std::make_unique<CompiledProgram>(rows_alone(geometry));
  rows_ = program_->run(given, limits);
  for (at::Tensor& x : rows_) x = channels_as_neighbours(x);
  work_ = 0;
  const std::vector<Index> lengths = program_->lengths(given);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const PlanOp& o = program_->program().ops[i];
    if (o.kind != PlanKind::conv) continue;
    const RowRange kept = geometry.kept(origin_[i]);
    const Index rows = lengths[i] - (geometry.length(origin_[i]) - kept.count());
    work_ += static_cast<double>(rows_.front().size(0)) * whole_products(o, rows);
  }
  EditReference reference;
  reference.views = {first_rows(split_, geometry), {windows.begin(), windows.end()}, steps_};
  for (const int value : split_.kept) {
    const int source = split_.role(value) == EditRole::total ? split_.op(value).sources.front() : value;
    reference.kept.push_back(source == value ? rows(value) : pooled(value, reference.views, geometry.length(source)));
  }
  for (std::size_t i = 0; i < split_.roles.size(); ++i) {
    const PlanOp& o = split_.program.ops[i];
    if (split_.roles[i] != EditRole::total || o.pooling != kernels::Pooling::largest) continue;
    const int source = o.sources.front();
    reference.largest.try_emplace(source, running_largest(gathered(source, reference.views, geometry.length(source))));
  }
  return reference;
}

at::Tensor EditTiles::fed(int value, const EditReference& reference, const EditGeometry& geometry) const {
  return split_.role(value) == EditRole::rows ? gathered(value, reference.views, geometry.length(value)) : reference.of(split_, value);
}

// Rows of each window: (windows, channels, length), channels as neighbours.
at::Tensor EditTiles::gathered(int value, const EditViews& views, Index length) const {
  const PlanOp& o = split_.op(value);
  const at::Tensor& x = rows(value);
  const auto n = static_cast<Index>(views.windows.size());
  const at::Tensor all = at::empty({n, length, o.channels}, at::kFloat);
  for (Index w = 0; w < n; ++w) {
    const EditViews::Place at = views(o, value, w, 0);
    std::memcpy(all.mutable_data_ptr<float>() + w * length * o.channels,
                x.const_data_ptr<float>() + at.example * x.stride(0) + at.row * o.channels,
                static_cast<std::size_t>(length * o.channels) * sizeof(float));
  }
  return all.transpose(1, 2);
}

// Over all positions of each window: (windows, channels).
at::Tensor EditTiles::pooled(int value, const EditViews& views, Index length) const {
  const PlanOp& o = split_.op(value);
  const int source = o.sources.front();
  const at::Tensor& x = rows(source);
  const auto n = static_cast<Index>(views.windows.size());
  const at::Tensor all = at::empty({n, o.channels}, at::kFloat);
  for (Index w = 0; w < n; ++w) {
    const EditViews::Place at = views(split_.op(source), source, w, 0);
    kernels::PoolRows call;
    call.shape.length = length, call.shape.channels = o.channels;
    call.kind = o.pooling;
    call.x = x.const_data_ptr<float>() + at.example * x.stride(0) + at.row * o.channels, call.x_step = o.channels;
    call.y = all.mutable_data_ptr<float>() + w * o.channels;
    kernels::pool_all(call);
  }
  return all;
}

}  // namespace basewise::plan::detail
