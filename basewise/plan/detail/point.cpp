#include "basewise/plan/detail/point.h"

#include <algorithm>
#include <cstring>

namespace basewise::plan::detail {

// torch's functions take the last few numbers of a tensor by other instructions than the rest,
// which round differently: numbers come in whole blocks, so that the last ones are zeros that
// nobody reads. A block is small enough for one thread.
void apply_point(const PlanOp& o, const float* from, float* to, Index rows) {
  const at::NoGradGuard no_grad;  // a thread has a mode of its own
  constexpr Index kBlock = 16384, kWhole = 64;
  if (!o.numbers) {
    const at::Tensor x = at::from_blob(const_cast<float*>(from), {rows, o.channels}, at::kFloat);
    const at::Tensor result = o.layer->forward(x).contiguous();
    std::memcpy(to, result.const_data_ptr<float>(), static_cast<std::size_t>(result.numel()) * sizeof(float));
    return;
  }
  const Index all = rows * o.channels;
  for (Index begin = 0; begin < all; begin += kBlock) {
    const Index count = std::min(kBlock, all - begin), whole = (count + kWhole - 1) / kWhole * kWhole;
    at::Tensor x = at::zeros({whole}, at::kFloat);
    std::memcpy(x.mutable_data_ptr<float>(), from + begin, static_cast<std::size_t>(count) * sizeof(float));
    const at::Tensor result = o.layer->forward(x);
    std::memcpy(to + begin, result.const_data_ptr<float>(), static_cast<std::size_t>(count) * sizeof(float));
  }
}

}  // namespace basewise::plan::detail
