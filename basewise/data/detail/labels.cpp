#include "basewise/data/detail/labels.h"

#include <cmath>

namespace basewise::data::detail {

void set_labels(Bundle& example, std::span<const float> labels, bool masked) {
  const auto count = static_cast<std::int64_t>(labels.size());
  at::Tensor values = at::empty({count}, at::kFloat);
  at::Tensor mask = at::empty({count}, at::kBool);
  for (std::int64_t t = 0; t < count; ++t) {
    const float label = labels[static_cast<std::size_t>(t)];
    values.data_ptr<float>()[t] = std::isnan(label) ? 0 : label;
    mask.data_ptr<bool>()[t] = !std::isnan(label);
  }
  example.set("labels", values);
  if (masked) example.set("labels.mask", mask);
}

}  // namespace basewise::data::detail
