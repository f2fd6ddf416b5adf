#include "basewise/kernels/normalise.h"

#include <algorithm>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/kernels/detail/buffer.h"
#include "basewise/kernels/detail/gradient_rows.h"

namespace basewise::kernels {
namespace {

using namespace detail;  // NOLINT: this source is made of the pieces in there

// Rows of one example that one thread takes at a time; short enough for sums in single precision.
class Pieces {
 public:
  explicit Pieces(const BlockShape& shape) : shape_(shape), rows_(std::clamp<Index>(16384 / std::max<Index>(1, shape.columns), 64, 512)) {
    if (shape.batch < 0 || shape.rows < 0 || shape.columns < 1)
      throw ArgumentError(format("({}, {}, {}) is no shape of rows and columns", shape.batch, shape.rows, shape.columns));
    each_ = (shape.rows + rows_ - 1) / rows_;
  }

  Index count() const { return each_ * shape_.batch; }
  Index sample(Index i) const { return i / each_; }
  Index begin(Index i) const { return i % each_ * rows_; }
  Index rows(Index i) const { return std::min(rows_, shape_.rows - begin(i)); }

  ConstRows source(const ConstBlock& block, Index i) const { return {block ? block.at(sample(i), begin(i)) : nullptr, block.row_step}; }
  MutableRows target(const MutableBlock& block, Index i) const { return {block ? block.at(sample(i), begin(i)) : nullptr, block.row_step}; }

 private:
  BlockShape shape_;
  Index rows_;
  Index each_ = 0;
};

}  // namespace

void normalise(const Normalise& call, const Run& run) {
  const Pieces pieces(call.shape);
  const Micro& loops = micro(run.isa);
  (*run.executor)(pieces.count(), [&](Index i) {
    MapCall map{};
    map.x = pieces.source(call.x, i);
    map.centre = call.centre, map.scale = call.scale, map.shift = call.shift;
    map.function = static_cast<Function>(call.activation);
    map.skip = pieces.source(call.skip, i);
    map.value = pieces.target(call.value, i);
    map.out = pieces.target(call.y, i);
    map.rows = pieces.rows(i);
    map.columns = call.shape.columns;
    loops.map(map);
  });
}

void normalise_pooled(const Normalise& call, const PooledRows& pool, const Run& run) {
  if (call.skip || call.value) throw ArgumentError("normalisation before a pooling takes neither a skip nor a value of its own");
  const Index columns = call.shape.columns, each = std::clamp<Index>(16384 / std::max<Index>(1, columns * pool.width), 8, 256);
  const Index tasks = ceil_div(pool.rows, each);
  const Micro& loops = micro(run.isa);
  (*run.executor)(call.shape.batch * tasks, [&](Index task) {
    thread_local Buffer rows;
    const Index sample = task / tasks, begin = task % tasks * each, end = std::min(pool.rows, begin + each);
    const auto start = [&](Index i) { return std::clamp<Index>(i * pool.width - pool.pad_left, 0, call.shape.rows); };
    MapCall map{};
    map.x = {call.x.at(sample, start(begin)), call.x.row_step};
    map.centre = call.centre, map.scale = call.scale, map.shift = call.shift;
    map.function = static_cast<Function>(call.activation);
    map.rows = start(end) - start(begin);
    map.columns = columns;
    map.out = {rows.reserve(map.rows * columns), columns};
    loops.map(map);
    for (Index i = begin; i < end; ++i)
      loops.largest_row({map.out.data + (start(i) - start(begin)) * columns, columns}, start(i + 1) - start(i), columns,
                        call.y.at(sample, i),
                        pool.which != nullptr ? pool.which + (sample * pool.rows + i) * columns : nullptr);
  });
}

void gradient_sums(const BlockShape& shape, const OutputGradient& gradient, double* sum, double* product, const Run& run) {
  if (!gradient.x || gradient.centre == nullptr) throw ArgumentError("sums of gradients need what was normalised and its centre");
  const Pieces pieces(shape);
  const Micro& loops = micro(run.isa);
  const Index columns = shape.columns;
  std::vector<float> sums(static_cast<std::size_t>(2 * columns * pieces.count()));
  (*run.executor)(pieces.count(), [&](Index i) {
    float* to = sums.data() + 2 * columns * i;
    thread_local UnpoolBuffers buffers;
    loops.gradient_moments(
        gradient_call(gradient, pieces.sample(i), pieces.begin(i), pieces.rows(i), columns, loops, buffers), to,
        to + columns);
  });
  std::fill(sum, sum + columns, 0.0);
  std::fill(product, product + columns, 0.0);
  for (Index i = 0; i < pieces.count(); ++i)
    for (Index c = 0; c < columns; ++c) {
      sum[c] += static_cast<double>(sums[static_cast<std::size_t>(2 * columns * i + c)]);
      product[c] += static_cast<double>(sums[static_cast<std::size_t>(2 * columns * i + columns + c)]);
    }
}

void output_gradient(const BlockShape& shape, const OutputGradient& gradient, const MutableBlock& result, const Run& run) {
  const Pieces pieces(shape);
  const Micro& loops = micro(run.isa);
  (*run.executor)(pieces.count(), [&](Index i) {
    thread_local UnpoolBuffers buffers;
    GradientCall call = gradient_call(gradient, pieces.sample(i), pieces.begin(i), pieces.rows(i), shape.columns, loops, buffers);
    call.out = pieces.target(result, i);
    loops.gradient(call);
  });
}

}  // namespace basewise::kernels
