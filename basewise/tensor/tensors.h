// Helpers between plain memory and tensors, shape checks that name axes,
// draws from streams, devices and facts.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "basewise/core/random.h"
#include "basewise/tensor/torch.h"

namespace basewise {

/// A tensor of shape `sizes` with a copy of `values` (row-major).
/// Errors: ShapeError when the numbers do not fit.
at::Tensor to_tensor(std::span<const float> values, at::IntArrayRef sizes);
at::Tensor to_tensor(std::span<const double> values, at::IntArrayRef sizes);
at::Tensor to_tensor(std::span<const std::int64_t> values, at::IntArrayRef sizes);

/// The memory of a contiguous CPU tensor of exactly this type, row-major;
/// valid while the tensor lives.
/// Errors: ArgumentError that names device, type or layout that does not fit.
std::span<const float> float_span(const at::Tensor& tensor);
std::span<float> mutable_float_span(at::Tensor& tensor);
std::span<const std::int64_t> int64_span(const at::Tensor& tensor);

/// One axis of an expected shape.
struct Axis {
  static constexpr std::int64_t kAny = -1;
  std::string_view name;     ///< "N", "channels", "length"
  std::int64_t size = kAny;  ///< kAny: every size
};

/// Checks number and sizes of axes. `what` is named in the error:
/// "tensor 'sequence' has shape (3, 5, 37), expected (N, channels = 4, length): axis 'channels' is
/// 5".
/// Errors: ShapeError.
void check_shape(const at::Tensor& tensor, std::string_view what, std::initializer_list<Axis> axes);

/// "(3, 4, 37)"
std::string shape_text(at::IntArrayRef sizes);

/// "float32", "int64", ... as Python names them.
std::string dtype_text(at::ScalarType type);

/// Fills a CPU float tensor in row-major order from `draw`: the same stream gives the same values
/// on every machine, whatever the number of threads. Draws are made in double precision and rounded
/// to the tensor's type.
void fill_uniform(at::Tensor& tensor, Stream draw, double low, double high);
void fill_normal(at::Tensor& tensor, Stream draw, double mean, double standard_deviation);

/// float32 tensors of random values, for tests and initialisation.
at::Tensor random_uniform(at::IntArrayRef sizes, Stream draw, double low = 0.0, double high = 1.0);
at::Tensor random_normal(at::IntArrayRef sizes, Stream draw, double mean = 0.0, double standard_deviation = 1.0);

/// Random one-hot sequences (N, 4, L), float32.
at::Tensor random_one_hot(std::int64_t n, std::int64_t length, Stream draw);

/// "cpu", "cuda", "cuda:1", or "auto" (a CUDA device when there is one).
/// Errors: ArgumentError that says which devices there are.
at::Device parse_device(std::string_view name);

/// Name and value, for the manifest and `basewise doctor`: torch version, where its library lies,
/// threads, devices, vector instructions.
std::vector<std::pair<std::string, std::string>> tensor_facts();

}  // namespace basewise
