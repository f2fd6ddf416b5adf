#include "basewise/nn/kernels.h"

#include "basewise/core/error.h"
#include "basewise/nn/detail/native.h"

namespace basewise::nn {
namespace {

Kernels& choice() {
  thread_local Kernels chosen = Kernels::basewise;
  return chosen;
}

}  // namespace

Kernels kernels_named(const std::string& name) {
  if (name == "basewise") return Kernels::basewise;
  if (name == "torch") return Kernels::torch;
  throw ArgumentError(format("kernels '{}' are unknown; there are: basewise, torch", name));
}

KernelScope::KernelScope(Kernels kernels) : before_(choice()) { choice() = kernels; }
KernelScope::~KernelScope() { choice() = before_; }

void choose_kernels(Kernels kernels) { choice() = kernels; }

Kernels chosen_kernels() { return choice(); }

kernels::Run kernel_run() { return detail::native_run(); }

KernelCounts kernel_counts() { return detail::counts(); }

}  // namespace basewise::nn
