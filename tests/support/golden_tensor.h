// Golden arrays that Python wrote.
#pragma once

#include <cstring>
#include <filesystem>
#include <string>

#include "basewise/core/error.h"
#include "basewise/io/safetensors.h"
#include "basewise/tensor/torch.h"

namespace basewise {

/// An array of single precision.
inline at::Tensor golden_tensor(const std::filesystem::path& file, const std::string& name) {
  const io::SafetensorsFile all(file);
  const io::TensorView& view = all.at(name);
  at::Tensor values = at::empty(at::IntArrayRef(view.shape.data(), view.shape.size()), at::kFloat);
  if (view.bytes.size() != values.nbytes()) throw DataError(format("{} is not of single precision", name));
  std::memcpy(values.mutable_data_ptr(), view.bytes.data(), view.bytes.size());
  return values;
}

}  // namespace basewise
