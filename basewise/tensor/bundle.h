// Named tensors: what a dataset yields, what a model takes and gives.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "basewise/tensor/torch.h"

namespace basewise {

/// Tensors by name, in the order in which they were put in. Small: look-up is linear.
///
/// By convention `x.mask` (bool or float, same leading shape as `x`) tells where `x` was measured
/// (1) and where it is missing (0); no mask means measured everywhere.
class Bundle {
 public:
  using Item = std::pair<std::string, at::Tensor>;
  Bundle() = default;
  Bundle(std::initializer_list<Item> items);

  bool contains(std::string_view name) const;

  /// Errors: ArgumentError that lists the names there are.
  const at::Tensor& at(std::string_view name) const;

  /// Adds or replaces.
  void set(std::string name, at::Tensor value);
  void erase(std::string_view name);

  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  std::vector<std::string> names() const;

  /// Every tensor moved (non_blocking where possible).
  Bundle to(at::Device device) const;

 private:
  std::vector<Item> items_;
};

/// Stacks equal-shaped examples along a new first axis: (C, L) becomes (N, C, L).
/// Errors: ShapeError naming the tensor and the example.
Bundle stack(const std::vector<Bundle>& examples);

/// Concatenates batches along the first axis. Where the channels of a position are neighbours in
/// memory, (N, C, L), they stay neighbours.
at::Tensor concatenate(std::vector<at::Tensor> batches);
Bundle concatenate(const std::vector<Bundle>& batches);

/// Number of rows of the first tensor; all tensors must agree (ShapeError).
std::int64_t batch_size(const Bundle& batch);

/// "sequence (3, 4, 37) float32, labels (3, 5) float32"
std::string to_string(const Bundle& bundle);

}  // namespace basewise
