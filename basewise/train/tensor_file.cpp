#include "basewise/train/tensor_file.h"

#include <cstring>
#include <span>

#include "basewise/core/error.h"
#include "basewise/io/safetensors.h"
#include "basewise/tensor/tensors.h"

namespace basewise::train {
namespace {

constexpr std::pair<io::DType, at::ScalarType> kTypes[] = {
    {io::DType::f64, at::kDouble},  {io::DType::f32, at::kFloat}, {io::DType::f16, at::kHalf}, {io::DType::bf16, at::kBFloat16},
    {io::DType::i64, at::kLong},    {io::DType::i32, at::kInt},   {io::DType::i16, at::kShort}, {io::DType::i8, at::kChar},
    {io::DType::u8, at::kByte},     {io::DType::boolean, at::kBool}};

// Tensors as a safetensors file wants them: on the CPU, contiguous.
struct Views {
  std::vector<at::Tensor> kept;
  io::NamedTensors views;
};

Views views_of(const Bundle& bundle) {
  Views all;
  for (const auto& [name, tensor] : bundle) {
    const at::Tensor& t = all.kept.emplace_back(tensor.detach().to(at::kCPU).contiguous());
    const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& x) { return x.second == t.scalar_type(); });
    if (type == std::end(kTypes))
      throw InternalError(format("tensor '{}' has type {}, which no safetensors file holds", name, dtype_text(t.scalar_type())));
    const auto* bytes = static_cast<const std::byte*>(t.const_data_ptr());
    all.views.emplace_back(name, io::TensorView{type->first, t.sizes().vec(), std::span(bytes, t.nbytes())});
  }
  return all;
}

}  // namespace

void save_bundle(const Bundle& bundle, const std::filesystem::path& file) { io::write_safetensors(file, views_of(bundle).views); }

void save_bundle(const Bundle& bundle, std::ostream& out) { io::write_safetensors(out, views_of(bundle).views); }

Bundle load_bundle(const std::filesystem::path& file) {
  const io::SafetensorsFile source(file);
  Bundle bundle;
  for (const std::string& name : source.names()) {
    const io::TensorView& view = source.at(name);
    const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& x) { return x.first == view.dtype; });
    if (type == std::end(kTypes))
      throw DataError(format("{}: tensor '{}' has type {}, expected a type of torch", file.string(), name, io::name(view.dtype)));
    at::Tensor tensor = at::empty(view.shape, at::dtype(type->second));
    std::memcpy(tensor.mutable_data_ptr(), view.bytes.data(), view.bytes.size());
    bundle.set(name, tensor);
  }
  return bundle;
}

}  // namespace basewise::train
