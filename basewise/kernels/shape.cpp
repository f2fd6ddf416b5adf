#include "basewise/kernels/shape.h"

#include "basewise/core/error.h"

namespace basewise::kernels {

void check(const ConvShape& s) {
  const auto at_least = [](const char* field, std::int64_t value, std::int64_t least) {
    if (value < least) throw ArgumentError(format("convolution: {} is {}; it must be at least {}", field, value, least));
  };
  at_least("batch", s.batch, 0);
  at_least("length", s.length, 0);
  at_least("channels", s.channels, 1);
  at_least("filters", s.filters, 1);
  at_least("width", s.width, 1);
  at_least("stride", s.stride, 1);
  at_least("dilation", s.dilation, 1);
  at_least("groups", s.groups, 1);
  at_least("pad_left", s.pad_left, 0);
  at_least("pad_right", s.pad_right, 0);
  if (s.channels % s.groups != 0 || s.filters % s.groups != 0)
    throw ArgumentError(format("convolution: {} channels and {} filters; groups = {} must divide both", s.channels, s.filters, s.groups));
  if (s.output_length() < 1)
    throw ArgumentError(
        format("convolution: a kernel that spans {} positions does not fit {} positions with {} of padding", s.span(),
               s.length, s.pad_left + s.pad_right));
}

}  // namespace basewise::kernels
