// Which kernels compute convolutions on a CPU.
#pragma once

#include <cstdint>
#include <string>

#include "basewise/core/choice.h"
#include "basewise/kernels/shape.h"

namespace basewise::ops {

/// Where convolutions and what is fused with them are computed, for numbers in single precision on
/// a CPU. Anything else is torch's.
enum class Kernels {
  basewise,  ///< the module `kernels`
  bfloat16,  ///< the same with inputs and weights of convolutions rounded to bfloat16, where the processor multiplies such numbers
  torch,
};
constexpr auto words_of(Kernels) {
  return words<Kernels>({{Kernels::basewise, "basewise", "on every processor"},
                         {Kernels::bfloat16, "bfloat16", "convolutions round to bfloat16"},
                         {Kernels::torch, "torch", "those of libtorch"}});
}

/// The kernels called "basewise", "bfloat16" or "torch".
/// Errors: ArgumentError, also for bfloat16 on a processor without it.
Kernels kernels_named(const std::string& name);

/// Chooses kernels within a scope on this thread; the choice before comes back at its end. A
/// backward pass uses the library that its forward pass used, and rounds to bfloat16 where it runs
/// within such a scope itself.
class KernelScope {
 public:
  explicit KernelScope(Kernels kernels);
  ~KernelScope();
  KernelScope(const KernelScope&) = delete;
  KernelScope& operator=(const KernelScope&) = delete;

 private:
  Kernels before_;
};

/// Chooses for the rest of the innermost scope of this thread.
void choose_kernels(Kernels kernels);

/// What is chosen on this thread.
Kernels chosen_kernels();

/// How kernels run beside torch: on the threads that it computes with, with the instruction set of
/// the process.
kernels::Run kernel_run();

/// Convolutions of this thread since the thread began, by who computed them: a kernel that falls
/// back silently shows here.
struct KernelCounts {
  std::int64_t basewise = 0;
  std::int64_t torch = 0;
  std::int64_t plain = 0;  ///< steps of plans of prediction that were left to the plain layers, convolutions or not
};
KernelCounts kernel_counts();

}  // namespace basewise::ops
