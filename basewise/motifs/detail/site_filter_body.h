// The loop of the filter, over the vectors of one instruction set: V has a Register of V::kBytes
// bytes, `load`, `repeat` (a table of 16 bytes in each lane), `look_up`, `add` (saturating), and
// `passing`, the windows whose sum is at most kCut as bits.
#pragma once

#include <bit>
#include <cstdint>

#include "basewise/motifs/detail/site_filter.h"

namespace basewise::motifs::detail {

template <class V, int Pairs>
std::int64_t find_windows_of(const SiteFilter& filter, const std::uint8_t* codes, std::int64_t n, std::int32_t* out) {
  typename V::Register tables[Pairs];
  const std::uint8_t* from[Pairs];
#pragma GCC unroll 8
  for (int p = 0; p < Pairs; ++p) {
    tables[p] = V::repeat(filter.pairs[p].loss.data());
    from[p] = codes + filter.pairs[p].offset;
  }
  std::int32_t* next = out;
  for (std::int64_t i = 0; i < n; i += V::kBytes) {
    typename V::Register sum = V::look_up(tables[0], V::load(from[0] + i));
#pragma GCC unroll 8
    for (int p = 1; p < Pairs; ++p) sum = V::add(sum, V::look_up(tables[p], V::load(from[p] + i)));
    std::uint64_t bits = V::passing(sum);
    if (bits == 0) [[likely]]
      continue;
    if (n - i < V::kBytes) bits &= (std::uint64_t{1} << (n - i)) - 1;
    for (; bits != 0; bits &= bits - 1) *next++ = static_cast<std::int32_t>(i + std::countr_zero(bits));
  }
  return next - out;
}

template <class V>
std::int64_t find_windows_with(const SiteFilter& filter, const std::uint8_t* codes, std::int64_t n, std::int32_t* out) {
  switch (filter.count) {
    case 1: return find_windows_of<V, 1>(filter, codes, n, out);
    case 2: return find_windows_of<V, 2>(filter, codes, n, out);
    case 3: return find_windows_of<V, 3>(filter, codes, n, out);
    case 4: return find_windows_of<V, 4>(filter, codes, n, out);
    case 5: return find_windows_of<V, 5>(filter, codes, n, out);
    case 6: return find_windows_of<V, 6>(filter, codes, n, out);
    case 7: return find_windows_of<V, 7>(filter, codes, n, out);
    default: return find_windows_of<V, 8>(filter, codes, n, out);
  }
}

}  // namespace basewise::motifs::detail
