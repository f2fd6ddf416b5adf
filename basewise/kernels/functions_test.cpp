// Functions of each value and their derivatives against the C library in double,
// for every instruction set.
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "basewise/kernels/normalise.h"

namespace basewise::kernels {
namespace {

struct Known {
  const char* name;
  Activation activation;
  std::function<double(double)> f, derivative;
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double below(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

std::vector<Known> functions() {
  const auto u = [](double x) { return 2 * std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x); };
  return {
      {"identity", Activation::identity, [](double x) { return x; }, [](double) { return 1.0; }},
      {"relu", Activation::relu, [](double x) { return std::max(x, 0.0); }, [](double x) { return x > 0 ? 1.0 : 0.0; }},
      {"exponential", Activation::exponential, [](double x) { return std::exp(x); }, [](double x) { return std::exp(x); }},
      {"gelu", Activation::gelu, [](double x) { return x * below(x); },
       [](double x) { return below(x) + x * std::exp(-x * x / 2) / std::sqrt(2 * M_PI); }},
      {"gelu_tanh", Activation::gelu_tanh, [u](double x) { return x * sigmoid(u(x)); },
       [u](double x) { return sigmoid(u(x)) + x * sigmoid(u(x)) * sigmoid(-u(x)) * 2 * std::sqrt(2 / M_PI) * (1 + 3 * 0.044715 * x * x); }},
      {"silu", Activation::silu, [](double x) { return x * sigmoid(x); }, [](double x) { return sigmoid(x) * (1 + x * sigmoid(-x)); }},
      {"sigmoid", Activation::sigmoid, sigmoid, [](double x) { return sigmoid(x) * sigmoid(-x); }},
      {"tanh", Activation::tanh, [](double x) { return std::tanh(x); }, [](double x) { return 1 / (std::cosh(x) * std::cosh(x)); }},
      {"softplus", Activation::softplus, [](double x) { return x > 30 ? x : std::log1p(std::exp(x)); }, sigmoid},
      {"elu", Activation::elu, [](double x) { return x > 0 ? x : std::expm1(x); }, [](double x) { return x > 0 ? 1.0 : std::exp(x); }},
      {"leaky_relu", Activation::leaky_relu, [](double x) { return x > 0 ? x : double{0.01f} * x; },
       [](double x) { return x > 0 ? 1.0 : double{0.01f}; }},
  };
}

// Close to zero, at the seams of the approximations, and far out.
std::vector<float> places() {
  std::vector<float> all{1e-6f, 1e-3f, 0.199f, 0.201f, 0.399f, 0.401f, 20.0f, 60.0f};
  for (float x = 0.013f; x < 12; x += 0.037f) all.push_back(x);
  const std::size_t n = all.size();
  for (std::size_t i = 0; i < n; ++i) all.push_back(-all[i]);
  return all;
}

// Two in a million of the value, or of 1 where the value itself is a difference of numbers of that
// size.
double allowed(double wanted) { return 2e-6 * std::max(1.0, std::abs(wanted)); }

TEST(Functions, AreThoseOfTheCLibrary) {
  const std::vector<float> x = places();
  const auto n = static_cast<std::int64_t>(x.size());
  for (const Isa isa : supported_isas())
    for (const Known& known : functions()) {
      std::vector<float> y(x.size());
      Normalise call;
      call.shape = {1, 1, n};
      call.x = {x.data(), n, n}, call.y = {y.data(), n, n};
      call.activation = known.activation;
      normalise(call, {isa, &serial_executor()});
      for (std::size_t i = 0; i < x.size(); ++i)
        ASSERT_NEAR(y[i], known.f(x[i]), allowed(known.f(x[i]))) << known.name << "(" << x[i] << "), " << name(isa);
    }
}

TEST(Functions, HaveTheirDerivatives) {
  const std::vector<float> x = places();
  const auto n = static_cast<std::int64_t>(x.size());
  std::vector<float> dy, centre, scale, shift;
  for (std::size_t i = 0; i < x.size(); ++i) {
    dy.push_back(1.0f + 0.25f * static_cast<float>(i % 5));
    centre.push_back(0.5f), scale.push_back(0.5f), shift.push_back(-0.125f);
  }
  for (const Isa isa : supported_isas())
    for (const Known& known : functions())
      for (const char* from : {"value", "input", "norm"}) {
        if (from == std::string("value") && !derivative_from_value(known.activation)) continue;
        std::vector<float> value, got(x.size());
        for (const float one : x) value.push_back(static_cast<float>(known.f(one)));
        OutputGradient g;
        g.dy = {dy.data(), n, n};
        g.activation = known.activation;
        if (from == std::string("value"))
          g.value = {value.data(), n, n};
        else
          g.x = {x.data(), n, n};
        if (from == std::string("norm")) g.centre = centre.data(), g.scale = scale.data(), g.shift = shift.data();
        output_gradient({1, 1, n}, g, {got.data(), n, n}, {isa, &serial_executor()});
        for (std::size_t i = 0; i < x.size(); ++i) {
          const double z = from == std::string("norm") ? (double{x[i]} - 0.5) * 0.5 - 0.125 : double{x[i]},
                       wanted = dy[i] * known.derivative(z);
          ASSERT_NEAR(got[i], wanted, 2 * allowed(wanted)) << known.name << "'(" << z << ") from its " << from << ", " << name(isa);
        }
      }
}

TEST(Functions, KeepNaNAndLimits) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  for (const Isa isa : supported_isas())
    for (const Known& known : functions()) {
      const std::vector<float> x{std::numeric_limits<float>::quiet_NaN(), 200.0f, -200.0f, kInf};
      std::vector<float> y(x.size());
      Normalise call;
      call.shape = {1, 1, 4};
      call.x = {x.data(), 4, 4}, call.y = {y.data(), 4, 4};
      call.activation = known.activation;
      normalise(call, {isa, &serial_executor()});
      EXPECT_TRUE(std::isnan(y[0])) << known.name;
      if (known.activation == Activation::exponential) continue;
      EXPECT_NEAR(y[1], known.f(200.0), 1e-4) << known.name;
      EXPECT_NEAR(y[2], known.f(-200.0), 1e-4) << known.name;
      EXPECT_FLOAT_EQ(y[3], static_cast<float>(known.f(std::numeric_limits<double>::infinity()))) << known.name;
    }
}

}  // namespace
}  // namespace basewise::kernels
