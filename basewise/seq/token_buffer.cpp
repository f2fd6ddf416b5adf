#include "basewise/seq/token_buffer.h"

#include <algorithm>
#include <new>

#include <sys/mman.h>

namespace basewise::seq {
namespace {

constexpr std::size_t kHugePage = std::size_t{1} << 21;

// Large pages make first touch and look-up of a chromosome several times cheaper; a system without them says no, which does no harm.
void ask_for_huge_pages(void* memory, std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  const auto begin = (reinterpret_cast<std::uintptr_t>(memory) + kHugePage - 1) / kHugePage * kHugePage;
  const auto end = (reinterpret_cast<std::uintptr_t>(memory) + bytes) / kHugePage * kHugePage;
  if (begin < end) static_cast<void>(::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE));
#endif
}

}  // namespace

std::span<Token> TokenBuffer::grow(std::size_t count) {
  if (count > capacity_ - size_) reallocate(std::max(size_ + count, 2 * capacity_));
  size_ += count;
  return {memory_.get() + size_ - count, count};
}

void TokenBuffer::shrink() {
  if (capacity_ - size_ > 4096) reallocate(std::max<std::size_t>(size_, 1));
}

void TokenBuffer::reallocate(std::size_t capacity) {
  void* moved = std::realloc(memory_.get(), capacity);
  if (!moved) throw std::bad_alloc();
  static_cast<void>(memory_.release());
  memory_.reset(static_cast<Token*>(moved));
  if (capacity > capacity_ && capacity >= 2 * kHugePage) ask_for_huge_pages(moved, capacity);
  capacity_ = capacity;
}

}  // namespace basewise::seq
