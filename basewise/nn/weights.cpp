#include "basewise/nn/weights.h"

#include <cstring>

#include "basewise/core/error.h"
#include "basewise/core/version.h"
#include "basewise/io/safetensors.h"
#include "basewise/tensor/tensors.h"

namespace basewise::nn {
namespace {

struct TypePair {
  at::ScalarType tensor;
  io::DType file;
};

constexpr TypePair kTypePairs[] = {
    {at::kFloat, io::DType::f32}, {at::kDouble, io::DType::f64}, {at::kHalf, io::DType::f16},  {at::kBFloat16, io::DType::bf16},
    {at::kLong, io::DType::i64},  {at::kInt, io::DType::i32},    {at::kShort, io::DType::i16}, {at::kChar, io::DType::i8},
    {at::kByte, io::DType::u8},   {at::kBool, io::DType::boolean}};

io::DType file_type(at::ScalarType type) {
  for (const TypePair& pair : kTypePairs)
    if (pair.tensor == type) return pair.file;
  throw ArgumentError(format("tensors of type {} cannot be saved as weights", dtype_text(type)));
}

std::optional<at::ScalarType> tensor_type(io::DType type) {
  for (const TypePair& pair : kTypePairs)
    if (pair.file == type) return pair.tensor;
  return std::nullopt;
}

std::vector<std::pair<std::string, at::Tensor>> all_tensors(const Model& model) {
  std::vector<std::pair<std::string, at::Tensor>> all;
  for (const auto& item : model.named_parameters()) all.emplace_back(item.key(), item.value());
  for (const auto& item : model.named_buffers()) all.emplace_back(item.key(), item.value());
  return all;
}

at::Tensor copy_of(const io::TensorView& view, at::ScalarType type) {
  at::Tensor tensor = at::empty(view.shape, at::TensorOptions().dtype(type));
  if (!view.bytes.empty()) std::memcpy(tensor.data_ptr(), view.bytes.data(), view.bytes.size());
  return tensor;
}

// Why the array of a file cannot become this tensor; empty if it can.
std::string misfit(const std::string& name, const at::Tensor& tensor, const io::TensorView& view) {
  if (tensor.sizes() != at::IntArrayRef(view.shape))
    return format("{}: file {}, model {}", name, shape_text(view.shape), shape_text(tensor.sizes()));
  const auto type = tensor_type(view.dtype);
  const bool both_real = type && at::isFloatingType(*type) && at::isFloatingType(tensor.scalar_type());
  if (!type || (*type != tensor.scalar_type() && !both_real))
    return format("{}: file {}, model {}", name, io::name(view.dtype), dtype_text(tensor.scalar_type()));
  return {};
}

std::string list_text(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 10;
  if (names.size() <= kShown) return fmt::to_string(fmt::join(names, ", "));
  return format("{} and {} more", fmt::join(names.begin(), names.begin() + kShown, ", "), names.size() - kShown);
}

}  // namespace

std::string LoadReport::to_string() const {
  std::string text = format("{} tensors match", loaded.size());
  if (!missing.empty()) text += format("; {} missing in the file: {}", missing.size(), list_text(missing));
  if (!unexpected.empty()) text += format("; {} unknown to the model: {}", unexpected.size(), list_text(unexpected));
  if (!mismatched.empty()) text += format("; {} of another shape or type: {}", mismatched.size(), list_text(mismatched));
  return text;
}

void check_finite(const std::string& name, const at::Tensor& tensor, const std::string& origin) {
  if (!at::isFloatingType(tensor.scalar_type())) return;
  const at::Tensor finite = tensor.isfinite();
  if (finite.all().item<bool>()) return;
  const auto bad = tensor.numel() - finite.sum().item<std::int64_t>();
  throw StateError(
      format("{}: {} is not finite: {} of its {} values are nan or inf, so that what the model computes means nothing. The "
             "training diverged or the file is damaged: train anew (a smaller train.optimizer.learning_rate), or take other weights",
             origin, name, bad, tensor.numel()));
}

void save_weights(const Model& model, const std::filesystem::path& file) {
  std::vector<at::Tensor> kept;
  io::NamedTensors arrays;
  for (const auto& [name, tensor] : all_tensors(model)) {
    kept.push_back(tensor.detach().cpu().contiguous());
    const at::Tensor& plain = kept.back();
    const std::span<const std::byte> bytes(static_cast<const std::byte*>(plain.const_data_ptr()), static_cast<std::size_t>(plain.nbytes()));
    arrays.emplace_back(name, io::TensorView{file_type(plain.scalar_type()), plain.sizes().vec(), bytes});
  }
  io::write_safetensors(file, arrays, {{"format", "pt"}, {"basewise_version", version()}});
}

LoadReport load_weights(Model& model, const std::filesystem::path& path, bool strict) {
  const io::SafetensorsFile file(path);
  LoadReport report;
  std::vector<std::pair<at::Tensor, at::Tensor>> copies;
  const auto tensors = all_tensors(model);
  for (const auto& [name, tensor] : tensors) {
    if (!file.contains(name)) {
      report.missing.push_back(name);
      continue;
    }
    const io::TensorView& view = file.at(name);
    if (std::string problem = misfit(name, tensor, view); !problem.empty()) {
      report.mismatched.push_back(std::move(problem));
      continue;
    }
    copies.emplace_back(tensor, copy_of(view, *tensor_type(view.dtype)));
    check_finite(name, copies.back().second.to(tensor.scalar_type()), path.string());
    report.loaded.push_back(name);
  }
  for (const std::string& name : file.names())
    if (std::none_of(tensors.begin(), tensors.end(), [&](const auto& item) { return item.first == name; }))
      report.unexpected.push_back(name);
  if (strict && !report.complete())
    throw StateError(
        format("the weights in {} do not fit the model: {}; nothing was loaded. Check that model.toml belongs to these weights",
               path.string(), report.to_string()));
  const at::NoGradGuard no_grad;
  for (auto& [target, source] : copies) target.copy_(source);
  return report;
}

}  // namespace basewise::nn
