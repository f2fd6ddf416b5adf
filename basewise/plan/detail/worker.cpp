#include "basewise/plan/detail/worker.h"

#include <algorithm>
#include <cstring>

#include "basewise/kernels/normalise.h"
#include "basewise/ops/native.h"
#include "basewise/plan/detail/point.h"

namespace basewise::plan::detail {
namespace {

const kernels::Run& alone() {
  static const kernels::Run run{kernels::default_isa(), &kernels::serial_executor()};
  return run;
}

}  // namespace

// Whether loaded sequences are tokens is known before anything is computed.
void PlanWorker::read_tokens() {
  example_.pairs.clear();
  for (const auto& [value, dilation] : call_.tokens) {
    const RowRange rows = call_.layout.slots[static_cast<std::size_t>(place(value).slot)].needed;
    std::vector<std::uint8_t> pairs(static_cast<std::size_t>(rows.count()));
    if (kernels::token_pairs(tokens(value), rows.begin, rows.end, dilation, pairs.data())) example_.pairs[value] = std::move(pairs);
  }
}

void PlanWorker::run(const PlanLayout::Stage& stage, std::size_t strip) {
  for (const auto& [slot, row] : stage.strips[strip].first) first_[static_cast<std::size_t>(slot)] = row;
  for (const PlanLayout::Task& task : stage.strips[strip].tasks) compute(task);
}

void PlanWorker::copy_exports() {
  for (const int e : call_.layout.copies) {
    const int value = call_.stretch.exports[static_cast<std::size_t>(e)];
    const View from = source(value);
    const at::Tensor& to = call_.exports[static_cast<std::size_t>(e)];
    const auto& s = call_.layout.slots[static_cast<std::size_t>(place(value).slot)];
    const Index length = call_.layout.lengths[static_cast<std::size_t>(value)];
    std::memcpy(to.mutable_data_ptr<float>() + n_ * to.stride(0), from.row(0),
                static_cast<std::size_t>(length * s.channels) * sizeof(float));
  }
}

kernels::TokenSource PlanWorker::tokens(int value) const {
  const at::Tensor& x = call_.values[static_cast<std::size_t>(value)];
  kernels::TokenSource s;
  s.length = length(value);
  if (is_tokens(x))
    s.tokens = x.const_data_ptr<std::uint8_t>() + n_ * x.stride(0);
  else
    s.x = x.const_data_ptr<float>() + n_ * x.stride(0), s.channel_step = x.stride(1), s.row_step = x.stride(2);
  return s;
}

PlanWorker::View PlanWorker::rows_of_slot(int s) const {
  const PlanLayout::Slot& slot = call_.layout.slots[static_cast<std::size_t>(s)];
  if (slot.exported >= 0) {
    const at::Tensor& to = call_.exports[static_cast<std::size_t>(slot.exported)];
    return {to.mutable_data_ptr<float>() + n_ * to.stride(0), slot.needed.begin, slot.channels};
  }
  if (slot.whole) return {whole_ + slot.offset, slot.needed.begin, slot.channels};
  return {stage_ + slot.offset, first_[static_cast<std::size_t>(s)], slot.channels};
}

// Rows of a value by the value's own numbers.
PlanWorker::View PlanWorker::source(int value) const {
  View v = rows_of_slot(place(value).slot);
  v.first -= place(value).shift;
  return v;
}

// Moves what is still needed of a window to its beginning when the new rows do not fit behind it.
void PlanWorker::make_room(int s, const PlanLayout::Task& task) {
  const PlanLayout::Slot& slot = call_.layout.slots[static_cast<std::size_t>(s)];
  Index& first = first_[static_cast<std::size_t>(s)];
  if (slot.whole || task.rows.end - first <= slot.capacity) return;
  const Index kept = task.rows.begin - task.keep;
  float* to = stage_ + slot.offset;
  if (kept > 0) std::memmove(to, to + (task.keep - first) * slot.channels, static_cast<std::size_t>(kept * slot.channels) * sizeof(float));
  first = task.keep;
}

void PlanWorker::compute(const PlanLayout::Task& task) {
  const PlanStretch::Item& item = call_.stretch.items[static_cast<std::size_t>(task.item)];
  if (!item.load && op(item.value).kind == PlanKind::global) return pool_all(item.value);
  if (item.load && example_.pairs.count(item.value) != 0) return;
  const int s = place(item.value).slot;
  make_room(s, task);
  const View to = rows_of_slot(s);
  const Index channels = call_.layout.slots[static_cast<std::size_t>(s)].channels;
  const RowRange inside{std::clamp<Index>(0, task.rows.begin, task.rows.end),
                        std::clamp(length(item.value), task.rows.begin, task.rows.end)};
  const auto zero = [&](Index begin, Index end) {
    if (end > begin) std::fill_n(to.row(begin), (end - begin) * channels, 0.0f);
  };
  zero(task.rows.begin, std::max(task.rows.begin, inside.begin));
  zero(std::max(inside.begin, inside.end), task.rows.end);
  if (inside.empty()) return;
  if (item.load) return load(item.value, inside, to);
  switch (op(item.value).kind) {
    case PlanKind::conv:
      return convolve(item.value, inside, to);
    case PlanKind::pool:
      return pool(item.value, inside, to);
    case PlanKind::map:
      return map(item.value, inside, to);
    case PlanKind::point:
      return point(item.value, inside, to);
    case PlanKind::add:
      return add(item.value, inside, to);
    case PlanKind::concat:
      return concatenate(item.value, inside, to);
    default:
      return copy(op(item.value).sources.front(), inside, op(item.value).crop.left, to.row(inside.begin), to.step);
  }
}

void PlanWorker::load(int value, RowRange rows, const View& to) {
  const at::Tensor& x = call_.values[static_cast<std::size_t>(value)];
  const Index channels = to.step;
  if (is_tokens(x)) {
    const std::uint8_t* from = x.const_data_ptr<std::uint8_t>() + n_ * x.stride(0);
    for (Index i = rows.begin; i < rows.end; ++i)
      for (Index c = 0; c < channels; ++c) to.row(i)[c] = from[i] == c ? 1.0f : 0.0f;
    return;
  }
  const float* from = x.const_data_ptr<float>() + n_ * x.stride(0);
  const Index across = x.stride(1), along = x.stride(2);
  if (across == 1 && along == channels) {
    std::memcpy(to.row(rows.begin), from + rows.begin * along, static_cast<std::size_t>(rows.count() * channels) * sizeof(float));
    return;
  }
  for (Index c = 0; c < channels; ++c) {
    float* column = to.row(rows.begin) + c;
    for (Index i = rows.begin; i < rows.end; ++i, column += channels) *column = from[c * across + i * along];
  }
}

void PlanWorker::convolve(int value, RowRange rows, const View& to) {
  const PlanOp& o = op(value);
  const int input = o.sources.front();
  const Index begin = rows.begin * o.settings.stride - o.settings.pad_left;
  kernels::PackedConv::Rows call;
  if (const auto pairs = example_.pairs.find(input); pairs != example_.pairs.end()) {
    call.pairs = pairs->second.data() + (begin - call_.layout.slots[static_cast<std::size_t>(place(input).slot)].needed.begin);
  } else {
    const View x = source(input);
    call.x = x.row(begin), call.x_step = x.step;
  }
  const PlanLayout::Slot& made = call_.layout.slots[static_cast<std::size_t>(place(value).slot)];
  const Index read_end = (made.made().end - 1) * o.settings.stride - o.settings.pad_left + (made.grid.width - 1) * o.settings.dilation + 1;
  call.x_rows = read_end - begin;
  call.first = rows.begin - made.made().begin, call.count = rows.count();
  call.y = to.row(rows.begin), call.y_step = to.step;
  if (o.sources.size() > 1) {
    const View skip = source(o.sources[1]);
    call.skip = skip.row(rows.begin), call.skip_step = skip.step;
  }
  call_.packed.conv(value, made.grid.winograd)(call);
}

void PlanWorker::pool(int value, RowRange rows, const View& to) {
  const PlanOp& o = op(value);
  const View x = source(o.sources.front());
  kernels::PoolRows call;
  call.shape = {1, length(o.sources.front()), o.channels, o.width, o.settings.stride, o.settings.pad_left, o.settings.pad_right};
  call.kind = o.pooling;
  call.x = x.data, call.x_first = x.first, call.x_step = x.step;
  call.begin = rows.begin, call.end = rows.end;
  call.y = to.row(rows.begin), call.y_step = to.step;
  kernels::pool_rows(call);
}

void PlanWorker::map(int value, RowRange rows, const View& to) {
  const PlanOp& o = op(value);
  const View x = source(o.sources.front());
  kernels::Normalise call;
  call.shape = {1, rows.count(), o.channels};
  call.x = {x.row(rows.begin), 0, x.step};
  if (const float* factors = call_.packed.factors(value))
    call.scale = factors, call.shift = factors + o.channels, call.centre = factors + 2 * o.channels;
  call.activation = o.activation;
  call.y = {to.row(rows.begin), 0, to.step};
  kernels::normalise(call, alone());
}

void PlanWorker::point(int value, RowRange rows, const View& to) {
  apply_point(op(value), source(op(value).sources.front()).row(rows.begin), to.row(rows.begin), rows.count());
}

void PlanWorker::add(int value, RowRange rows, const View& to) {
  const PlanOp& o = op(value);
  for (std::size_t k = 1; k < o.sources.size(); ++k) {
    const View x = k == 1 ? source(o.sources.front()) : to, skip = source(o.sources[k]);
    kernels::Normalise call;
    call.shape = {1, rows.count(), o.channels};
    call.x = {x.row(rows.begin), 0, x.step};
    call.skip = {skip.row(rows.begin), 0, skip.step};
    call.y = {to.row(rows.begin), 0, to.step};
    kernels::normalise(call, alone());
  }
}

void PlanWorker::concatenate(int value, RowRange rows, const View& to) {
  Index column = 0;
  for (const int from : op(value).sources) {
    copy(from, rows, 0, to.row(rows.begin) + column, to.step);
    column += op(from).channels;
  }
}

void PlanWorker::copy(int from, RowRange rows, Index shift, float* to, Index step) const {
  const View x = source(from);
  const auto bytes = static_cast<std::size_t>(op(from).channels) * sizeof(float);
  for (Index i = rows.begin; i < rows.end; ++i, to += step) std::memcpy(to, x.row(i + shift), bytes);
}

void PlanWorker::pool_all(int value) {
  const PlanOp& o = op(value);
  const View x = source(o.sources.front());
  kernels::PoolRows call;
  call.shape.length = length(o.sources.front()), call.shape.channels = o.channels;
  call.kind = o.pooling;
  call.x = x.row(0), call.x_step = x.step;
  call.y = call_.values[static_cast<std::size_t>(value)].mutable_data_ptr<float>() + n_ * o.channels;
  kernels::pool_all(call);
}

}  // namespace basewise::plan::detail
