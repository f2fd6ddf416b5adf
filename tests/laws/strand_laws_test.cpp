// Equivariance as a law: what a network says about a sequence it says, turned around, about its
// reverse complement (RC): f(RC x) = RC f(x) for every layer that claims it and every network of
// the study, in training and in evaluation, for random shapes and weights.
#include <filesystem>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/nn/model.h"
#include "basewise/plan/inference_plan.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/strand.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

constexpr double kSingle = 1e-5;  // relative to the largest number of an output
constexpr double kDouble = 1e-12;

// Biases, scales and running estimates that are not zero and one:
// a broken pairing of them must show.
void stir(nn::Model& model, std::uint64_t seed) {
  const NoGradScope no_grad;
  std::uint64_t number = 0;
  for (auto& item : model.named_parameters())
    if (item.value().dim() == 1) item.value().add_(random_normal(item.value().sizes(), Stream(seed, 1, number++), 0.0, 0.3));
  for (auto& item : model.named_buffers()) {
    if (!item.value().is_floating_point()) continue;
    const bool variance = item.key().ends_with("running_var");
    const at::Tensor noise = variance ? random_uniform(item.value().sizes(), Stream(seed, 2, number++), 0.5, 2.0)
                                      : random_normal(item.value().sizes(), Stream(seed, 3, number++), 0.0, 0.3);
    item.value().copy_(noise);
  }
}

Bundle random_inputs(const nn::Model& model, std::int64_t n, std::int64_t length, std::uint64_t seed) {
  Bundle inputs;
  std::uint64_t number = 0;
  for (const auto& [name, shape] : model.input_shapes()) {
    std::vector<std::int64_t> sizes{n, shape.front()};
    if (shape.size() == 2) sizes.push_back(shape[1] > 0 ? shape[1] : length);
    inputs.set(name,
               name == "sequence" ? random_one_hot(n, sizes.at(2), Stream(seed, 4)) : random_normal(sizes, Stream(seed, 5, number++)));
  }
  return inputs;
}

Bundle turned(const nn::Model& model, const Bundle& tensors) {
  Bundle result;
  for (const auto& [name, x] : tensors) result.set(name, other_strand(x, model.strand_rule(name), name));
  return result;
}

Bundle in(at::ScalarType type, const Bundle& tensors) {
  Bundle result;
  for (const auto& [name, x] : tensors) result.set(name, x.to(type));
  return result;
}

// The largest difference between two bundles, relative to the largest number of each tensor.
double difference(const Bundle& a, const Bundle& b) {
  double worst = 0;
  for (const auto& [name, x] : a) {
    if (x.sizes() != b.at(name).sizes()) return 1e9;
    EXPECT_GT(x.abs().max().item<double>(), 0.0) << name;
    worst = std::max(worst, ((x - b.at(name)).abs().max() / x.abs().max()).item<double>());
  }
  return worst;
}

// |f(RC x) - RC f(x)| / |f(x)|
template <class F>
double broken_by(const nn::Model& model, const Bundle& inputs, F&& f) {
  const NoGradScope no_grad;
  const Bundle there = turned(model, f(inputs));
  return difference(there, f(turned(model, inputs)));
}

double broken_by(nn::Model& model, const Bundle& inputs) {
  return broken_by(model, inputs, [&](const Bundle& x) { return model.forward(x); });
}

// The law in every way in which a network is run.
void expect_law(nn::Model& model, const Bundle& inputs, bool in_training = true) {
  for (const std::string& output : model.output_names()) EXPECT_TRUE(model.equivariant(output)) << output;
  {
    const EvalScope mode(model);
    EXPECT_LE(broken_by(model, inputs), kSingle) << "evaluation";
    plan::InferencePlan plan(model);
    EXPECT_LE(broken_by(model, inputs, [&](const Bundle& x) { return plan(x); }), kSingle) << "plan of prediction";
    const NoGradScope no_grad;
    EXPECT_LE(difference(model.forward(inputs), plan(inputs)), kSingle) << "plan against layers";
  }
  if (in_training) {
    const TrainScope mode(model);
    EXPECT_LE(broken_by(model, inputs), kSingle) << "training";
  }
  model.to(at::kDouble);
  const Bundle fine = in(at::kDouble, inputs);
  {
    const EvalScope mode(model);
    EXPECT_LE(broken_by(model, fine), kDouble) << "evaluation, double precision";
  }
  // Without normalisation and dropout both modes are one.
  if (in_training && !model.buffers().empty()) {
    const TrainScope mode(model);
    EXPECT_LE(broken_by(model, fine), kDouble) << "training, double precision";
  }
}

