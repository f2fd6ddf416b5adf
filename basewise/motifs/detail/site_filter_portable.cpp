// The filter for any processor: vectors of 16 bytes as the compiler knows them.
#include <cstring>

#include "basewise/motifs/detail/site_filter_body.h"

namespace basewise::motifs::detail {
namespace {

struct Vector {
  using Register [[gnu::vector_size(16)]] = std::uint8_t;
  static constexpr std::int64_t kBytes = 16;

  static Register load(const std::uint8_t* from) {
    Register v;
    std::memcpy(&v, from, sizeof v);
    return v;
  }
  static Register repeat(const std::uint8_t* table) { return load(table); }
  static Register look_up(Register table, Register codes) { return __builtin_shuffle(table, codes); }
  static Register add(Register a, Register b) {
    const Register sum = a + b;
    return sum | reinterpret_cast<Register>(sum < a);
  }
  static std::uint64_t passing(Register sum) {
    std::array<std::uint64_t, 2> halves;
    const Register failed = reinterpret_cast<Register>(sum > Register{} + static_cast<std::uint8_t>(kCut));
    std::memcpy(halves.data(), &failed, sizeof halves);
    if ((halves[0] & halves[1]) == ~std::uint64_t{0}) return 0;
    std::uint64_t bits = 0;
    for (int i = 0; i < 16; ++i) bits |= static_cast<std::uint64_t>(failed[i] == 0) << i;
    return bits;
  }
};

}  // namespace

std::int64_t find_windows_portable(const SiteFilter& filter, const std::uint8_t* codes, std::int64_t n, std::int32_t* out);
std::int64_t find_windows_portable(const SiteFilter& filter, const std::uint8_t* codes, std::int64_t n, std::int32_t* out) {
  return find_windows_with<Vector>(filter, codes, n, out);
}

}  // namespace basewise::motifs::detail
