#include "basewise/tensor/letters.h"

namespace basewise {

bool is_letters(const at::Tensor& x) { return x.defined() && x.scalar_type() == at::kByte && x.dim() == 2; }

at::Tensor one_hot_of(const at::Tensor& letters, at::ScalarType type) {
  return (letters.unsqueeze(2) == at::arange(4, letters.options())).to(type).transpose(1, 2);
}

at::Tensor reverse_complement_letters(const at::Tensor& letters) { return at::where(letters < 4, 3 - letters, letters).flip(1); }

}  // namespace basewise
