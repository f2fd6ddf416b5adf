// A pooling within a unit: the same bits as normalising, pooling, and their gradients one after the
// other.
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/kernels/normalise.h"
#include "basewise/kernels/pool.h"

namespace basewise::kernels {
namespace {

std::vector<float> numbers(std::int64_t n, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> all(static_cast<std::size_t>(n));
  for (float& v : all) v = normal(random);
  return all;
}

TEST(Pooled, IsNormalisationAndPoolingInOnePass) {
  for (const Isa isa : supported_isas())
    for (const std::int64_t width : {2, 3, 7, 50})
      for (const std::int64_t left : {std::int64_t{0}, width - 1, width / 2})
        for (const Activation activation : {Activation::relu, Activation::gelu, Activation::tanh}) {
          SCOPED_TRACE(format("{}, windows of {}, padding {}", name(isa), width, left));
          const kernels::Run run{isa, &default_executor()};
          const PoolShape s{2, 611, 19, width, width, left, width / 3};
          const std::int64_t out = s.output_length(), n = s.batch * s.length * s.channels, pooled = s.batch * out * s.channels;
          const std::vector<float> x = numbers(n, 1), dy = numbers(pooled, 2), centre = numbers(19, 3), scale = numbers(19, 4),
                                   shift = numbers(19, 5);
          std::vector<float> value(x.size()), y(dy.size()), found(dy.size()), dvalue(x.size()), dx(x.size()), got(x.size());
          std::vector<std::uint8_t> which(dy.size()), places(dy.size());
          const auto block = [](auto& v, std::int64_t rows) {
            return Block<std::remove_pointer_t<decltype(v.data())>>{v.data(), rows * 19, 19};
          };
          Normalise call;
          call.shape = {s.batch, s.length, 19};
          call.x = block(x, s.length);
          call.centre = centre.data(), call.scale = scale.data(), call.shift = shift.data();
          call.activation = activation;
          call.y = block(value, s.length);
          normalise(call, run);
          pool_forward(s, Pooling::largest, {value.data(), s.length * 19, 19}, block(y, out), which.data(), run);
          call.y = block(found, out);
          normalise_pooled(call, {out, width, left, places.data()}, run);
          EXPECT_TRUE(found == y);
          EXPECT_TRUE(places == which);

          OutputGradient g;
          g.activation = activation;
          g.x = block(x, s.length);
          g.centre = centre.data(), g.scale = scale.data(), g.shift = shift.data();
          pool_backward(s, Pooling::largest, block(dy, out), which.data(), block(dvalue, s.length), run);
          g.dy = {dvalue.data(), s.length * 19, 19};
          output_gradient(call.shape, g, block(dx, s.length), run);
          std::vector<double> sum(19), product(19), sum_found(19), product_found(19);
          gradient_sums(call.shape, g, sum.data(), product.data(), run);
          g.dy = block(dy, out);
          g.pool = {which.data(), out, s.length, width, left};
          output_gradient(call.shape, g, block(got, s.length), run);
          gradient_sums(call.shape, g, sum_found.data(), product_found.data(), run);
          EXPECT_TRUE(got == dx);
          EXPECT_TRUE(sum_found == sum);
          EXPECT_TRUE(product_found == product);
        }
}

}  // namespace
}  // namespace basewise::kernels
