// Large arrays that are not cleared before they are filled.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>
#include <type_traits>

namespace basewise {

/// Memory for `bytes` bytes, undefined content, to be given to std::free. Large blocks lie on large
/// pages where the system has them: first touch and look-up of hundreds of megabytes then cost a
/// fraction.
/// Errors: std::bad_alloc.
void* allocate_raw(std::size_t bytes);

/// A fixed number of numbers with undefined content at first.
template <class T>
class RawArray {
  static_assert(std::is_trivial_v<T>);

 public:
  RawArray() = default;
  explicit RawArray(std::size_t size) { resize(size); }

  /// Another size, with undefined content; memory that is there and large enough is used again.
  void resize(std::size_t size) {
    if (size > capacity_) {
      memory_.reset();
      capacity_ = size_ = 0;
      memory_.reset(static_cast<T*>(allocate_raw(size * sizeof(T))));
      capacity_ = size;
    }
    size_ = size;
  }

  std::size_t size() const { return size_; }
  T* data() { return memory_.get(); }
  const T* data() const { return memory_.get(); }
  std::span<T> span() { return {memory_.get(), size_}; }
  std::span<const T> span() const { return {memory_.get(), size_}; }
  const T& operator[](std::size_t i) const { return memory_[i]; }

 private:
  struct Free {
    void operator()(T* memory) const { std::free(memory); }
  };
  std::unique_ptr<T[], Free> memory_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace basewise
