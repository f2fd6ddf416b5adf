#include "basewise/spec/share_strands.h"

#include <filesystem>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/nn/layer_types.h"
#include "basewise/nn/model.h"
#include "basewise/spec/model_file.h"
#include "basewise/spec/reader.h"
#include "basewise/spec/writer.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/strand.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise::nn {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const fs::path kModels = "recipes/rc_equivariance/models";

std::string file_text(const std::string& name) { return read_file(kModels / (name + ".model.toml")); }

/// What a recipe makes of the text of a plain model.
spec::ModelFile shared(const std::string& toml, const std::string& origin, const spec::SharingOptions& options) {
  const spec::ModelSpec model = spec::share_strands(spec::parse_spec(toml, origin), options, strand_form);
  return {model, spec::to_toml(model, spec::sharing_comment(options))};
}

std::string message_of(const std::function<void()>& f) { return error_text<Error>(f); }

std::int64_t parameters(const Model& model) {
  std::int64_t total = 0;
  for (const auto& p : model.parameters()) total += p.numel();
  return total;
}

Bundle random_inputs(const Model& model, std::int64_t n) {
  Bundle inputs;
  std::uint64_t number = 0;
  for (const auto& [name, shape] : model.input_shapes()) {
    std::vector<std::int64_t> sizes{n, shape.front()};
    if (shape.size() == 2) sizes.push_back(shape[1] > 0 ? shape[1] : 211);
    inputs.set(name, name == "sequence" ? random_one_hot(n, sizes.at(2), Stream(4)) : random_normal(sizes, Stream(5, number++)));
  }
  return inputs;
}

/// Gives `to` the weights of `from`: those of equal shape in their order, whatever their names. A
/// convolution over a concatenation reads [c, h, c] in both.
void copy_weights(const Model& from, Model& to) {
  const NoGradScope no_grad;
  std::multimap<std::vector<std::int64_t>, at::Tensor> given;
  for (const auto& item : from.named_parameters()) given.emplace(item.value().sizes().vec(), item.value());
  for (auto& item : to.named_parameters()) {
    const auto found = given.lower_bound(item.value().sizes().vec());
    ASSERT_TRUE(found != given.end() && found->first == item.value().sizes().vec()) << item.key() << " " << item.value().sizes();
    item.value().copy_(found->second);
    given.erase(found);
  }
  EXPECT_TRUE(given.empty());
}

double difference(const Bundle& a, const Bundle& b) {
  double worst = 0;
  for (const auto& [name, x] : a) worst = std::max(worst, ((x - b.at(name)).abs().max() / x.abs().max()).item<double>());
  return worst;
}

struct Pair {
  std::string plain;
  spec::SharingOptions options;
  std::string by_hand;
  std::int64_t total = 0;
};

const spec::SharingOptions kShared{}, kHalf{.filters = 0.5}, kMean{.pool = spec::StrandPool::mean},
    kWeighted{.pool = spec::StrandPool::weighted};
spec::SharingOptions wrapped(std::vector<std::string> wrap) { return {.wrapped = true, .wrap = std::move(wrap)}; }

