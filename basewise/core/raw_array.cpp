#include "basewise/core/raw_array.h"

#include <algorithm>
#include <new>

#include <sys/mman.h>

namespace basewise {

void* allocate_raw(std::size_t bytes) {
  constexpr std::size_t kHugePage = std::size_t{1} << 21;
  if (bytes < 2 * kHugePage) {
    if (void* memory = std::malloc(std::max<std::size_t>(bytes, 1))) return memory;
    throw std::bad_alloc();
  }
  const std::size_t rounded = (bytes + kHugePage - 1) / kHugePage * kHugePage;
  void* memory = rounded < bytes ? nullptr : std::aligned_alloc(kHugePage, rounded);
  if (!memory) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  static_cast<void>(::madvise(memory, rounded, MADV_HUGEPAGE));  // advice: a refusal does no harm
#endif
  return memory;
}

}  // namespace basewise
