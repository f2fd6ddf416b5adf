#include "basewise/nn/initialise.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/core/fnv.h"
#include "basewise/core/random.h"
#include "basewise/tensor/tensors.h"

namespace basewise::nn {
namespace {

enum class Law { normal, truncated, uniform, orthogonal, constant };

// Spread of each rule before `scale`: the deviation, the half width, the length, or the value.
struct Rule {
  Initialiser kind;
  Law law;
  double (*spread)(const Fans&);
};

/// Deviation of a standard normal variable that lies within two.
constexpr double kWithinTwo = 0.87962566103423978;

constexpr Rule kRules[] = {
    {Initialiser::torch, Law::uniform, [](const Fans& f) { return 1.0 / std::sqrt(f.in); }},
    {Initialiser::kaiming_normal, Law::normal, [](const Fans& f) { return std::sqrt(2.0 / f.in); }},
    {Initialiser::kaiming_uniform, Law::uniform, [](const Fans& f) { return std::sqrt(6.0 / f.in); }},
    {Initialiser::glorot_normal, Law::normal, [](const Fans& f) { return std::sqrt(2.0 / (f.in + f.out)); }},
    {Initialiser::glorot_uniform, Law::uniform, [](const Fans& f) { return std::sqrt(6.0 / (f.in + f.out)); }},
    {Initialiser::xavier_normal, Law::normal, [](const Fans& f) { return std::sqrt(2.0 / (f.in + f.out)); }},
    {Initialiser::xavier_uniform, Law::uniform, [](const Fans& f) { return std::sqrt(6.0 / (f.in + f.out)); }},
    {Initialiser::lecun_normal, Law::normal, [](const Fans& f) { return std::sqrt(1.0 / f.in); }},
    {Initialiser::lecun_uniform, Law::uniform, [](const Fans& f) { return std::sqrt(3.0 / f.in); }},
    {Initialiser::kaiming_truncated, Law::truncated, [](const Fans& f) { return std::sqrt(2.0 / f.in) / kWithinTwo; }},
    {Initialiser::glorot_truncated, Law::truncated, [](const Fans& f) { return std::sqrt(2.0 / (f.in + f.out)) / kWithinTwo; }},
    {Initialiser::lecun_truncated, Law::truncated, [](const Fans& f) { return std::sqrt(1.0 / f.in) / kWithinTwo; }},
    {Initialiser::orthogonal, Law::orthogonal, [](const Fans&) { return 1.0; }},
    {Initialiser::truncated_normal, Law::truncated, [](const Fans&) { return 1.0; }},
    {Initialiser::normal, Law::normal, [](const Fans&) { return 1.0; }},
    {Initialiser::uniform, Law::uniform, [](const Fans&) { return 1.0; }},
    {Initialiser::zeros, Law::constant, [](const Fans&) { return 0.0; }},
    {Initialiser::ones, Law::constant, [](const Fans&) { return 1.0; }},
    {Initialiser::constant, Law::constant, [](const Fans&) { return 1.0; }},
};

/// Normal values within two deviations: those beyond are drawn again, each round from a stream of
/// its own.
void fill_truncated(at::Tensor& parameter, std::uint64_t seed, std::string_view name, double spread) {
  fill_normal(parameter, Stream(seed, name_hash(name)), 0.0, spread);
  at::Tensor again = at::empty_like(parameter);
  for (int round = 1;; ++round) {
    const at::Tensor beyond = parameter.abs() > 2 * spread;
    if (!beyond.any().item<bool>()) return;
    fill_normal(again, Stream(seed, name_hash(format("{}#{}", name, round))), 0.0, spread);
    parameter.copy_(at::where(beyond, again, parameter));
  }
}

/// Normal vectors, each made orthogonal to those before it and brought to one length (Gram and
/// Schmidt, twice: what the first turn leaves by rounding the second takes away). In one order of
/// operations, so that every machine gets the same numbers.
void fill_orthogonal(at::Tensor& parameter, const Stream& draw, double length) {
  const std::int64_t rows = parameter.size(0), columns = parameter.numel() / std::max<std::int64_t>(rows, 1);
  const bool across = rows <= columns;
  const std::int64_t count = std::min(rows, columns), size = std::max(rows, columns);
  at::Tensor vectors = at::empty({count, size}, at::kDouble);
  fill_normal(vectors, draw, 0.0, 1.0);
  auto* v = vectors.mutable_data_ptr<double>();
  const auto product = [&](std::int64_t a, std::int64_t b) {
    double sum = 0;
    for (std::int64_t k = 0; k < size; ++k) sum += v[a * size + k] * v[b * size + k];
    return sum;
  };
  for (std::int64_t i = 0; i < count; ++i) {
    for (int turn = 0; turn < 2; ++turn)
      for (std::int64_t before = 0; before < i; ++before) {
        const double share = product(i, before);
        for (std::int64_t k = 0; k < size; ++k) v[i * size + k] -= share * v[before * size + k];
      }
    const double norm = std::sqrt(product(i, i));
    for (std::int64_t k = 0; k < size; ++k) v[i * size + k] /= norm;
  }
  parameter.copy_(((across ? vectors : vectors.t()) * length).reshape(parameter.sizes()));
}

}  // namespace

Fans fans(const at::Tensor& weight) {
  const double width = weight.dim() > 2 ? static_cast<double>(weight.size(2)) : 1.0;
  return {static_cast<double>(weight.size(1)) * width, static_cast<double>(weight.size(0)) * width};
}

std::uint64_t name_hash(std::string_view name) { return fnv1a(name); }

void initialise(at::Tensor& parameter, Initialiser kind, double scale, const Fans& fans, std::uint64_t seed, std::string_view name) {
  for (const Rule& rule : kRules) {
    if (rule.kind != kind) continue;
    if (!std::isfinite(scale) || (rule.law != Law::constant && !(scale > 0)))
      throw ArgumentError(format("{}: the scale of initialiser '{}' is {}; expected {}", name, kind, scale,
                                 rule.law == Law::constant ? "a finite number" : "a finite number > 0, for it is a spread"));
    const double spread = rule.spread(fans) * scale;
    const Stream draw(seed, name_hash(name));
    const at::NoGradGuard no_grad;
    if (rule.law == Law::normal) fill_normal(parameter, draw, 0.0, spread);
    if (rule.law == Law::truncated) fill_truncated(parameter, seed, name, spread);
    if (rule.law == Law::uniform) fill_uniform(parameter, draw, -spread, spread);
    if (rule.law == Law::orthogonal) fill_orthogonal(parameter, draw, spread);
    if (rule.law == Law::constant) parameter.fill_(spread);
    return;
  }
  throw InternalError(format("initialiser '{}' is named but not written", kind));
}

}  // namespace basewise::nn
