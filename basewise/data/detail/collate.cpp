#include "basewise/data/detail/collate.h"

#include <cstring>

namespace basewise::data::detail {

namespace {

bool plain(const at::Tensor& tensor) { return tensor.device().is_cpu() && tensor.is_contiguous() && !tensor.requires_grad(); }

// An undefined tensor says that plain copies will not do.
at::Tensor copy_rows(const std::vector<Bundle>& examples, const std::string& name, const at::Tensor& first) {
  if (!plain(first)) return {};
  std::vector<std::int64_t> shape{static_cast<std::int64_t>(examples.size())};
  shape.insert(shape.end(), first.sizes().begin(), first.sizes().end());
  at::Tensor batch = at::empty(shape, first.options());
  auto* target = static_cast<char*>(batch.data_ptr());
  const std::size_t bytes = first.nbytes();
  for (const Bundle& example : examples) {
    if (!example.contains(name)) return {};
    const at::Tensor& row = example.at(name);
    if (!plain(row) || row.sizes() != first.sizes() || row.scalar_type() != first.scalar_type()) return {};
    if (bytes > 0) std::memcpy(target, row.const_data_ptr(), bytes);
    target += bytes;
  }
  return batch;
}

}  // namespace

Bundle collate(const std::vector<Bundle>& examples) {
  Bundle batch;
  if (examples.empty()) return batch;
  for (const auto& [name, first] : examples.front()) {
    at::Tensor rows = copy_rows(examples, name, first);
    if (!rows.defined()) return stack(examples);  // unequal shapes end in its error
    batch.set(name, std::move(rows));
  }
  return batch;
}

}  // namespace basewise::data::detail
