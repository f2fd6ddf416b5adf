#include "peak.h"

#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include "basewise/kernels/isa.h"
#include "basewise/tensor/torch.h"
#include "measure.h"

namespace basewise::benchmarks {
namespace {

constexpr std::int64_t kRounds = 4'000'000;
constexpr int kChains = 10;  // independent sums: more than latency times units of any processor at hand

// Each returns a number that depends on all of its work, so that the compiler keeps it.
float multiply_add_portable(std::int64_t rounds) {
  float a[4 * kChains] = {}, x = 1.0000001f;
  for (std::int64_t i = 0; i < rounds; ++i)
    for (float& sum : a) sum = sum * x + x;
  return a[0] + a[4 * kChains - 1];
}

__attribute__((target("avx2,fma"))) float multiply_add_avx2(std::int64_t rounds) {
  __m256 a[kChains];
  const __m256 x = _mm256_set1_ps(1.0000001f);
  for (auto& sum : a) sum = x;
  for (std::int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 10
    for (int k = 0; k < kChains; ++k) a[k] = _mm256_fmadd_ps(a[k], x, x);
  }
  __m256 all = a[0];
  for (int k = 1; k < kChains; ++k) all = _mm256_add_ps(all, a[k]);
  return _mm256_cvtss_f32(all);
}

__attribute__((target("avx512f"))) float multiply_add_avx512(std::int64_t rounds) {
  __m512 a[kChains];
  const __m512 x = _mm512_set1_ps(1.0000001f);
  for (auto& sum : a) sum = x;
  for (std::int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 10
    for (int k = 0; k < kChains; ++k) a[k] = _mm512_fmadd_ps(a[k], x, x);
  }
  __m512 all = a[0];
  for (int k = 1; k < kChains; ++k) all = _mm512_add_ps(all, a[k]);
  return _mm512_cvtss_f32(all);
}

}  // namespace

double peak_multiply_adds(const kernels::Executor& executor, int threads) {
  const kernels::Isa isa = kernels::supported_isas().back();
  const int width = isa == kernels::Isa::avx512 ? 16 : isa == kernels::Isa::avx2 ? 8 : 4;
  std::atomic<float> sink{0};
  double best = 0;
  for (int repeat = 0; repeat < 7; ++repeat) {
    const double seconds = seconds_of([&] {
      executor(threads, [&](std::int64_t) {
        sink = isa == kernels::Isa::avx512 ? multiply_add_avx512(kRounds)
               : isa == kernels::Isa::avx2 ? multiply_add_avx2(kRounds)
                                           : multiply_add_portable(kRounds);
      });
    });
    best = std::max(best, 2.0 * width * kChains * double(kRounds) * threads / seconds / 1e9);
  }
  return best;
}

double peak_matrix_rate(int repeats) {
  constexpr std::int64_t n = 2048;
  const at::Tensor a = at::randn({n, n}), b = at::randn({n, n});
  at::Tensor c = at::empty({n, n});
  double best = 0;
  for (int repeat = 0; repeat < repeats; ++repeat)
    best = std::max(best, 2.0 * double(n * n * n) / seconds_of([&] { at::mm_out(c, a, b); }) / 1e9);
  return best;
}

double peak_memory_rate() {
  const at::Tensor from = at::ones({std::int64_t{64} << 20});
  at::Tensor to = at::zeros_like(from);
  double best = 0;
  for (int repeat = 0; repeat < 8; ++repeat) best = std::max(best, 2.0 * double(from.nbytes()) / seconds_of([&] { to.copy_(from); }) / 1e9);
  return best;
}

const kernels::Executor& torch_threads() {
  static const kernels::Executor executor = [](std::int64_t n, const std::function<void(std::int64_t)>& task) {
    const std::int64_t threads = std::min<std::int64_t>(n, at::get_num_threads());
    std::atomic<std::int64_t> next{0};
    at::parallel_for(0, threads, 1, [&](std::int64_t, std::int64_t) {
      for (std::int64_t i = next++; i < n; i = next++) task(i);
    });
  };
  return executor;
}

}  // namespace basewise::benchmarks