const std::vector<Pair>& pairs() {
  static const std::vector<Pair> all{
      {"simulated_200", kShared, "simulated_200_rcps", 2283},
      {"simulated_1000", kShared, "simulated_1000_rcps", 4683},
      {"simulated_200", kMean, "simulated_200_rcps_mean", 2283},
      {"binary", kShared, "binary_rcps", 16193},
      {"binary", kHalf, "binary_rcps_half", 4513},
      {"binary", kMean, "binary_rcps_mean", 16193},
      {"binary", kWeighted, "binary_rcps_weighted", 16192},
      {"binary", wrapped({"all"}), "binary_hybrid_all"},
      {"binary", wrapped({"early"}), "binary_hybrid_early"},
      {"binary", wrapped({"late"}), "binary_hybrid_late"},
      {"binary", wrapped({"conv_2", "conv_3"}), "binary_hybrid_late"},
      {"profile", kShared, "profile_rcps", 162888},
      {"profile", kHalf, "profile_rcps_half"},
      {"profile", wrapped({"all"}), "profile_hybrid"},
      {"profile_counts", kShared, "profile_counts_rcps", 163019},
      {"profile_counts", kHalf, "profile_counts_rcps_half"},
      {"profile_counts", wrapped({"all"}), "profile_counts_hybrid", 89291},
      {"profile_nocontrol", kShared, "profile_nocontrol_rcps"},
      {"profile_nocontrol", wrapped({"all"}), "profile_nocontrol_hybrid"},
      {"profile_nocontrol_counts", kShared, "profile_nocontrol_counts_rcps", 163010},
      {"profile_nocontrol_counts", kHalf, "profile_nocontrol_counts_rcps_half"},
      {"profile_nocontrol_counts", wrapped({"all"}), "profile_nocontrol_counts_hybrid"},
  };
  return all;
}

TEST(ShareStrands, RewrittenModelsOfTheStudyAreThoseWrittenByHand) {
  for (const Pair& pair : pairs()) {
    SCOPED_TRACE(pair.by_hand);
    const ModelPtr hand = build_model(file_text(pair.by_hand), pair.by_hand, 1);
    const ModelPtr rewritten = build_equivariant_model(shared(file_text(pair.plain), pair.plain, pair.options), 2);
    EXPECT_EQ(parameters(*rewritten), parameters(*hand));
    if (pair.total > 0) {
      EXPECT_EQ(parameters(*rewritten), pair.total);
    }
    copy_weights(*hand, *rewritten);
    const NoGradScope no_grad;
    const Bundle inputs = random_inputs(*hand, 2);
    hand->eval();
    rewritten->eval();
    EXPECT_LT(difference(hand->forward(inputs), rewritten->forward(inputs)), 1e-6);
  }
}

/// Hashes of records cover these texts. Made at 41c6c9c, whose pass went from text to text: file,
/// options, and the first 16 digits of the SHA-256 of the text, or the error.
TEST(ShareStrands, TextsOfRewrittenModelsAreThoseOfTheRecords) {
  const std::map<std::string, spec::SharingOptions> options{{"shared", kShared},
                                                            {"half", kHalf},
                                                            {"mean", kMean},
                                                            {"weighted", kWeighted},
                                                            {"doubled", {.legacy_double_scale = true}},
                                                            {"wrapped all", wrapped({"all"})},
                                                            {"wrapped early", wrapped({"early"})},
                                                            {"wrapped late", wrapped({"late"})},
                                                            {"wrapped conv_2 conv_3", wrapped({"conv_2", "conv_3"})}};
  std::istringstream rows(read_file("tests/golden/shared_strands.tsv"));
  std::string file, name, expected;
  int found = 0;
  while (std::getline(rows, file, '\t') && std::getline(rows, name, '\t') && std::getline(rows, expected)) {
    SCOPED_TRACE(file + " " + name);
    std::string text;
    const std::string message = maybe_error_text([&] { text = shared(read_file(file), file, options.at(name)).text; });
    EXPECT_EQ(text.empty() ? message : sha256(text).substr(0, 16), expected) << text;
    ++found;
  }
  EXPECT_EQ(found, 351);
}

/// |f(RC x) - RC f(x)| relative to |f|, in double precision.
double broken(Model& model) {
  const NoGradScope no_grad;
  model.to(at::kDouble);
  model.eval();
  const auto turned = [&](const Bundle& tensors) {
    Bundle all;
    for (const auto& [name, x] : tensors) all.set(name, other_strand(x, model.strand_rule(name), name));
    return all;
  };
  Bundle inputs;
  for (const auto& [name, x] : random_inputs(model, 3)) inputs.set(name, x.to(at::kDouble));
  return difference(turned(model.forward(inputs)), model.forward(turned(inputs)));
}

constexpr const char* kInput = "format = 1\n[inputs.sequence]\nchannels = 4\nlength = 211\n";

