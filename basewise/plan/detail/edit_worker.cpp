#include "basewise/plan/detail/edit_worker.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "basewise/kernels/normalise.h"
#include "basewise/plan/detail/point.h"

namespace basewise::plan::detail {
namespace {

const kernels::Run& one_thread() {
  static const kernels::Run run{kernels::default_isa(), &kernels::serial_executor()};
  return run;
}

std::size_t bytes_of(Index numbers) { return static_cast<std::size_t>(numbers) * sizeof(float); }

bool all_zero(const float* x, Index count) {
  return std::all_of(x, x + count, [](float v) { return v == 0.0f; });
}

}  // namespace

void EditWorker::run(EditCall& call, const EditMemory& memory, std::span<const Index> members) {
  call_ = &call, memory_of_ = &memory, members_ = members;
  n_ = static_cast<Index>(members.size());
  numbers_ = memory_.reserve(memory.size * n_);
  const auto values = static_cast<int>(call.split.program.ops.size());
  changed_.assign(static_cast<std::size_t>(values), 0);
  for (int value = 0; value < values; ++value) {
    const EditRole role = call.split.role(value);
    if (role == EditRole::rows && !rows(value).empty()) compute(value);
    if (role == EditRole::total) total(value);
    if (role == EditRole::passed) keep_flat(value);
    const auto& fed = call.split.fed;
    if (const auto found = std::lower_bound(fed.begin(), fed.end(), value); found != fed.end() && *found == value && role == EditRole::rows)
      feed(static_cast<std::size_t>(found - fed.begin()));
  }
}

const float* EditWorker::reference(int value, Index example, Index row) const {
  const at::Tensor& x = call_->reference.of(call_->split, value);
  const EditViews::Place place = call_->reference.views(op(value), value, example, row);
  return x.const_data_ptr<float>() + place.example * x.stride(0) + place.row * op(value).channels;
}

const float* EditWorker::shared(int reader, int source, Index shift) {
  return at(source) + (rows(reader).begin + shift - rows(source).begin) * n_ * op(source).channels;
}

// A value whose sources did not change does not either: a function or a pooling may hide an edit.
void EditWorker::compute(int value) {
  const PlanOp& o = op(value);
  if (o.kind == PlanKind::input) {
    input(value);
  } else {
    if (std::none_of(o.sources.begin(), o.sources.end(), [&](int s) { return changed(s); })) return;
    switch (o.kind) {
      case PlanKind::conv:
        call_->weights.sums(value).all_taps() ? convolve_whole(value) : convolve(value);
        break;
      case PlanKind::pool:
        pool(value);
        break;
      case PlanKind::map:
        map(value);
        break;
      case PlanKind::point:
        point(value);
        break;
      case PlanKind::add:
        add(value);
        break;
      case PlanKind::concat:
        concatenate(value);
        break;
      default:
        std::memcpy(at(value), shared(value, o.sources.front(), o.crop.left), bytes_of(rows(value).count() * n_ * o.channels));
    }
  }
  changed_[static_cast<std::size_t>(value)] = all_zero(at(value), rows(value).count() * n_ * o.channels) ? 0 : 1;
}

void EditWorker::input(int value) {
  const Index channels = op(value).channels;
  float* y = at(value);
  std::fill_n(y, rows(value).count() * n_ * channels, 0.0f);
  for (Index e = 0; e < n_; ++e) {
    const RowRange r = rows(value, e);
    const at::Tensor& x = call_->sequence;
    for (Index i = r.begin; i < r.end; ++i) {
      float* to = y + ((i - r.begin) * n_ + e) * channels;
      const EditViews::Place place = call_->reference.views.letter(edit(e).example, i);
      const float* was = x.const_data_ptr<float>() + place.example * x.stride(0) + place.row * channels;
      const std::uint8_t letter = edit(e).letters[static_cast<std::size_t>(i - edit(e).begin)];
      for (Index c = 0; c < channels; ++c) to[c] = (letter == c ? 1.0f : 0.0f) - was[c];
    }
  }
}

// Output rows that apply the same taps to changed rows are one sum over the rows of all edits.
void EditWorker::convolve(int value) {
  const PlanOp& o = op(value);
  const int source = o.sources.front();
  const RowRange from = rows(source), made = rows(value);
  const Index in = op(source).channels;
  for (Index row = made.begin; row < made.end;) {
    const TapRange taps = taps_inside(o, row, from);
    Index end = row + 1;
    while (o.settings.stride == 1 && end < made.end && taps_inside(o, end, from) == taps) ++end;
    float* y = at(value) + (row - made.begin) * n_ * o.channels;
    const Index count = (end - row) * n_;
    if (taps.empty()) {
      std::fill_n(y, count * o.channels, 0.0f);
    } else {
      kernels::PackedConv::Taps call;
      call.x = at(source) + (row * o.settings.stride - o.settings.pad_left - from.begin) * n_ * in;
      call.x_step = in, call.tap_step = n_ * in;
      call.first = taps.first, call.last = taps.last;
      call.count = count, call.y = y, call.y_step = o.channels;
      call_->weights.sums(value)(call);
    }
    row = end;
  }
}

// Sums for few filters take all taps: rows that did not change are zeros.
void EditWorker::convolve_whole(int value) {
  const PlanOp& o = op(value);
  const int source = o.sources.front();
  const RowRange from = rows(source), made = rows(value);
  const Index in = op(source).channels, begin = made.begin - o.settings.pad_left, read = made.count() + o.span() - 1;
  for (Index e = 0; e < n_; ++e) {
    float* x = scratch_.reserve(read * in + 64);
    std::fill_n(x, read * in + 64, 0.0f);
    for (Index i = std::max(begin, from.begin); i < std::min(begin + read, from.end); ++i)
      std::memcpy(x + (i - begin) * in, at(source) + ((i - from.begin) * n_ + e) * in, bytes_of(in));
    kernels::PackedConv::Rows call;
    call.x = x, call.x_rows = read, call.x_step = in, call.count = made.count();
    call.y = at(value) + e * o.channels, call.y_step = n_ * o.channels;
    call_->weights.sums(value)(call);
  }
}

// The value itself in rows `at` of edit e, from the difference of its first row.
void EditWorker::put_sum(int value, Index e, RowRange at, const float* difference, float* to, Index to_step) {
  const Index channels = op(value).channels;
  kernels::Normalise call;
  call.shape = {1, at.count(), channels};
  call.x = {reference(value, edit(e).example, at.begin), 0, channels};
  call.skip = {difference, 0, n_ * channels};
  call.y = {to, 0, to_step};
  kernels::normalise(call, one_thread());
}

// `y`: rows of edit e of a value; they become differences.
void EditWorker::less_reference(int value, Index e, float* y) {
  const Index channels = op(value).channels;
  kernels::Normalise call;
  call.shape = {1, rows(value).count(), channels};
  call.x = {reference(value, edit(e).example, rows(value, e).begin), 0, channels};
  call.centre = call.shift = call_->weights.zeros(), call.scale = call_->weights.minus_ones();
  call.skip = {y, 0, n_ * channels};
  call.y = {y, 0, n_ * channels};
  kernels::normalise(call, one_thread());
}

void EditWorker::pool(int value) {
  const PlanOp& o = op(value);
  const int source = o.sources.front();
  const Index channels = o.channels, length = call_->geometry.length(source);
  for (Index e = 0; e < n_; ++e) {
    const RowRange made = rows(value, e), from = rows(source, e);
    const RowRange read = reads(o, 0, made, call_->geometry.length(value), length, o.width);
    float* x = scratch_.reserve(read.count() * channels);
    std::memcpy(x, reference(source, edit(e).example, read.begin), bytes_of(read.count() * channels));
    const RowRange touched{std::max(read.begin, from.begin), std::min(read.end, from.end)};
    put_sum(source, e, touched, at(source) + ((touched.begin - from.begin) * n_ + e) * channels,
            x + (touched.begin - read.begin) * channels, channels);
    kernels::PoolRows call;
    call.shape = {1, length, channels, o.width, o.settings.stride, o.settings.pad_left, o.settings.pad_right};
    call.kind = o.pooling;
    call.x = x, call.x_first = read.begin, call.x_step = channels;
    call.begin = made.begin, call.end = made.end;
    call.y = at(value) + e * channels, call.y_step = n_ * channels;
    kernels::pool_rows(call);
    less_reference(value, e, at(value) + e * channels);
  }
}

void EditWorker::map(int value) {
  const PlanOp& o = op(value);
  const int source = o.sources.front();
  const RowRange made = rows(value);
  const float* from = shared(value, source);
  kernels::Normalise call;
  call.shape = {1, made.count() * n_, o.channels};
  call.x = {from, 0, o.channels};
  call.y = {at(value), 0, o.channels};
  if (const float* factors = call_->weights.factors(value)) {
    call.scale = factors, call.centre = factors + 2 * o.channels;
    call.shift = is_linear(o) ? call_->weights.zeros() : factors + o.channels;
  }
  call.activation = o.activation;
  if (is_linear(o)) return kernels::normalise(call, one_thread());
  for (Index e = 0; e < n_; ++e) put_sum(source, e, rows(value, e), from + e * o.channels, at(value) + e * o.channels, n_ * o.channels);
  call.x = {at(value), 0, o.channels};
  kernels::normalise(call, one_thread());
  for (Index e = 0; e < n_; ++e) less_reference(value, e, at(value) + e * o.channels);
}

void EditWorker::point(int value) {
  const PlanOp& o = op(value);
  const int source = o.sources.front();
  const Index count = rows(value).count() * n_;
  const float* from = shared(value, source);
  float* x = scratch_.reserve(count * o.channels);
  for (Index e = 0; e < n_; ++e) put_sum(source, e, rows(value, e), from + e * o.channels, x + e * o.channels, n_ * o.channels);
  apply_point(o, x, at(value), count);
  for (Index e = 0; e < n_; ++e) less_reference(value, e, at(value) + e * o.channels);
}

void EditWorker::add(int value) {
  const PlanOp& o = op(value);
  const RowRange made = rows(value);
  const Index row = n_ * o.channels;
  bool begun = false;
  for (const int s : o.sources) {
    if (!changed(s)) continue;
    const RowRange r{std::max(made.begin, rows(s).begin), std::min(made.end, rows(s).end)};
    float* y = at(value);
    const float* x = at(s) + (r.begin - rows(s).begin) * row;
    if (!begun) {
      std::fill_n(y, std::max<Index>(0, r.begin - made.begin) * row, 0.0f);
      if (!r.empty()) std::memcpy(y + (r.begin - made.begin) * row, x, bytes_of(r.count() * row));
      const Index end = r.empty() ? 0 : r.end - made.begin;
      std::fill_n(y + end * row, (made.count() - end) * row, 0.0f);
      begun = true;
    } else if (!r.empty()) {
      kernels::Normalise call;
      call.shape = {1, r.count() * n_, o.channels};
      call.x = {y + (r.begin - made.begin) * row, 0, o.channels};
      call.skip = {x, 0, o.channels};
      call.y = {y + (r.begin - made.begin) * row, 0, o.channels};
      kernels::normalise(call, one_thread());
    }
  }
}

void EditWorker::concatenate(int value) {
  const PlanOp& o = op(value);
  const RowRange made = rows(value);
  std::fill_n(at(value), made.count() * n_ * o.channels, 0.0f);
  Index column = 0;
  for (const int s : o.sources) {
    const Index channels = op(s).channels;
    const RowRange r{std::max(made.begin, rows(s).begin), std::min(made.end, rows(s).end)};
    if (changed(s) && !r.empty()) {
      const float* x = at(s) + (r.begin - rows(s).begin) * n_ * channels;
      float* y = at(value) + (r.begin - made.begin) * n_ * o.channels + column;
      for (Index i = 0; i < r.count() * n_; ++i, x += channels, y += o.channels) std::memcpy(y, x, bytes_of(channels));
    }
    column += channels;
  }
}

void EditWorker::total(int value) {
  const PlanOp& o = op(value);
  const int source = o.sources.front();
  const auto& fed = call_->split.fed;
  const auto number = static_cast<std::size_t>(std::lower_bound(fed.begin(), fed.end(), value) - fed.begin());
  const bool same = rows(source).empty() || !changed(source);
  for (Index e = 0; e < n_; ++e) {
    float* to = call_->fed[number].mutable_data_ptr<float>() + members_[static_cast<std::size_t>(e)] * o.channels;
    const float* was = reference(value, edit(e).example, 0);
    if (same) {
      std::memcpy(to, was, bytes_of(o.channels));
    } else if (o.pooling == kernels::Pooling::largest) {
      largest_of_all(value, e, to);
    } else {
      kernels::PoolRows call;
      call.shape.length = rows(source).count(), call.shape.channels = o.channels;
      call.kind = o.pooling;
      call.x = at(source) + e * o.channels, call.x_step = n_ * o.channels;
      call.y = to;
      kernels::pool_all(call);
      const double share = static_cast<double>(rows(source).count()) / static_cast<double>(call_->geometry.length(source));
      for (Index c = 0; c < o.channels; ++c) to[c] = was[c] + static_cast<float>(share) * to[c];
    }
  }
}

// Of the rows before, of the changed ones and of those behind.
void EditWorker::largest_of_all(int value, Index e, float* to) {
  const PlanOp& o = op(value);
  const int source = o.sources.front();
  const RowRange r = rows(source, e);
  const auto& [before, behind] = call_->reference.largest.at(source);
  float* x = scratch_.reserve((r.count() + 2) * o.channels);
  const auto put = [&](const at::Tensor& from, Index row, float* y) {
    std::memcpy(y, from.const_data_ptr<float>() + edit(e).example * from.stride(0) + row * o.channels, bytes_of(o.channels));
  };
  put(before, r.begin, x);
  put(behind, r.end, x + o.channels);
  put_sum(source, e, r, at(source) + e * o.channels, x + 2 * o.channels, o.channels);
  kernels::PoolRows call;
  call.shape.length = r.count() + 2, call.shape.channels = o.channels;
  call.kind = o.pooling;
  call.x = x, call.x_step = o.channels;
  call.y = to;
  kernels::pool_all(call);
}

void EditWorker::keep_flat(int value) {
  const int source = op(value).sources.front();
  const Index channels = op(source).channels, count = rows(source).count();
  EditCall::Flat& flat = call_->flats.at(value);
  for (Index e = 0; e < n_; ++e) {
    float* to = flat.numbers.data() + flat.at[static_cast<std::size_t>(members_[static_cast<std::size_t>(e)])];
    if (!changed(source)) {
      std::fill_n(to, count * channels, 0.0f);
      continue;
    }
    const float* from = at(source) + e * channels;
    for (Index i = 0; i < count; ++i) std::memcpy(to + i * channels, from + i * n_ * channels, bytes_of(channels));
  }
}

// The value as a whole: the reference, and the sum where rows changed.
void EditWorker::feed(std::size_t number) {
  const int value = call_->split.fed[number];
  const at::Tensor& to = call_->fed[number];
  const Index channels = op(value).channels, length = call_->geometry.length(value);
  for (Index e = 0; e < n_; ++e) {
    float* y = to.mutable_data_ptr<float>() + members_[static_cast<std::size_t>(e)] * to.stride(0);
    const RowRange r = changed(value) ? rows(value, e) : RowRange{};
    const float* was = reference(value, edit(e).example, 0);
    std::memcpy(y, was, bytes_of(length * channels));
    if (!r.empty()) put_sum(value, e, r, at(value) + e * channels, y + r.begin * channels, channels);
  }
}

}  // namespace basewise::plan::detail
