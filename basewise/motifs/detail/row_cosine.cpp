#include "basewise/motifs/detail/row_cosine.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "basewise/motifs/detail/instruction_sets.h"

namespace basewise::motifs::detail {
namespace {

constexpr std::uint32_t kBits = 1 << 16;  // in 8 KiB; the most frequent columns have a bit of their own

/// A byte for each code: 1 where the bit of its column is set.
BASEWISE_MOTIFS_CLONES void mark(const std::uint32_t* codes, std::int64_t size, const std::uint32_t* present, std::uint8_t* marks) {
  for (std::int64_t e = 0; e < size; ++e) {
    const std::uint32_t bit = (codes[e] >> 1) % kBits;
    marks[e] = static_cast<std::uint8_t>(present[bit / 32] >> bit % 32 & 1u);
  }
}

}  // namespace

RowCosine::RowCosine(const KmerMatrix& matrix) : matrix_(matrix), weight_(matrix.codes()), present_(kBits / 32) {
  std::int64_t longest = 0;
  for (std::int64_t row = 0; row < matrix.rows(); ++row) longest = std::max(longest, matrix.row_begin[row + 1] - matrix.row_begin[row]);
  marks_.resize(longest + 8);
}

void RowCosine::put(std::int64_t row, bool there) {
  for (std::int64_t e = matrix_.row_begin[row]; e < matrix_.row_begin[row + 1]; ++e) {
    const std::uint32_t code = matrix_.code[e], bit = (code >> 1) % kBits;
    weight_[code] = there ? matrix_.weight[e] : 0;
    if (matrix_.palindrome[code >> 1]) weight_[code ^ 1u] = weight_[code];
    if (there)
      present_[bit / 32] |= 1u << bit % 32;
    else
      present_[bit / 32] = 0;
  }
}

void RowCosine::take(std::int64_t row) {
  if (row_ >= 0) put(row_, false);
  put(row_ = row, true);
}

float RowCosine::with(std::int64_t other) {
  const std::uint32_t* codes = matrix_.code.data() + matrix_.row_begin[other];
  const float* weights = matrix_.weight.data() + matrix_.row_begin[other];
  const std::int64_t size = matrix_.row_begin[other + 1] - matrix_.row_begin[other];
  mark(codes, size, present_.data(), marks_.data());
  std::fill_n(marks_.begin() + size, 8, std::uint8_t{0});
  float forward = 0, turned = 0;
  std::int64_t done = -1;
  for (std::int64_t from = 0; from < size; from += 8) {
    std::uint64_t marked;
    std::memcpy(&marked, marks_.data() + from, sizeof marked);
    for (; marked != 0; marked &= marked - 1) {
      const std::int64_t e = from + std::countr_zero(marked) / 8;
      if (e == done) continue;
      const std::uint32_t code = codes[e];
      forward += weights[e] * weight_[code];
      if (e + 1 < size && (code ^ codes[e + 1]) == 1) {
        // Both of a pair: along the other row they meet in this order.
        forward += weights[e + 1] * weight_[code ^ 1u];
        turned += weights[e + 1] * weight_[code];
        done = e + 1;
      }
      turned += weights[e] * weight_[code ^ 1u];
    }
  }
  return std::max(forward, turned);
}

}  // namespace basewise::motifs::detail