// A layer between a shared convolution, which makes pairs, and a head.
struct LayerCase {
  std::string layers;
  std::string strands;  // of the head
  bool in_training = true;
};

std::string layer(const std::string& type, const std::string& options = {}) {
  return "[[layers]]\ntype = \"" + type + "\"\n" + options + "\n";
}

std::vector<LayerCase> layer_cases(Stream& draw) {
  const auto number = [&](std::int64_t low, std::int64_t high) { return std::to_string(draw.integer(low, high)); };
  const auto odd = [&] { return std::to_string(2 * draw.integer(0, 3) + 1); };
  const std::string inside = "  [[layers.layers]]\n  type = ";
  const std::string conv = layer("rc_conv", "filters = " + number(3, 9) + "\nwidth = " + number(1, 7) + "\npadding = \"valid\"");
  return {
      {conv, "complemented"},
      {layer("rc_conv", "filters = 5\nwidth = " + odd() + "\ndilation = " + number(1, 3)), "complemented"},
      {layer("rc_conv", "filters = 6\nwidth = 3\nbias = false\ngroups = 2\nlegacy_double_scale = true"), "complemented"},
      {layer("rc_batch_norm", "eps = 1e-3\nmomentum = 0.01"), "complemented"},
      {layer("rc_batch_norm", "affine = false"), "complemented"},
      {conv + layer("rc_batch_norm") + layer("activation", "kind = \"gelu\""), "complemented"},
      {layer("activation", "kind = \"softmax\""), "complemented"},
      {layer("layer_norm", "affine = false"), "complemented"},
      {layer("dropout", "rate = 0.3"), "complemented", false},
      {layer("crop", "left = 3\nright = 3"), "complemented"},
      {layer("upsample", "factor = " + number(2, 4)), "complemented"},
      {layer("upsample", "factor = 3\nkind = \"linear\""), "complemented"},
      {layer("scale", "factor = -0.4"), "complemented"},
      {layer("flip_channels"), "complemented"},
      {layer("sum_channels"), "mirrored"},
      {layer("pool", "kind = \"mean\"\nglobal = true"), "complemented"},
      {layer("pool", "global = true") + layer("rc_dense", "units = 3\noutput = \"paired\""), "complemented"},
      {layer("flatten") + layer("rc_batch_norm"), "complemented"},
      {layer("flatten") + layer("rc_pool"), "unchanged"},
      {layer("rc_dense", "units = " + number(2, 5)), "unchanged"},
      {layer("rc_dense", "units = " + number(2, 5) + "\noutput = \"paired\""), "complemented"},
      {layer("rc_pool"), "unchanged"},
      {layer("rc_pool", "kind = \"mean\"") + layer("conv", "filters = 3\nwidth = 4") + layer("pool"), "unchanged"},
      {layer("rc_pool", "kind = \"weighted\""), "complemented"},
      {layer("rc_pool", "kind = \"weighted\"\nsymmetric = true") + layer("sum_channels"), "unchanged"},
      {layer("residual") + inside + "\"rc_conv\"\n  filters = 4\n  width = 3\n  padding = \"valid\"\n" + inside + "\"activation\"\n",
       "complemented"},
      {layer("residual") + inside + "\"rc_conv\"\n  filters = 7\n  width = 5\n", "complemented"},
      {layer("dense_link") + inside + "\"rc_conv\"\n  filters = 3\n  width = " + odd() + "\n  padding = \"valid\"\n" + inside +
           "\"rc_batch_norm\"\n  scale_initial = 0.5\n",
       "complemented"},
      {layer("block") + inside + "\"rc_conv\"\n  filters = 3\n  width = 2\n  padding = \"valid\"\n" + inside + "\"rc_batch_norm\"\n",
       "complemented"},
      {layer("rc_wrap") + inside + "\"conv\"\n  filters = 5\n  width = 4\n  padding = \"valid\"\n" + inside + "\"batch_norm\"\n" + inside +
           "\"activation\"\n",
       "complemented"},
      {layer("ab_conv", "a = 3\nb = 2\nwidth = " + odd()) + layer("ab_pool"), "unchanged"},
      {layer("ab_conv", "a = 2\nb = 2\nwidth = " + number(1, 6) + "\npadding = \"valid\"") + layer("ab_basis"), "complemented"},
      {layer("ab_basis") + layer("ab_batch_norm") + layer("ab_activation", "basis = \"regular\"") +
           layer("ab_conv", "b = " + number(1, 4) + "\nwidth = 4\npadding = \"valid\"") + layer("ab_activation", "odd = \"tanh\"") +
           layer("ab_pool", "kind = \"sum\""),
       "unchanged"},
      {layer("ab_conv", "a = 5\nb = 2\nwidth = 3") + layer("ab_batch_norm", "affine = false") +
           layer("ab_activation", "kind = \"gelu\"\nbasis = \"regular\"") + layer("ab_conv", "a = 3\nwidth = 2\npadding = \"valid\""),
       "mirrored"},
      {layer("rc_wrap") + inside + "\"dense\"\n  units = 3\n", "complemented"},
  };
}

