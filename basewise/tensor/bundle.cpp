#include "basewise/tensor/bundle.h"

#include <algorithm>

#include "basewise/core/error.h"

namespace basewise {

Bundle::Bundle(std::initializer_list<Item> items) {
  for (const Item& item : items) set(item.first, item.second);
}

bool Bundle::contains(std::string_view name) const {
  return std::any_of(items_.begin(), items_.end(), [&](const Item& item) { return item.first == name; });
}

const at::Tensor& Bundle::at(std::string_view name) const {
  for (const Item& item : items_)
    if (item.first == name) return item.second;
  throw ArgumentError(format("no tensor named '{}' here; there are: {}", name, fmt::join(names(), ", ")));
}

void Bundle::set(std::string name, at::Tensor value) {
  for (Item& item : items_)
    if (item.first == name) {
      item.second = std::move(value);
      return;
    }
  items_.emplace_back(std::move(name), std::move(value));
}

void Bundle::erase(std::string_view name) {
  std::erase_if(items_, [&](const Item& item) { return item.first == name; });
}

std::vector<std::string> Bundle::names() const {
  std::vector<std::string> names;
  names.reserve(items_.size());
  for (const Item& item : items_) names.push_back(item.first);
  return names;
}

Bundle Bundle::to(at::Device device) const {
  Bundle moved;
  for (const Item& item : items_) moved.set(item.first, item.second.to(device, /*non_blocking=*/true));
  return moved;
}

namespace {

std::string shape_text(const at::Tensor& tensor) { return format("({})", fmt::join(tensor.sizes().vec(), ", ")); }

// Gathers tensor `name` of every part; the first part says which names there must be.
std::vector<at::Tensor> gather(const std::vector<Bundle>& parts, const std::string& name, bool whole_shape) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].contains(name))
      throw ShapeError(format("example {} has no tensor '{}'; it has: {}", i, name, fmt::join(parts[i].names(), ", ")));
    const at::Tensor& tensor = parts[i].at(name);
    if (whole_shape && !tensors.empty() && tensor.sizes() != tensors.front().sizes())
      throw ShapeError(format("tensor '{}': example {} has shape {}, example 0 has {}; examples of a batch must agree", name, i,
                              shape_text(tensor), shape_text(tensors.front())));
    tensors.push_back(tensor);
  }
  return tensors;
}

}  // namespace

Bundle stack(const std::vector<Bundle>& examples) {
  Bundle batch;
  if (examples.empty()) return batch;
  for (const auto& [name, first] : examples.front()) batch.set(name, at::stack(gather(examples, name, true)));
  return batch;
}

at::Tensor concatenate(std::vector<at::Tensor> batches) {
  const at::Tensor& first = batches.front();
  if (first.dim() != 3 || first.is_contiguous() || first.stride(1) != 1) return at::cat(batches);
  for (at::Tensor& batch : batches) batch = batch.transpose(1, 2);  // torch alone would turn the result around
  return at::cat(batches).transpose(1, 2);
}

Bundle concatenate(const std::vector<Bundle>& batches) {
  Bundle whole;
  if (batches.empty()) return whole;
  for (const auto& [name, first] : batches.front()) whole.set(name, concatenate(gather(batches, name, false)));
  return whole;
}

std::int64_t batch_size(const Bundle& batch) {
  std::int64_t size = -1;
  std::string of;
  for (const auto& [name, tensor] : batch) {
    if (tensor.dim() == 0) throw ShapeError(format("tensor '{}' is a scalar and has no batch axis", name));
    if (size >= 0 && tensor.size(0) != size)
      throw ShapeError(format("tensor '{}' has {} rows, '{}' has {}; a batch has one number of rows", name, tensor.size(0), of, size));
    size = tensor.size(0);
    of = name;
  }
  return std::max<std::int64_t>(size, 0);
}

std::string to_string(const Bundle& bundle) {
  std::vector<std::string> parts;
  for (const auto& [name, tensor] : bundle)
    parts.push_back(format("{} {} {}", name, shape_text(tensor), c10::toString(tensor.scalar_type())));
  return fmt::to_string(fmt::join(parts, ", "));
}

}  // namespace basewise
