#include "basewise/ops/kernels.h"

#include "basewise/core/error.h"
#include "basewise/ops/native.h"

namespace basewise::ops {
namespace {

Kernels& choice() {
  thread_local Kernels chosen = Kernels::basewise;
  return chosen;
}

}  // namespace

Kernels kernels_named(const std::string& name) {
  const Kernels kernels = parse_choice<Kernels>(name, "kernels");
  if (kernels == Kernels::bfloat16 && !kernels::has_bfloat16())
    throw ArgumentError(
        "kernels 'bfloat16' need a processor that multiplies such numbers (AVX512_BF16), which this one does not; use 'basewise'");
  return kernels;
}

KernelScope::KernelScope(Kernels kernels) : before_(choice()) { choice() = kernels; }
KernelScope::~KernelScope() { choice() = before_; }

void choose_kernels(Kernels kernels) { choice() = kernels; }

Kernels chosen_kernels() { return choice(); }

kernels::Run kernel_run() { return native_run(); }

KernelCounts kernel_counts() { return counts(); }

}  // namespace basewise::ops