TEST(StrandLaws, EveryLayerThatClaimsIt) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Stream draw(seed, 77);
    for (const LayerCase& c : layer_cases(draw)) {
      const std::int64_t length = draw.integer(21, 60);
      const std::string toml = format(
          "format = 1\n[inputs.sequence]\nchannels = 4\nlength = {}\n[[layers]]\ntype = \"rc_conv\"\nfilters = 4\nwidth = {}\npadding = "
          "\"valid\"\n"
          "[[layers]]\ntype = \"activation\"\n{}[[heads]]\nname = \"out\"\nstrands = \"{}\"\n",
          length, draw.integer(1, 6), c.layers, c.strands);
      SCOPED_TRACE(toml);
      const nn::ModelPtr model = nn::build_model(toml, "law.toml", seed);
      stir(*model, seed);
      expect_law(*model, random_inputs(*model, draw.integer(2, 5), length, seed), c.in_training);
    }
  }
}

TEST(StrandLaws, WordsAsInput) {
  for (const std::int64_t k : {1, 2, 3, 4}) {
    const std::string rc = layer("rc_conv", "filters = 3\nwidth = 5"),
                      ab = layer("ab_conv", "a = 3\nb = 2\nwidth = 4\npadding = \"valid\"") + layer("ab_pool");
    for (const auto& [layers, strands] :
         {std::pair{std::string(), "complemented"}, std::pair{rc, "complemented"}, std::pair{ab, "unchanged"}}) {
      const std::string toml = format(
          "format = 1\n[inputs.sequence]\nchannels = 4\nlength = 33\n[[layers]]\ntype = \"kmer\"\nk = {}\n{}"
          "[[heads]]\nname = \"out\"\nstrands = \"{}\"\n",
          k, layers, strands);
      SCOPED_TRACE(toml);
      const nn::ModelPtr model = nn::build_model(toml, "law.toml", 3);
      stir(*model, 3);
      expect_law(*model, random_inputs(*model, 4, 33, 7));
    }
  }
}