/// Hidden dense layers, unnamed layers, repetitions with lists, a residual block with projection,
/// blocks that put their input beside, a dense layer on channels.
const std::string kMixed = std::string(kInput) + R"(
[[layers]]
type = "conv"
filters = [6, 10]
width = 7
repeat = 2
[[layers]]
type = "activation"
[[layers]]
type = "dense_link"
name = "linked"
repeat = 2
  [[layers.layers]]
  type = "conv"
  filters = 6
  width = 3
  dilation = "from 2 times 2"
  [[layers.layers]]
  type = "activation"
[[layers]]
type = "residual"
name = "body"
  [[layers.layers]]
  type = "conv"
  filters = 8
  width = 3
  [[layers.layers]]
  type = "batch_norm"
  [[layers.layers]]
  type = "activation"
[[layers]]
type = "dense"
on = "channels"
units = 5
[[layers]]
type = "activation"
[[layers]]
type = "pool"
kind = "mean"
global = true
[[layers]]
type = "dense"
units = 9
[[layers]]
type = "activation"
[[heads]]
name = "logits"
bias_initial = [0.5, -1.0, 2]
  [[heads.layers]]
  type = "dense"
  units = 3
[[heads]]
name = "profile"
from = "body"
bias_initial = [-6.5, -6.5]
  [[heads.layers]]
  type = "conv"
  filters = 2
  width = 1
[[heads]]
name = "track"
from = "body"
  [[heads.layers]]
  type = "conv"
  filters = 1
  width = 5
)";

TEST(ShareStrands, EveryOutputOfAMixedModelObeysTheLaw) {
  for (const spec::SharingOptions& options : {kShared, kHalf, kMean, wrapped({"all"}), wrapped({"conv"}), wrapped({"body"})}) {
    const ModelPtr model = build_equivariant_model(shared(kMixed, "mixed.toml", options), 3);
    for (const auto& name : model->output_names()) EXPECT_TRUE(model->equivariant(name)) << name;
    EXPECT_LT(broken(*model), 1e-12);
    const ModelPtr plain = build_model(kMixed, "mixed.toml", 3);
    EXPECT_GT(broken(*plain), 1e-2);
    // What comes out has the shapes of the plain model.
    const NoGradScope no_grad;
    plain->to(at::kFloat);
    model->to(at::kFloat);
    const Bundle inputs = random_inputs(*plain, 2);
    for (const auto& [name, x] : plain->forward(inputs)) EXPECT_EQ(model->forward(inputs).at(name).sizes(), x.sizes()) << name;
  }
}

TEST(ShareStrands, NamesOfThePlainModelStay) {
  const std::string text = shared(kMixed, "mixed.toml", kHalf).text;
  const ModelPtr model = build_model(text, "mixed.toml", 3);
  const auto named = model->named_parameters();
  for (const char* name :
       {"conv.0.weight", "conv.1.weight", "body.conv.weight", "body.batch_norm.weight", "dense_2.weight", "logits.dense.weight"})
    EXPECT_TRUE(named.contains(name)) << name << "\n" << text;
  EXPECT_EQ(named["conv.0.weight"].size(0), 3);
  EXPECT_EQ(named["conv.1.weight"].size(0), 5);
  EXPECT_EQ(build_model(text, "again", 3)->specification(), text);
  EXPECT_THAT(text, HasSubstr("# Rewritten: weights shared between the strands, 0.5 of the filters, pool = sum."));
}

TEST(ShareStrands, LegacyScaleGoesToEverySharedConvolution) {
  spec::SharingOptions legacy;
  legacy.legacy_double_scale = true;
  const std::string text = shared(file_text("binary"), "binary", legacy).text;
  std::size_t found = 0;
  for (std::size_t at = text.find("legacy_double_scale = true"); at != std::string::npos;
       at = text.find("legacy_double_scale = true", at + 1))
    ++found;
  EXPECT_EQ(found, 3u);
}

