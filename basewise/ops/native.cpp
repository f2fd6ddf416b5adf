#include "basewise/ops/native.h"

#include <algorithm>
#include <atomic>

#include "basewise/ops/team.h"

namespace basewise::ops {
namespace {

bool is_length_major(const at::Tensor& x) {
  return (x.size(1) == 1 || x.stride(1) == 1) && (x.size(2) == 1 || x.stride(2) >= x.size(1)) && (x.size(0) == 1 || x.stride(0) >= 0);
}

// Threads take the next piece when they are done with one: pieces differ in cost, and other
// programs take time from one core.
const kernels::Executor& torch_executor() {
  static const kernels::Executor executor = [](std::int64_t n, const std::function<void(std::int64_t)>& task) {
    const std::int64_t threads = std::min<std::int64_t>(n, at::get_num_threads());
    if (threads <= 1 || at::in_parallel_region()) {
      for (std::int64_t i = 0; i < n; ++i) task(i);
      return;
    }
    std::atomic<std::int64_t> next{0};
    on_team(static_cast<int>(threads), [&] {
      for (std::int64_t i = next++; i < n; i = next++) task(i);
    });
  };
  return executor;
}

}  // namespace

bool native(const at::Tensor& x) {
  return chosen_kernels() != Kernels::torch && x.device().is_cpu() && x.scalar_type() == at::kFloat && x.layout() == at::kStrided;
}

at::Tensor length_major(const at::Tensor& x) { return is_length_major(x) ? x : x.transpose(1, 2).contiguous().transpose(1, 2); }

at::Tensor empty_length_major(std::int64_t n, std::int64_t channels, std::int64_t length, const at::TensorOptions& options) {
  return at::empty({n, length, channels}, options.requires_grad(std::nullopt)).transpose(1, 2);
}

kernels::ConstBlock rows_of(const at::Tensor& x) {
  if (!x.defined()) return {};
  return {x.const_data_ptr<float>(), x.stride(0), x.size(2) == 1 ? x.size(1) : x.stride(2)};
}

kernels::MutableBlock mutable_rows_of(const at::Tensor& x) {
  if (!x.defined()) return {};
  return {x.mutable_data_ptr<float>(), x.stride(0), x.size(2) == 1 ? x.size(1) : x.stride(2)};
}

kernels::Run native_run() { return {kernels::default_isa(), &torch_executor(), true, chosen_kernels() == Kernels::bfloat16}; }

KernelCounts& counts() {
  thread_local KernelCounts all;
  return all;
}

}  // namespace basewise::ops
