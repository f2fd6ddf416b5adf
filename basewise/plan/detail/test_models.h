// Models with weights as after some training, and graphs of random layers,
// for tests of this module.
#pragma once

#include <string>

#include "basewise/core/format.h"
#include "basewise/core/random.h"
#include "basewise/nn/model.h"

namespace basewise::plan::detail {

/// Weights and running statistics as after some training.
inline nn::ModelPtr shaken(const std::string& toml, std::uint64_t seed = 3) {
  nn::ModelPtr model = nn::build_model(toml, "test", seed);
  const at::NoGradGuard no_grad;
  for (auto& p : model->parameters()) p.add_(at::sin(at::arange(p.numel(), p.options())).view_as(p) * 0.05);
  for (auto& b : model->named_buffers())
    if (b.value().is_floating_point()) b.value().add_(at::cos(at::arange(b.value().numel(), b.value().options())).view_as(b.value()) * 0.3);
  model->eval();
  return model;
}

inline const std::string kHead = "format = 1\n[inputs.sequence]\nchannels = 4\n";
/// One layer of a model file.
inline std::string layer(const std::string& type, const std::string& options = "", const std::string& name = "") {
  return "[[layers]]\n" + (name.empty() ? "" : "name = \"" + name + "\"\n") + "type = \"" + type + "\"\n" + options + "\n";
}
inline const std::string kOut = "[[heads]]\nname = \"out\"\n";

/// One graph of random layers of length at least 150, drawn from a stream.
inline std::string random_model(Stream& draw) {
  const auto pick = [&](std::int64_t n) { return static_cast<std::int64_t>(draw() % static_cast<std::uint64_t>(n)); };
  std::string toml = kHead + (pick(2) == 0 ? "length = 403\n" : "length = 260\n");
  const char* paddings[] = {"same", "valid", "causal"};
  std::int64_t channels = 8 + 4 * pick(17);  // Winograd begins at 32
  std::int64_t named = 0;
  toml += layer("conv", format("filters = {}\nwidth = {}\npadding = \"{}\"", channels, 1 + pick(12), paddings[pick(3)]));
  for (std::int64_t i = 0, count = 3 + pick(6); i < count; ++i) {
    switch (pick(9)) {
      case 0:
        toml += layer("batch_norm");
        break;
      case 1: {
        const char* kinds[] = {"relu", "relu", "relu", "tanh", "gelu", "softplus", "softmax", "silu"};
        toml += layer("activation", format("kind = \"{}\"", kinds[pick(8)]));
        if (pick(4) == 0) toml += layer("layer_norm");
        break;
      }
      case 2:
        toml += layer("pool", format("kind = \"{}\"\nwidth = {}\nstride = {}\npadding = \"{}\"", pick(2) == 0 ? "max" : "mean", 2 + pick(3),
                                     1 + pick(2), paddings[pick(2)]));
        break;
      case 3:
        toml += layer("dropout");
        break;
      case 4:
        toml += layer("crop", format("left = {}\nright = {}", pick(3), pick(4)));
        break;
      case 5:
        toml += layer(pick(3) == 0 ? "dense_link" : "residual") +
                format("[[layers.layers]]\ntype = \"conv\"\nfilters = {}\nwidth = 3\ndilation = {}\npadding = \"{}\"\n", channels,
                       1 + pick(9), paddings[pick(2)]) +
                (pick(2) == 0 ? "[[layers.layers]]\ntype = \"batch_norm\"\n" : "") +
                (pick(2) == 0 ? "[[layers.layers]]\ntype = \"activation\"\nkind = \"relu\"\n" : "");
        break;
      case 6: {
        const std::string from = format("from{}", named++);
        toml += layer("conv", format("filters = {}\nwidth = 5", channels), from) +
                layer("conv", format("filters = {}\nwidth = 7\ndilation = 2", channels), from + "b") +
                layer("conv", format("from = [\"{0}\", \"{0}b\"]\ncombine = \"{1}\"\nfilters = {2}\nwidth = 3", from,
                                     pick(2) == 0 ? "add" : "concat", channels));
        break;
      }
      case 7:
        channels = 3 + pick(40);
        toml += layer("conv", format("filters = {}\nwidth = {}\nstride = {}", channels, 1 + pick(9), 1 + pick(2)));
        break;
      default:
        toml += layer("dense", format("on = \"channels\"\nunits = {}", channels));
        break;
    }
  }
  const std::string thin =
      "[[heads]]\nname = \"thin\"\n[[heads.layers]]\ntype = \"conv\"\nfilters = 2\nwidth = 11\n[[heads.layers]]\ntype = \"crop\"\nleft = "
      "3\nright = 1\n";
  const std::string mean =
      "[[heads]]\nname = \"mean\"\n[[heads.layers]]\ntype = \"pool\"\nkind = \"mean\"\nglobal = true\n[[heads.layers]]\ntype = "
      "\"dense\"\nunits = 5\n";
  const std::string flat =
      "[[heads]]\nname = \"flat\"\n[[heads.layers]]\ntype = \"flatten\"\n[[heads.layers]]\ntype = \"dense\"\nunits = "
      "7\n[[heads.layers]]\ntype = \"batch_norm\"\n"
      "[[heads.layers]]\ntype = \"activation\"\nkind = \"relu\"\n";
  return toml + thin + mean + flat + kOut;
}

}  // namespace basewise::plan::detail