std::string head(const std::string& layers) { return std::string(kInput) + layers; }

TEST(ShareStrands, WhatCannotBeSharedNamesLayerAndLine) {
  const auto error = [](const std::string& toml, spec::SharingOptions options = {}) {
    return message_of([&] { build_equivariant_model(shared(toml, "m.toml", options), 0); });
  };
  const std::string dense = "[[heads]]\nname = \"logits\"\n[[heads.layers]]\ntype = \"dense\"\nunits = 1\n";
  EXPECT_THAT(
      error(head("[[layers]]\ntype = \"conv\"\nfilters = 6\nwidth = 3\ngroups = 2\n" + dense)),
      AllOf(HasSubstr("m.toml:5: layer 'conv' (conv): has no form that is shared between the strands"), HasSubstr("groups of pairs")));
  EXPECT_THAT(error(head("[[layers]]\ntype = \"conv\"\nfilters = 6\nwidth = 3\npadding = \"causal\"\n" + dense)),
              HasSubstr("causal padding"));
  EXPECT_THAT(error(head("[[layers]]\ntype = \"pool\"\nkind = \"attention\"\nwidth = 5\n" + dense)),
              HasSubstr("m.toml:5: layer 'pool' (pool)"));
  EXPECT_THAT(error(head("[[layers]]\ntype = \"layer_norm\"\n" + dense)), HasSubstr("affine = false"));
  EXPECT_THAT(error(head("[[heads]]\nname = \"profile\"\n[[heads.layers]]\ntype = \"conv\"\nfilters = 5\nwidth = 3\n")),
              HasSubstr("a head of 5 channels"));
  EXPECT_THAT(error(head("[[layers]]\ntype = \"rc_conv\"\nfilters = 6\nwidth = 3\n" + dense)), HasSubstr("layers of both strands already"));
  EXPECT_THAT(error(head("[[layers]]\ntype = \"conv\"\nname = \"a\"\nfilters = 6\nwidth = 3\n[[layers]]\ntype = \"conv\"\nfrom = [\"a\", "
                         "\"sequence\"]\ncombine = \"concat\"\nfilters = 6\nwidth = 3\n" +
                         dense)),
              HasSubstr("m.toml:10: concatenates [a, sequence]: 2 of them have channels for both strands; at most one can"));
  EXPECT_THAT(error(head("[[layers]]\ntype = \"conv\"\nfilters = 6\nwidth = 3\n[[layers]]\ntype = \"pool\"\nwidth = 4\n" + dense)),
              HasSubstr("m.toml:9: layer 'pool' (pool)"));
  EXPECT_THAT(error(head("[[layers]]\ntype = \"conv\"\nfilters = 6\nwidth = 3\n[[layers]]\ntype = \"flatten\"\n" + dense), kWeighted),
              HasSubstr("leave the flatten out"));
  EXPECT_THAT(error(head(dense), wrapped({"all"})), HasSubstr("no convolution to wrap"));
  const std::string tower = head("[[layers]]\ntype = \"conv\"\nfilters = \"from 6 to 8\"\nwidth = 3\nrepeat = 2\n" + dense);
  EXPECT_THAT(error(tower, kHalf), HasSubstr("strand.filters = 0.5 cannot change the rule filters = \"from 6 to 8\": give a list"));
  EXPECT_EQ(build_equivariant_model(shared(tower, "m.toml", kShared), 0)->named_parameters()["conv.1.weight"].size(0), 8);
  EXPECT_THAT(error(kMixed, wrapped({"bodi"})), HasSubstr("did you mean 'body'?"));
  EXPECT_NO_THROW(build_equivariant_model(shared(kMixed, "m.toml", wrapped({"late"})), 1));
  EXPECT_THAT(error(kMixed, {.filters = 0}), HasSubstr("strand.filters is 0"));
  EXPECT_THAT(error("format = 1\n"), HasSubstr("m.toml:1: the model has no input"));
}

}  // namespace
}  // namespace basewise::nn
