#include "basewise/seq/token_buffer.h"

#include <algorithm>
#include <new>

#include "basewise/core/raw_array.h"

namespace basewise::seq {
namespace {

constexpr std::size_t kFirst = 4096;

}  // namespace

bool TokenBuffer::try_fresh(std::size_t capacity) {
  try {
    memory_.reset(static_cast<Token*>(allocate_raw(capacity)));
  } catch (const std::bad_alloc&) {
    return false;
  }
  capacity_ = capacity;
  return true;
}

void TokenBuffer::reserve(std::size_t count) {
  if (size_ == 0 && count > capacity_) try_fresh(count);
}

std::span<Token> TokenBuffer::grow(std::size_t count) {
  if (count > capacity_ - size_ && !(size_ == 0 && try_fresh(std::max(count, kFirst)))) reallocate(std::max(size_ + count, 2 * capacity_));
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
  capacity_ = capacity;
}

}  // namespace basewise::seq