// Windows tile symmetrically or the model is refused, and the lengths that the refusal names are
// accepted.
TEST(StrandLaws, PoolingHoldsOrIsRefused) {
  int refused = 0, held = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Stream draw(seed, 78);
    const std::int64_t length = draw.integer(20, 45), width = draw.integer(1, 8), stride = draw.integer(1, 6);
    const bool strided_conv = draw.bernoulli(0.5);
    const auto text = [&](std::int64_t l) {
      const std::string windows =
          strided_conv ? format("type = \"rc_conv\"\nfilters = 3\npadding = \"valid\"\nwidth = {}\nstride = {}\n", width, stride)
                       : format("type = \"pool\"\nkind = \"{}\"\nwidth = {}\nstride = {}\n", seed % 3 == 0 ? "mean" : "max", width, stride);
      return format(
          "format = 1\n[inputs.sequence]\nchannels = 4\nlength = {}\n[[layers]]\ntype = \"rc_conv\"\nfilters = 5\nwidth = 1\n[[layers]]\n{}"
          "[[heads]]\nname = \"out\"\nstrands = \"complemented\"\n",
          l, windows);
    };
    SCOPED_TRACE(text(length));
    if ((length - width) % stride == 0) {
      const nn::ModelPtr model = nn::build_model(text(length), "law.toml", seed);
      expect_law(*model, random_inputs(*model, 3, length, seed));
      ++held;
      continue;
    }
    const std::int64_t rest = (length - width) % stride;
    EXPECT_THAT(error_text<ShapeError>([&] { nn::build_model(text(length), "law.toml", seed); }),
                testing::HasSubstr(format("{} positions ({} fewer) or {} ({} more) work", length - rest, rest,
                                          length - rest + stride, stride - rest)));
    for (const std::int64_t works : {length - rest, length - rest + stride})
      EXPECT_NO_THROW(nn::build_model(text(works), "law.toml", seed));
    ++refused;
  }
  EXPECT_GT(refused, 10);
  EXPECT_GT(held, 10);
}

// Lengths that are known only when a batch comes are checked then.
TEST(StrandLaws, LengthsOfABatchAreChecked) {
  const nn::ModelPtr model = nn::build_model(
      "format = 1\n[inputs.sequence]\nchannels = 4\n[[layers]]\ntype = \"rc_conv\"\nfilters = 3\nwidth = 5\npadding = "
      "\"valid\"\n[[layers]]\ntype = \"pool\"\n"
      "width = 6\nstride = 4\n[[heads]]\nname = \"out\"\nstrands = \"complemented\"\n",
      "law.toml", 1);
  expect_law(*model, random_inputs(*model, 3, 34, 1));
  model->to(at::kFloat);
  const std::string text = error_text<ShapeError>([&] { model->forward(random_inputs(*model, 3, 36, 1)); });
  EXPECT_THAT(text,
              testing::HasSubstr(
                  "law.toml:9: layer 'pool' (pool): got (N, 6, 32); windows over 6 positions every 4 leave 2 at the right end alone"));
  EXPECT_THAT(text, testing::HasSubstr("30 positions (2 fewer) or 34 (2 more) work"));
}

bool claims(const nn::Model& model) {
  for (const std::string& output : model.output_names())
    if (!model.equivariant(output)) return false;
  return true;
}

TEST(StrandLaws, EveryNetworkOfTheStudy) {
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("recipes/rc_equivariance"))
    if (entry.path().filename().string().ends_with(".model.toml")) files.insert(entry.path());
  int claimed = 0, standard = 0;
  for (const auto& file : files) {
    SCOPED_TRACE(file.string());
    const nn::ModelPtr model = nn::build_model_file(file, 5);
    stir(*model, 5);
    // Profile nets are large, and their layers meet batches of several examples above.
    const Bundle inputs = random_inputs(*model, model->typical_length() > 1000 ? 1 : 2, 0, 6);
    if (claims(*model)) {
      expect_law(*model, inputs);
      ++claimed;
    } else {
      // The standard nets tell the strands apart: the law is one that can be broken.
      const EvalScope mode(*model);
      EXPECT_GT(broken_by(*model, inputs), 1e-3);
      ++standard;
    }
  }
  EXPECT_GE(claimed, 20);
  EXPECT_GE(standard, 7);
}

}  // namespace
}  // namespace basewise
