// Parameter sharing contains every conjoined model (section 3.9 of the specification of the study):
// each stored kernel is the standard kernel on the channels of this strand and zero on those of the
// other one. Then the first half of the channels computes the standard net on x, the second half,
// turned around, the standard net on RC(x), and the head makes the mean of both of their outputs.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "basewise/core/format.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/strand.h"
#include "basewise/tensor/tensors.h"

namespace basewise {
namespace {

struct ConvLayer {
  std::int64_t filters, width, dilation;
  bool norm, residual;
};

struct Net {
  std::int64_t length;
  std::vector<ConvLayer> layers;
  std::int64_t width_of_pool = 0, stride_of_pool = 1;  // 0: a profile head in place of pooling and dense
  std::int64_t outputs = 3;
};

std::string text_of(const Net& net, bool shared) {
  const std::string rc = shared ? "rc_" : "";
  std::string text = format("format = 1\n[inputs.sequence]\nchannels = 4\nlength = {}\n", net.length);
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const ConvLayer& l = net.layers[i];
    const std::string key = l.residual ? "[[layers.layers]]\n" : "[[layers]]\n";
    if (l.residual) text += format("[[layers]]\ntype = \"residual\"\nname = \"block_{}\"\n", i);
    text += format("{}type = \"{}conv\"\nname = \"conv_{}\"\nfilters = {}\nwidth = {}\ndilation = {}\npadding = \"valid\"\n", key, rc, i,
                   l.filters, l.width, l.dilation);
    if (l.norm) text += format("{}type = \"{}batch_norm\"\nname = \"norm_{}\"\n", key, rc, i);
    text += key + "type = \"activation\"\n";
  }
  if (net.width_of_pool == 0)
    return text + format(
                      "[[layers]]\ntype = \"{}conv\"\nname = \"head\"\nfilters = {}\nwidth = 9\npadding = \"valid\"\n[[heads]]\nname = "
                      "\"out\"\nstrands = \"paired\"\n",
                      rc, shared ? 1 : 2);
  text += format("[[layers]]\ntype = \"pool\"\nwidth = {}\nstride = {}\n", net.width_of_pool, net.stride_of_pool);
  if (shared) text += "[[layers]]\ntype = \"rc_pool\"\nkind = \"mean\"\n";
  return text + format("[[layers]]\ntype = \"dense\"\nname = \"head\"\nunits = {}\n[[heads]]\nname = \"out\"\n", net.outputs);
}

// A standard kernel (F, C, K) on the first C of 2 C channels.
at::Tensor on_this_strand(const at::Tensor& kernel) { return at::cat({kernel, at::zeros_like(kernel)}, 1); }

// The profile head: plus strand of x, and minus strand of RC(x) turned around, each by half.
void set_profile_head(const at::Tensor& weight, const at::Tensor& bias, at::Tensor shared_weight, at::Tensor shared_bias) {
  const at::Tensor plus = weight.slice(0, 0, 1), minus = weight.slice(0, 1, 2);
  shared_weight.copy_(at::cat({plus, minus.flip({1, 2})}, 1) / 2);
  shared_bias.copy_(bias.mean().view({1}));
}

// Copies what the shared net needs to be the mean over both strands.
void take_over(const nn::Model& plain, nn::Model& shared, const Net& net) {
  const NoGradScope no_grad;
  auto from = plain.named_parameters(), to = shared.named_parameters();
  const auto buffers = shared.named_buffers();
  for (const auto& item : plain.named_buffers()) buffers[item.key()].copy_(item.value());
  for (const auto& item : from) {
    const std::string& name = item.key();
    const bool head = name.starts_with("head.");
    if (head && net.width_of_pool == 0) continue;
    const bool kernel = item.value().dim() == 3 && to[name].size(1) != item.value().size(1);
    to[name].copy_(kernel ? on_this_strand(item.value()) : item.value());
  }
  if (net.width_of_pool == 0) set_profile_head(from["head.weight"], from["head.bias"], to["head.weight"], to["head.bias"]);
}

void stir(nn::Model& model, std::uint64_t seed) {
  const NoGradScope no_grad;
  std::uint64_t number = 0;
  for (auto& item : model.named_parameters())
    if (item.value().dim() == 1) item.value().add_(random_normal(item.value().sizes(), Stream(seed, 1, number++), 0.0, 0.3));
  for (auto& item : model.named_buffers()) {
    if (item.key().ends_with("running_mean")) item.value().copy_(random_normal(item.value().sizes(), Stream(seed, 2, number++), 0.0, 0.3));
    if (item.key().ends_with("running_var")) item.value().copy_(random_uniform(item.value().sizes(), Stream(seed, 3, number++), 0.5, 2.0));
  }
}

void expect_sharing_reproduces_conjoining(const Net& net, std::uint64_t seed) {
  SCOPED_TRACE(text_of(net, true));
  const nn::ModelPtr plain = nn::build_model(text_of(net, false), "plain.toml", seed),
                     shared = nn::build_model(text_of(net, true), "shared.toml", seed + 1);
  stir(*plain, seed);
  take_over(*plain, *shared, net);
  plain->eval();
  shared->eval();
  const NoGradScope no_grad;
  const at::Tensor x = random_one_hot(3, net.length, Stream(seed, 9));
  const StrandRule rule = plain->strand_rule("out");
  const at::Tensor here = plain->forward({{"sequence", x}}).at("out");
  const at::Tensor there = plain->forward({{"sequence", other_strand(x, StrandRule::complemented)}}).at("out");
  const at::Tensor conjoined = (here + other_strand(there, rule)) / 2;
  const at::Tensor found = shared->forward({{"sequence", x}}).at("out");
  ASSERT_EQ(found.sizes(), conjoined.sizes());
  EXPECT_LE((found - conjoined).abs().max().item<double>(), 1e-5 * conjoined.abs().max().item<double>());
  EXPECT_GT((here - conjoined).abs().max().item<double>(), 1e-3 * conjoined.abs().max().item<double>())
      << "the strands say the same; nothing is tested";
}

TEST(Conjoined, SharingWithEqualFiltersReproducesAGivenConjoinedModel) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Stream draw(seed, 31);
    Net net;
    std::int64_t length = net.length = draw.integer(70, 120);
    const std::int64_t depth = draw.integer(2, 5);
    for (std::int64_t i = 0; i < depth; ++i) {
      const bool residual = i > 0 && draw.bernoulli(0.4);
      const ConvLayer l{residual ? net.layers.back().filters : draw.integer(3, 12), residual ? 3 : draw.integer(1, 8),
                        residual ? draw.integer(1, 3) : 1, draw.bernoulli(0.5), residual};
      length -= (l.width - 1) * l.dilation;
      net.layers.push_back(l);
    }
    if (seed % 3 != 0) {
      net.outputs = draw.integer(1, 4);
      net.stride_of_pool = draw.integer(2, 4);
      net.width_of_pool = length % net.stride_of_pool + net.stride_of_pool;  // (length - width) is a multiple of the stride
    }
    expect_sharing_reproduces_conjoining(net, seed);
  }
}

// The published binary net: the construction on the sizes of the study.
TEST(Conjoined, TheBinaryNetOfTheStudy) {
  expect_sharing_reproduces_conjoining({1000, {{16, 15, 1, true, false}, {16, 14, 1, true, false}, {16, 14, 1, true, false}}, 40, 20, 1},
                                       5);
}

}  // namespace
}  // namespace basewise
