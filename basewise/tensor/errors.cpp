#include "basewise/tensor/errors.h"

#include <new>
#include <string_view>

#include "basewise/core/error.h"

namespace basewise {

bool is_out_of_memory(const c10::Error& error) {
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  // The allocator of the processor throws the plain type.
  return std::string_view(error.what_without_backtrace()).find("can't allocate memory") != std::string_view::npos;
}

void throw_translated(const c10::Error& error) {
  if (is_out_of_memory(error)) throw std::bad_alloc();
  throw InternalError(format("libtorch: {}", error.what_without_backtrace()));
}

}  // namespace basewise
