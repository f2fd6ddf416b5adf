#include "basewise/kernels/isa.h"

#include <algorithm>
#include <cstdlib>

#include "basewise/core/error.h"
#include "basewise/kernels/detail/micro.h"

namespace basewise::kernels {
namespace {

constexpr Isa kAll[] = {Isa::portable, Isa::avx2, Isa::avx512};

bool runs_here(Isa isa) {
  if (detail::micro_or_null(isa) == nullptr) return false;
#if defined(__x86_64__)
  if (isa == Isa::avx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (isa == Isa::avx512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw");
#endif
  return isa == Isa::portable;
}

Isa choose() {
  const std::vector<Isa> here = supported_isas();
  const char* text = std::getenv("BASEWISE_ISA");
  if (text == nullptr || *text == 0) return here.back();
  const std::string_view wanted(text);
  for (const Isa isa : kAll) {
    if (name(isa) != wanted) continue;
    if (std::find(here.begin(), here.end(), isa) != here.end()) return isa;
    throw ArgumentError(format("BASEWISE_ISA is '{}', which this processor lacks; it has up to '{}'", wanted, name(here.back())));
  }
  throw ArgumentError(format("BASEWISE_ISA is '{}'; it must be one of: portable, avx2, avx512", wanted));
}

}  // namespace

std::string_view name(Isa isa) {
  switch (isa) {
    case Isa::portable: return "portable";
    case Isa::avx2: return "avx2";
    case Isa::avx512: return "avx512";
  }
  return "unknown";
}

std::vector<Isa> supported_isas() {
  std::vector<Isa> here;
  for (const Isa isa : kAll)
    if (runs_here(isa)) here.push_back(isa);
  return here;
}

Isa default_isa() {
  static const Isa chosen = choose();
  return chosen;
}

}  // namespace basewise::kernels
