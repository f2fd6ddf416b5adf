#include "basewise/motifs/detail/compare_loops.h"

#include "basewise/core/error.h"

namespace basewise::motifs::detail {

const CompareLoops& compare_loops(kernels::Isa isa) {
  switch (isa) {
    case kernels::Isa::portable:
      return compare_loops_portable;
#if defined(__x86_64__)
    case kernels::Isa::avx2:
      return compare_loops_avx2;
    case kernels::Isa::avx512:
      return compare_loops_avx512;
#else
    default:
      return compare_loops_portable;
#endif
  }
  throw InternalError("unknown instruction set");
}

}  // namespace basewise::motifs::detail
