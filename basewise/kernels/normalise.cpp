#include "basewise/kernels/normalise.h"

#include <algorithm>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/kernels/detail/gradient_rows.h"
#include "basewise/kernels/detail/statistics.h"

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

void column_statistics(const BlockShape& shape, const ConstBlock& x, const ColumnStatistics& result, const Run& run) {
  const Pieces pieces(shape);
  const Micro& loops = micro(run.isa);
  Moments moments(pieces.count(), shape.columns);
  (*run.executor)(pieces.count(), [&](Index i) { moments.gather(loops, i, pieces.source(x, i), pieces.rows(i)); });
  moments.combine(result.mean, result.squares);
}

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

void gradient_sums(const BlockShape& shape, const OutputGradient& gradient, double* sum, double* product, const Run& run) {
  if (!gradient.x || gradient.centre == nullptr) throw ArgumentError("sums of gradients need what was normalised and its centre");
  const Pieces pieces(shape);
  const Micro& loops = micro(run.isa);
  const Index columns = shape.columns;
  std::vector<float> sums(static_cast<std::size_t>(2 * columns * pieces.count()));
  (*run.executor)(pieces.count(), [&](Index i) {
    float* to = sums.data() + 2 * columns * i;
    loops.gradient_moments(gradient_call(gradient, pieces.sample(i), pieces.begin(i), pieces.rows(i), columns), to, to + columns);
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
    GradientCall call = gradient_call(gradient, pieces.sample(i), pieces.begin(i), pieces.rows(i), shape.columns);
    call.out = pieces.target(result, i);
    loops.gradient(call);
  });
}

}  // namespace basewise::kernels
