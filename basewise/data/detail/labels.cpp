#include "basewise/data/detail/labels.h"

#include <cmath>

namespace basewise::data::detail {

void add_blank_labels(Bundle& example, std::size_t tasks, bool masked) {
  const auto count = static_cast<std::int64_t>(tasks);
  example.set("labels", at::zeros({count}, at::kFloat));
  if (masked) example.set("labels.mask", at::zeros({count}, at::kBool));
}

void write_labels(const ExampleRow& row, std::span<const float> labels, bool masked) {
  auto* values = row.data<float>("labels");
  bool* mask = masked ? row.data<bool>("labels.mask") : nullptr;
  for (std::size_t t = 0; t < labels.size(); ++t) {
    values[t] = std::isnan(labels[t]) ? 0 : labels[t];
    if (masked) mask[t] = !std::isnan(labels[t]);
  }
}

}  // namespace basewise::data::detail
