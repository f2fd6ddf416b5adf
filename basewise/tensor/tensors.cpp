#include "basewise/tensor/tensors.h"

#include <dlfcn.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "basewise/core/choice.h"
#include "basewise/core/error.h"

namespace basewise {
namespace {

// A template would have to live in the header and bring its instantiations to every user;
// three thin overloads do not.
at::Tensor copy_in(const void* data, std::size_t count, std::size_t width, at::IntArrayRef sizes, at::ScalarType type) {
  std::int64_t expected = 1;
  for (const std::int64_t size : sizes) expected *= size;
  if (expected != static_cast<std::int64_t>(count))
    throw ShapeError(format("{} values do not fill a tensor of shape {} ({} values)", count, shape_text(sizes), expected));
  at::Tensor tensor = at::empty(sizes, at::TensorOptions().dtype(type));
  if (count > 0) std::memcpy(tensor.data_ptr(), data, count * width);
  return tensor;
}

void check_plain(const at::Tensor& tensor, at::ScalarType type) {
  if (!tensor.defined()) throw ArgumentError("an undefined tensor has no memory to look at");
  if (!tensor.device().is_cpu())
    throw ArgumentError(format("the tensor is on {}, expected cpu; call .cpu() first", tensor.device().str()));
  if (tensor.scalar_type() != type)
    throw ArgumentError(format("the tensor is {}, expected {}; convert it first", dtype_text(tensor.scalar_type()), dtype_text(type)));
  if (!tensor.is_contiguous())
    throw ArgumentError(format("the tensor of shape {} is not contiguous; call .contiguous() first", shape_text(tensor.sizes())));
}

template <class Draw>
void fill(at::Tensor& tensor, const Draw& draw) {
  if (!tensor.device().is_cpu()) throw ArgumentError("values are drawn on the cpu; fill first, then move the tensor to its device");
  const at::NoGradGuard no_grad;
  at::Tensor values = at::empty(tensor.sizes(), at::kDouble);
  double* data = values.mutable_data_ptr<double>();
  const std::int64_t n = values.numel();
  for (std::int64_t i = 0; i < n; ++i) data[i] = draw();
  tensor.copy_(values);
}

std::string expected_text(std::initializer_list<Axis> axes) {
  std::vector<std::string> parts;
  for (const Axis& axis : axes) parts.push_back(axis.size == Axis::kAny ? std::string(axis.name) : format("{} = {}", axis.name, axis.size));
  return format("({})", fmt::join(parts, ", "));
}

enum class DeviceKind { automatic, cpu, cuda };
constexpr auto words_of(DeviceKind) {
  return words<DeviceKind>({{DeviceKind::automatic, "auto"}, {DeviceKind::cpu, "cpu"}, {DeviceKind::cuda, "cuda"}});
}

int cuda_devices() { return at::hasCUDA() ? static_cast<int>(at::detail::getCUDAHooks().deviceCount()) : 0; }

// The number of a GPU that is there.
c10::DeviceIndex cuda_index(std::string_view device, std::string_view digits) {
  c10::DeviceIndex index = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (error != std::errc() || end != digits.data() + digits.size() || index < 0 || index >= cuda_devices())
    throw ArgumentError(format("unknown device '{}'; there are: cpu, cuda:0 to cuda:{}", device, cuda_devices() - 1));
  return index;
}

}  // namespace

at::Tensor to_tensor(std::span<const float> values, at::IntArrayRef sizes) {
  return copy_in(values.data(), values.size(), sizeof(float), sizes, at::kFloat);
}

at::Tensor to_tensor(std::span<const double> values, at::IntArrayRef sizes) {
  return copy_in(values.data(), values.size(), sizeof(double), sizes, at::kDouble);
}

at::Tensor to_tensor(std::span<const std::int64_t> values, at::IntArrayRef sizes) {
  return copy_in(values.data(), values.size(), sizeof(std::int64_t), sizes, at::kLong);
}

std::span<const float> float_span(const at::Tensor& tensor) {
  check_plain(tensor, at::kFloat);
  return {tensor.const_data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

std::span<float> mutable_float_span(at::Tensor& tensor) {
  check_plain(tensor, at::kFloat);
  return {tensor.mutable_data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

std::span<const std::int64_t> int64_span(const at::Tensor& tensor) {
  check_plain(tensor, at::kLong);
  return {tensor.const_data_ptr<std::int64_t>(), static_cast<std::size_t>(tensor.numel())};
}

void check_shape(const at::Tensor& tensor, std::string_view what, std::initializer_list<Axis> axes) {
  if (!tensor.defined()) throw ShapeError(format("tensor '{}' is undefined, expected {}", what, expected_text(axes)));
  const std::string start = format("tensor '{}' has shape {}, expected {}", what, shape_text(tensor.sizes()), expected_text(axes));
  if (tensor.dim() != static_cast<std::int64_t>(axes.size()))
    throw ShapeError(format("{}: {} axes instead of {}", start, tensor.dim(), axes.size()));
  std::int64_t i = 0;
  for (const Axis& axis : axes) {
    if (axis.size != Axis::kAny && tensor.size(i) != axis.size)
      throw ShapeError(format("{}: axis '{}' is {}", start, axis.name, tensor.size(i)));
    ++i;
  }
}

std::string shape_text(at::IntArrayRef sizes) { return format("({})", fmt::join(sizes.vec(), ", ")); }

std::string dtype_text(at::ScalarType type) {
  switch (type) {
    case at::kFloat: return "float32";
    case at::kDouble: return "float64";
    case at::kHalf: return "float16";
    case at::kBFloat16: return "bfloat16";
    case at::kLong: return "int64";
    case at::kInt: return "int32";
    case at::kShort: return "int16";
    case at::kChar: return "int8";
    case at::kByte: return "uint8";
    case at::kBool: return "bool";
    default: return c10::toString(type);
  }
}

void fill_uniform(at::Tensor& tensor, Stream draw, double low, double high) {
  fill(tensor, [&] { return draw.uniform(low, high); });
}

void fill_normal(at::Tensor& tensor, Stream draw, double mean, double standard_deviation) {
  fill(tensor, [&] { return mean + standard_deviation * draw.normal(); });
}

at::Tensor random_uniform(at::IntArrayRef sizes, Stream draw, double low, double high) {
  at::Tensor tensor = at::empty(sizes, at::kFloat);
  fill_uniform(tensor, draw, low, high);
  return tensor;
}

at::Tensor random_normal(at::IntArrayRef sizes, Stream draw, double mean, double standard_deviation) {
  at::Tensor tensor = at::empty(sizes, at::kFloat);
  fill_normal(tensor, draw, mean, standard_deviation);
  return tensor;
}

at::Tensor random_one_hot(std::int64_t n, std::int64_t length, Stream draw) {
  at::Tensor tensor = at::zeros({n, 4, length}, at::kFloat);
  float* data = tensor.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t l = 0; l < length; ++l) data[(i * 4 + static_cast<std::int64_t>(draw.below(4))) * length + l] = 1.0F;
  return tensor;
}

at::Device parse_device(std::string_view name) {
  const bool cuda = cuda_devices() > 0;
  const std::size_t colon = name.find(':');
  const bool indexed = colon != std::string_view::npos;
  const auto kind = find_choice<DeviceKind>(name.substr(0, colon));
  if (!kind || (indexed && *kind != DeviceKind::cuda))
    throw ArgumentError(format("unknown device '{}'; expected auto, cpu, cuda or cuda:INDEX", name));
  if (*kind == DeviceKind::cpu || (*kind == DeviceKind::automatic && !cuda)) return at::Device(at::kCPU);
  if (!cuda)
    throw ArgumentError(format("device '{}' was asked for, but torch sees no CUDA device here; there are: cpu", name));
  return at::Device(at::kCUDA, indexed ? cuda_index(name, name.substr(colon + 1)) : c10::DeviceIndex{0});
}

std::vector<std::pair<std::string, std::string>> tensor_facts() {
  Dl_info info{};
  const bool found = dladdr(reinterpret_cast<const void*>(&at::get_num_threads), &info) != 0 && info.dli_fname != nullptr;
  const bool cuda = cuda_devices() > 0;
  return {
      {"torch", TORCH_VERSION},
      {"torch library", found ? info.dli_fname : "unknown"},
      {"torch threads", format("{}", at::get_num_threads())},
      {"torch vector instructions", at::get_cpu_capability()},
      {"oneDNN", at::hasMKLDNN() ? "yes" : "no"},
      {"CUDA devices", cuda ? format("{}", cuda_devices()) : std::string("none")},
  };
}

}  // namespace basewise
