#include "basewise/data/detail/shift.h"

#include <algorithm>
#include <cstring>

#include "basewise/core/error.h"
#include "basewise/seq/alphabet.h"

namespace basewise::data::detail {

namespace {

template <class T>
void shift_values(T* data, std::size_t rows, std::size_t length, std::int64_t shift, T fill) {
  const std::size_t by = std::min(length, static_cast<std::size_t>(shift < 0 ? -shift : shift)), kept = length - by;
  for (std::size_t row = 0; row < rows; ++row, data += length) {
    std::memmove(shift > 0 ? data + by : data, shift > 0 ? data : data + by, kept * sizeof(T));
    std::fill_n(shift > 0 ? data : data + kept, by, fill);
  }
}

}  // namespace

void shift_sequence(const ExampleRow::Slot& slot, std::int64_t shift) {
  if (slot.shape.empty() || slot.bytes == 0) return;
  const auto length = static_cast<std::size_t>(slot.shape.back());
  const std::size_t rows = slot.bytes / at::elementSize(slot.type) / length;
  if (slot.type == at::kByte) return shift_values(static_cast<seq::Token*>(slot.data), rows, length, shift, seq::kN);
  if (slot.type != at::kFloat)
    throw ShapeError(format("tensor '{}' holds {}; a sequence is float or tokens", slot.name, at::toString(slot.type)));
  shift_values(static_cast<float*>(slot.data), rows, length, shift, 0.0F);
}

}  // namespace basewise::data::detail
