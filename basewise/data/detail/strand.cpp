#include "basewise/data/detail/strand.h"

#include <algorithm>
#include <cstring>

#include "basewise/core/error.h"
#include "basewise/seq/alphabet.h"
#include "basewise/seq/reverse_complement.h"

namespace basewise::data::detail {

namespace {

using Four [[gnu::vector_size(16)]] = std::uint32_t;

template <class T>
void reverse_range(T* begin, T* end) {
  std::reverse(begin, end);
}

// One-hot sequences and profiles are of this kind: four values at a time.
void reverse_range(std::uint32_t* begin, std::uint32_t* end) {
  while (end - begin >= 8) {
    end -= 4;
    Four front, back;
    std::memcpy(&front, begin, sizeof(Four));
    std::memcpy(&back, end, sizeof(Four));
    front = __builtin_shufflevector(front, front, 3, 2, 1, 0);
    back = __builtin_shufflevector(back, back, 3, 2, 1, 0);
    std::memcpy(begin, &back, sizeof(Four));
    std::memcpy(end, &front, sizeof(Four));
    begin += 4;
  }
  std::reverse(begin, end);
}

// Channels side by side, all blocks of `channels` rows.
template <class T>
void reverse_blocks(T* data, std::int64_t blocks, std::int64_t channels, std::int64_t length, StrandRule rule) {
  for (std::int64_t b = 0; b < blocks; ++b, data += channels * length) {
    if (rule == StrandRule::complemented) {
      // The last channel read backwards becomes the first: that is the whole block read backwards.
      reverse_range(data, data + channels * length);
      continue;
    }
    for (std::int64_t c = 0; c < channels; ++c) reverse_range(data + c * length, data + (c + 1) * length);
    for (std::int64_t c = 0; rule == StrandRule::paired && c + 1 < channels; c += 2)
      std::swap_ranges(data + c * length, data + (c + 1) * length, data + (c + 1) * length);
  }
}

void check_shape(at::IntArrayRef shape, StrandRule rule, std::string_view name) {
  if (shape.empty()) throw ShapeError(format("tensor '{}' has 0 axes; to be reverse-complemented it needs at least 1", name));
  const std::int64_t channels = shape[shape.size() < 2 ? 0 : shape.size() - 2];
  if (rule == StrandRule::paired && channels % 2 != 0)
    throw ShapeError(format("tensor '{}' has {} channels; strands come in pairs, so the number must be even", name, channels));
}

void reverse_tokens(const ExampleRow::Slot& slot) {
  if (slot.type != at::kByte)
    throw ShapeError(format("tensor '{}' holds {}; tokens are unsigned bytes", slot.name, at::toString(slot.type)));
  const std::int64_t length = slot.shape.back();
  auto* row = static_cast<seq::Token*>(slot.data);
  for (std::size_t done = 0; done < slot.bytes; done += static_cast<std::size_t>(length))
    seq::reverse_complement_in_place(std::span(row + done, static_cast<std::size_t>(length)));
}

}  // namespace

void reverse_in_place(const ExampleRow::Slot& slot, StrandRule rule) {
  if (rule == StrandRule::unchanged) return;
  check_shape(slot.shape, rule, slot.name);
  if (slot.bytes == 0) return;
  if (rule == StrandRule::tokens) return reverse_tokens(slot);
  // One axis under a rule of channels: numbers per channel, without positions.
  const bool channels_only = slot.shape.size() == 1 && rule != StrandRule::mirrored;
  const std::int64_t length = channels_only ? 1 : slot.shape.back();
  const std::int64_t channels = channels_only ? slot.shape.back() : slot.shape.size() >= 2 ? slot.shape[slot.shape.size() - 2] : 1;
  const std::size_t element = at::elementSize(slot.type);
  const std::int64_t blocks = static_cast<std::int64_t>(slot.bytes / element) / (channels * length);
  switch (element) {
    case 1:
      return reverse_blocks(static_cast<std::uint8_t*>(slot.data), blocks, channels, length, rule);
    case 2:
      return reverse_blocks(static_cast<std::uint16_t*>(slot.data), blocks, channels, length, rule);
    case 4:
      return reverse_blocks(static_cast<std::uint32_t*>(slot.data), blocks, channels, length, rule);
    case 8:
      return reverse_blocks(static_cast<std::uint64_t*>(slot.data), blocks, channels, length, rule);
    default:
      throw InternalError(format("tensor '{}' has elements of {} bytes", slot.name, element));
  }
}

void reverse_in_place(const ExampleRow::Slot& slot, const Field* field) {
  if (!field) return;
  reverse_in_place(slot, field->rule);
  const std::vector<std::int64_t>& partners = field->partners;
  if (partners.empty()) return;
  if (slot.shape.empty() || slot.shape[0] != std::ssize(partners))
    throw ShapeError(
        format("tensor '{}' does not have the {} channels that have partners on the other strand", slot.name, partners.size()));
  const std::size_t bytes = slot.bytes / partners.size();
  auto* data = static_cast<char*>(slot.data);
  for (std::size_t c = 0; c < partners.size(); ++c) {
    const auto other = static_cast<std::size_t>(partners[c]);
    if (other > c) std::swap_ranges(data + c * bytes, data + (c + 1) * bytes, data + other * bytes);
  }
}

at::Tensor copied(const at::Tensor& tensor) {
  const at::Tensor from = tensor.contiguous();
  at::Tensor to = at::empty(from.sizes(), from.options());
  if (from.nbytes() > 0) std::memcpy(to.data_ptr(), from.const_data_ptr(), from.nbytes());
  return to;
}

namespace {

template <class How>
at::Tensor reversed_copy(const at::Tensor& tensor, How how, std::string_view name) {
  at::Tensor to = copied(tensor);
  reverse_in_place({name, to.scalar_type(), to.sizes(), to.nbytes(), to.data_ptr()}, how);
  return to;
}

}  // namespace

at::Tensor reversed(const at::Tensor& tensor, StrandRule rule, std::string_view name) {
  return rule == StrandRule::unchanged ? tensor : reversed_copy(tensor, rule, name);
}

at::Tensor reversed(const at::Tensor& tensor, const Field* field, std::string_view name) {
  const bool stays = !field || (field->rule == StrandRule::unchanged && field->partners.empty());
  return stays ? tensor : reversed_copy(tensor, field, name);
}

}  // namespace basewise::data::detail
