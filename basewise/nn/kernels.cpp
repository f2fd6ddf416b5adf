#include "basewise/nn/kernels.h"

#include "basewise/nn/detail/native.h"

namespace basewise::nn {
namespace {

Kernels& choice() {
  thread_local Kernels chosen = Kernels::basewise;
  return chosen;
}

}  // namespace

void describe(Visitor& v, KernelOptions& o) {
  v("kernels", o.kernels, "who computes convolutions on a CPU: basewise, or torch for comparison", one_of({"basewise", "torch"}));
}

Kernels kernels_of(const KernelOptions& o) { return o.kernels == "torch" ? Kernels::torch : Kernels::basewise; }

KernelScope::KernelScope(Kernels kernels) : before_(choice()) { choice() = kernels; }
KernelScope::~KernelScope() { choice() = before_; }

Kernels chosen_kernels() { return choice(); }

KernelCounts kernel_counts() { return detail::counts(); }

}  // namespace basewise::nn
