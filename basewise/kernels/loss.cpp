#include "basewise/kernels/loss.h"

#include <algorithm>
#include <vector>

#include "basewise/kernels/detail/buffer.h"
#include "basewise/kernels/detail/loss_row.h"
#include "basewise/kernels/detail/micro.h"

namespace basewise::kernels {
namespace {

using namespace detail;  // NOLINT: this source is made of the pieces in there

// A tile is what one thread brings into the order of the output at a time: rows and columns of a
// target may lie far apart in it.
constexpr Index kNumbers = 8192;
constexpr Index kColumns = 256;

struct Tile {
  Index sample;
  Index row;
  Index rows;
  Index column;
  Index columns;
};

// Rows of the tile with neighbouring columns: where they are, or copied into the buffer, without
// gaps.
struct Rows {
  const float* data = nullptr;
  Index step = 0;
  const float* row(Index r) const { return data != nullptr ? data + r * step : nullptr; }
};

template <class T>
Rows in_order(const Strided<T>& from, const Tile& t, Buffer& buffer) {
  if (from.data == nullptr) return {};
  const T* origin = from.data + t.sample * from.sample + t.row * from.row + t.column * from.column;
  if constexpr (std::is_same_v<T, float>)
    if (from.column == 1) return {origin, from.row};
  float* to = buffer.reserve(t.rows * t.columns);
  for (Index c = 0; c < t.columns; ++c)
    for (Index r = 0; r < t.rows; ++r) to[r * t.columns + c] = static_cast<float>(origin[c * from.column + r * from.row]);
  return {to, t.columns};
}

double one_tile(const LossCall& call, Tile t, const Micro& loops) {
  thread_local Buffer target, mask, weights;
  const Rows y = in_order(call.y, t, target), measured = in_order(call.measured, t, mask), weight = in_order(call.weight, t, weights);
  LossRow row{};
  row.kind = call.kind;
  row.epsilon = call.epsilon, row.smoothing = call.smoothing, row.factor = call.factor;
  // Without gaps anywhere all rows are one: short rows would leave registers empty.
  const auto whole = [&](Index step) { return step == t.columns; };
  Index count = t.rows;
  row.n = t.columns;
  if (whole(call.x.row_step) && whole(y.step) && (measured.data == nullptr || whole(measured.step)) &&
      (weight.data == nullptr || whole(weight.step)) && (!call.gradient || whole(call.gradient.row_step)))
    row.n *= count, count = 1;
  double sum = 0;
  for (Index r = 0; r < count; ++r) {
    row.x = call.x.at(t.sample, t.row + r) + t.column;
    row.y = y.row(r), row.measured = measured.row(r), row.weight = weight.row(r);
    if (call.gradient) row.gradient = call.gradient.at(t.sample, t.row + r) + t.column;
    sum += loops.loss_row(row);
  }
  return sum;
}

}  // namespace

double point_loss(const LossCall& call, const Run& run) {
  const Micro& loops = micro(run.isa);
  const BlockShape& s = call.shape;
  const Index rows = std::max<Index>(1, kNumbers / std::clamp<Index>(s.columns, 1, kColumns)), each = ceil_div(s.rows, rows);
  std::vector<double> sums(static_cast<std::size_t>(s.batch * each));
  (*run.executor)(s.batch* each, [&](Index task) {
    Tile t{task / each, task % each * rows, 0, 0, 0};
    t.rows = std::min(rows, s.rows - t.row);
    for (; t.column < s.columns; t.column += kColumns) {
      t.columns = std::min(kColumns, s.columns - t.column);
      sums[static_cast<std::size_t>(task)] += one_tile(call, t, loops);
    }
  });
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum;
}

}  // namespace basewise::kernels
