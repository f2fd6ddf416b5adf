#include "basewise/data/detail/labels.h"

#include <cmath>

namespace basewise::data::detail {

void add_labels(Schema& schema, const std::string& target, const std::vector<std::string>& names, bool masked) {
  if (names.empty()) return;
  schema.add({.name = target, .shape = {std::ssize(names)}, .role = Role::target, .channels = names});
  if (masked) schema.add_mask(target);
}

void write_labels(const ExampleRow& row, const std::string& target, std::span<const float> labels, bool masked) {
  auto* values = row.data<float>(target);
  bool* mask = masked ? row.data<bool>(target + ".mask") : nullptr;
  for (std::size_t t = 0; t < labels.size(); ++t) {
    values[t] = std::isnan(labels[t]) ? 0 : labels[t];
    if (masked) mask[t] = !std::isnan(labels[t]);
  }
}

}  // namespace basewise::data::detail
