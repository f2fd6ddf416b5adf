#include "basewise/data/detail/strand.h"

#include <algorithm>
#include <vector>

#include "basewise/core/error.h"

namespace basewise::data::detail {

namespace {

// Row r of the result is row source[r], run backwards. `T` only has to have the size of an element.
template <class T>
void reverse_rows(const at::Tensor& from, at::Tensor& to, const std::vector<std::int64_t>& source, std::int64_t length) {
  const auto* in = static_cast<const T*>(from.const_data_ptr());
  auto* out = static_cast<T*>(to.data_ptr());
  for (const std::int64_t row : source) {
    std::reverse_copy(in + row * length, in + (row + 1) * length, out);
    out += length;
  }
}

// Which channel stands at place c after the strands have swapped.
std::int64_t source_channel(std::int64_t c, std::int64_t channels, StrandRule rule) {
  if (rule == StrandRule::complemented) return channels - 1 - c;
  return rule == StrandRule::paired ? (c ^ 1) : c;
}

std::vector<std::int64_t> source_rows(const at::Tensor& tensor, StrandRule rule) {
  const std::int64_t channels = tensor.dim() >= 2 ? tensor.size(-2) : 1;
  const std::int64_t length = tensor.size(-1);
  const std::int64_t blocks = length == 0 || channels == 0 ? 0 : tensor.numel() / (channels * length);
  std::vector<std::int64_t> rows;
  for (std::int64_t b = 0; b < blocks; ++b)
    for (std::int64_t c = 0; c < channels; ++c) rows.push_back(b * channels + source_channel(c, channels, rule));
  return rows;
}

void check_shape(const at::Tensor& tensor, StrandRule rule, std::string_view name) {
  const std::int64_t needed = rule == StrandRule::mirrored ? 1 : 2;
  if (tensor.dim() < needed)
    throw ShapeError(format("tensor '{}' has {} axes; to be reverse-complemented it needs at least {}", name, tensor.dim(), needed));
  if (rule == StrandRule::paired && tensor.size(-2) % 2 != 0)
    throw ShapeError(format("tensor '{}' has {} channels; strands come in pairs, so the number must be even", name, tensor.size(-2)));
}

}  // namespace

at::Tensor reversed(const at::Tensor& tensor, StrandRule rule, std::string_view name) {
  if (rule == StrandRule::unchanged) return tensor;
  check_shape(tensor, rule, name);
  const at::Tensor from = tensor.contiguous();
  at::Tensor to = at::empty(from.sizes(), from.options());
  const std::vector<std::int64_t> rows = source_rows(from, rule);
  switch (from.element_size()) {
    case 1:
      reverse_rows<std::uint8_t>(from, to, rows, from.size(-1));
      break;
    case 2:
      reverse_rows<std::uint16_t>(from, to, rows, from.size(-1));
      break;
    case 4:
      reverse_rows<std::uint32_t>(from, to, rows, from.size(-1));
      break;
    case 8:
      reverse_rows<std::uint64_t>(from, to, rows, from.size(-1));
      break;
    default:
      throw InternalError(format("tensor '{}' has elements of {} bytes", name, from.element_size()));
  }
  return to;
}

StrandRule rule_of(const Dataset& dataset, std::string_view name) {
  constexpr std::string_view kMask = ".mask";
  if (name.ends_with(kMask)) name.remove_suffix(kMask.size());
  return dataset.strand_rule(name);
}

}  // namespace basewise::data::detail
