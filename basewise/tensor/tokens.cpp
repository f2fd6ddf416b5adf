#include "basewise/tensor/tokens.h"

#include <algorithm>
#include <atomic>

namespace basewise {
namespace {

/// Tokens of one example, whose bases are `base_step` and whose channels `channel_step` numbers
/// apart; false where it is not one-hot.
bool read_tokens(const float* x, std::int64_t channel_step, std::int64_t base_step, std::int64_t length, std::uint8_t* tokens) {
  int odd = 0;  // one branch for all bases lets the compiler take several at a time
  for (std::int64_t l = 0; l < length; ++l) {
    const float *at = x + l * base_step, a = at[0], c = at[channel_step], g = at[2 * channel_step], t = at[3 * channel_step];
    const int is_a = a == 1.0f, is_c = c == 1.0f, is_g = g == 1.0f, is_t = t == 1.0f;
    const int ones = is_a + is_c + is_g + is_t, zeros = (a == 0.0f) + (c == 0.0f) + (g == 0.0f) + (t == 0.0f);
    odd |= (ones > 1) | (ones + zeros != 4);
    tokens[l] = static_cast<std::uint8_t>(is_c + 2 * is_g + 3 * is_t + 4 * (1 - ones));
  }
  return odd == 0;
}

}  // namespace

bool is_tokens(const at::Tensor& x) { return x.defined() && x.scalar_type() == at::kByte && x.dim() == 2; }

at::Tensor one_hot_of(const at::Tensor& tokens, at::ScalarType type) {
  return (tokens.unsqueeze(2) == at::arange(4, tokens.options())).to(type).transpose(1, 2);
}

std::optional<at::Tensor> tokens_of(const at::Tensor& x) {
  if (!x.defined() || x.dim() != 3 || x.size(1) != 4 || x.scalar_type() != at::kFloat || !x.is_cpu() ||
      x.layout() != at::kStrided)
    return {};
  constexpr std::int64_t kBasesPerTask = 1 << 13;
  const std::int64_t n = x.size(0), length = x.size(2);
  at::Tensor tokens = at::empty({n, length}, x.options().dtype(at::kByte).requires_grad(std::nullopt));
  const auto* from = x.const_data_ptr<float>();
  auto* to = tokens.mutable_data_ptr<std::uint8_t>();
  std::atomic<bool> one_hot{true};
  at::parallel_for(0, n, std::max<std::int64_t>(1, kBasesPerTask / std::max<std::int64_t>(1, length)),
                   [&](std::int64_t begin, std::int64_t end) {
                     for (std::int64_t i = begin; i < end && one_hot; ++i)
                       if (!read_tokens(from + i * x.stride(0), x.stride(1), x.stride(2), length, to + i * length))
                         one_hot = false;
                   });
  return one_hot ? std::optional(tokens) : std::nullopt;
}

at::Tensor reverse_complement_tokens(const at::Tensor& tokens) { return at::where(tokens < 4, 3 - tokens, tokens).flip(1); }

}  // namespace basewise
