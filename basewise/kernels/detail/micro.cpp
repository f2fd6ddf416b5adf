#include "basewise/kernels/detail/micro.h"

#include "basewise/core/error.h"
#include "basewise/kernels/isa.h"

namespace basewise::kernels::detail {

extern const Micro micro_portable;
#if defined(__x86_64__)
extern const Micro micro_avx2;
extern const Micro micro_avx512;
#endif

const Micro* micro_or_null(Isa isa) {
  switch (isa) {
    case Isa::portable: return &micro_portable;
#if defined(__x86_64__)
    case Isa::avx2: return &micro_avx2;
    case Isa::avx512: return &micro_avx512;
#else
    default: break;
#endif
  }
  return nullptr;
}

const Micro& micro(Isa isa) {
  const Micro* found = micro_or_null(isa);
  if (found == nullptr) throw InternalError(format("kernels for {} are not part of this build", name(isa)));
  return *found;
}

}  // namespace basewise::kernels::detail
