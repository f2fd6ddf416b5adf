#include "basewise/run/detail/window_batch.h"

#include "basewise/tensor/tensors.h"

namespace basewise::run::detail {

bool WindowBatch::fits(std::size_t chrom, std::int64_t middle, bool pad) const {
  const seq::Chrom& of = genome_.sizes()[chrom];
  if (of.circular) return length_ <= of.length;
  return pad || (start_of(middle) >= 0 && start_of(middle) + length_ <= of.length);
}

void WindowBatch::add(std::size_t chrom, std::int64_t middle, bool reverse) {
  const seq::Chrom& of = genome_.sizes()[chrom];
  std::int64_t start = start_of(middle);
  if (of.circular) start = (start % of.length + of.length) % of.length;
  windows_.push_back({.chrom = chrom, .start = start, .reverse = reverse});
}

void WindowBatch::add_nothing() { windows_.push_back({.empty = true}); }

at::Tensor WindowBatch::take() {
  at::Tensor sequence = at::zeros({size(), 4, length_}, at::kFloat);
  float* out = mutable_float_span(sequence).data();
  for (const Window& window : windows_) {
    if (!window.empty)
      genome_.read_one_hot(window.chrom, window.start, window.reverse ? seq::Strand::reverse : seq::Strand::none, length_, out, length_);
    out += 4 * length_;
  }
  windows_.clear();
  return sequence;
}

}  // namespace basewise::run::detail
