// Model files: what they may say, and how each mistake is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/nn/layer_types.h"
#include "basewise/nn/model.h"
#include "basewise/spec/expand.h"
#include "basewise/spec/reader.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise::nn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kStart = "format = 1\n[inputs.sequence]\nchannels = 4\nlength = 37\n";  // lines 1 to 4
const std::string kConv = "[[layers]]\ntype = \"conv\"\nname = \"stem\"\nfilters = 6\nwidth = 5\n";
const std::string kHead = "[[heads]]\nname = \"out\"\n";

std::vector<std::string> parameter_names(const Model& model) {
  std::vector<std::string> names;
  for (const auto& item : model.named_parameters()) names.push_back(item.key());
  return names;
}

TEST(ModelFile, RepetitionsAreWrittenOutAndTakeTheirOwnValues) {
  const spec::ModelSpec spec = spec::expanded(spec::parse_spec(kStart + R"([[layers]]
type = "block"
name = "tower"
repeat = 3
  [[layers.layers]]
  type = "conv"
  filters = [6, 7, 8]
  width = 3
  [[layers.layers]]
  type = "conv"
  filters = 5
  width = [1, 3]
  repeat = 2
)" + kHead, "m.toml"));
  ASSERT_EQ(spec.layers.size(), 3u);
  EXPECT_EQ(spec.layers[2].name, "tower.2");
  EXPECT_EQ(std::get<std::int64_t>(spec.layers[2].layers[0].options[0].value.value), 8);
  EXPECT_EQ(spec.layers[2].layers[2].path, "tower.2.conv_2.1");
  EXPECT_EQ(std::get<std::int64_t>(spec.layers[2].layers[2].options[1].value.value), 3);
}

TEST(ModelFile, NamesOfParametersFollowThePath) {
  const ModelPtr model = build_model_file("tests/support/models/dilated.model.toml", 1);
  const std::vector<std::string> names = parameter_names(*model);
  EXPECT_THAT(names, testing::IsSupersetOf(
                         {"stem.weight", "stem_norm.bias", "body.0.conv.weight", "body.5.batch_norm.weight", "logits.conv.bias"}));
  std::int64_t count = 0;
  for (const auto& parameter : model->parameters()) count += parameter.numel();
  EXPECT_EQ(count, 46226);
  for (const double bias : {0, 1})
    EXPECT_FLOAT_EQ(model->named_parameters()["logits.conv.bias"][static_cast<std::int64_t>(bias)].item<float>(), -6.3F);
}

TEST(ModelFile, SkipsHeadsAndSeveralInputs) {
  const ModelPtr model = build_model(R"(format = 1
[inputs.control]
channels = 2
[inputs.sequence]
channels = 4
[inputs.depth]
features = 3
[[layers]]
name = "a"
type = "conv"
filters = 6
width = 5
padding = "valid"
[[layers]]
name = "b"
type = "conv"
filters = 6
width = 3
[[layers]]
name = "sum"
from = ["a", "b"]
combine = "add"
type = "activation"
[[layers]]
name = "trimmed"
from = "control"
type = "crop"
left = 2
right = 2
[[heads]]
name = "profile"
from = ["sum", "trimmed"]
combine = "concat"
  [[heads.layers]]
  type = "conv"
  filters = 2
  width = 1
[[heads]]
name = "counts"
from = "sum"
bias_initial = [1, 2, 3]
  [[heads.layers]]
  name = "mean"
  type = "pool"
  kind = "mean"
  global = true
  [[heads.layers]]
  from = ["mean", "depth"]
  combine = "concat"
  type = "dense"
  units = 3
  initialiser = "zeros"
)", "m.toml", 5);
  EXPECT_THAT(model->input_names(), ElementsAre("sequence", "control", "depth"));
  EXPECT_THAT(model->output_names(), ElementsAre("profile", "counts"));
  const Bundle outputs = model->forward({{"sequence", random_one_hot(3, 37, Stream(1))}, {"control", at::rand({3, 2, 37})},
                                         {"depth", at::rand({3, 3})}, {"unknown", at::rand({1})}});
  EXPECT_EQ(outputs.at("profile").sizes(), (std::vector<std::int64_t>{3, 2, 33}));
  EXPECT_TRUE(at::equal(outputs.at("counts"), at::tensor({1.0F, 2.0F, 3.0F}).expand({3, 3})));
  EXPECT_EQ(model->context("profile").left, 2);
  EXPECT_EQ(model->context("profile").receptive_right, 3);
  EXPECT_EQ(model->input_shapes()[1].second, (std::vector<std::int64_t>{2, -1}));
}

struct Bad {
  std::string toml;
  std::string message;
};

void expect_refused(const Bad& bad) {
  SCOPED_TRACE(bad.toml);
  EXPECT_THAT(error_text<ArgumentError>([&] { build_model(bad.toml, "m.toml", 1); }), HasSubstr(bad.message));
}

TEST(ModelFile, EachMistakeIsToldWithItsLine) {
  const std::string residual = "[[layers]]\ntype = \"residual\"\nname = \"res\"\n";
  const std::string inner = "[[layers.layers]]\ntype = \"conv\"\nfilters = 6\nwidth = 3\n";
  const Bad table[] = {
      {"format = 1\n[inputs.sequence\n", "m.toml:2: this is no valid TOML"},
      {"[inputs.sequence]\nchannels = 4\n" + kHead, "m.toml:1: a model file starts with format = 1"},
      {"format = 2\n", "m.toml:1: unknown 'format'"},
      {"format = 1\n" + kHead, "m.toml:1: the model has no input"},
      {kStart, "m.toml:1: the model has no head"},
      {kStart + "[[layer]]\ntype = \"conv\"\n" + kHead, "m.toml:5: unknown key 'layer' in a model file; did you mean 'layers'?"},
      {"format = 1\n[inputs.sequence]\nchanels = 4\n" + kHead,
       "m.toml:3: unknown key 'chanels' in input 'sequence'; did you mean 'channels'?"},
      {"format = 1\n[inputs.sequence]\nchannels = 0\n" + kHead, "m.toml:3: 'channels' is 0; expected 1 to"},
      {"format = 1\n[inputs.sequence]\nlength = 4\n" + kHead, "m.toml:2: input 'sequence' needs 'channels'"},
      {kStart + "[[layers]]\nfilters = 3\n" + kHead, "m.toml:5: this layer has no 'type'"},
      {kStart + "[[layers]]\ntype = \"convv\"\n" + kHead, "m.toml:5: layer 'convv': unknown type \"convv\"; did you mean \"conv\"?"},
      {kStart + kConv + "filtres = 3\n" + kHead, "m.toml:10: layer 'stem' (conv): unknown option 'filtres'; did you mean 'filters'?"},
      {kStart + kConv + "stride = \"two\"\n" + kHead, "m.toml:10: layer 'stem' (conv): option 'stride' must be a whole number; found text"},
      {kStart + kConv + "stride = 0\n" + kHead, "m.toml:10: layer 'stem' (conv): option 'stride' is 0; it must be >= 1"},
      {kStart + kConv + "padding = \"samee\"\n" + kHead,
       "option 'padding' is \"samee\"; it must be one of same, valid, causal, explicit (did you mean \"same\"?)"},
      {kStart + "[[layers]]\ntype = \"conv\"\nwidth = 3\n" + kHead, "m.toml:5: layer 'conv' (conv): option 'filters' is missing"},
      {kStart + kConv + "initialiser = \"kaiming\"\n" + kHead,
       "layer 'stem' (conv): option 'initialiser' is \"kaiming\"; it must be one of torch, kaiming_normal, kaiming_uniform"},
      {kStart + kConv + "groups = 4\n" + kHead,
       "m.toml:5: layer 'stem' (conv): got 4 channels and 6 filters; both must be multiples of groups = 4"},
      {kStart + kConv + "pad_left = 4\n" + kHead,
       "layer 'stem' (conv): option 'pad_left' means nothing with padding = \"same\"; padding = \"explicit\" uses it"},
      {kStart + "[[layers]]\ntype = \"pool\"\nglobal = true\nwidth = 3\n" + kHead,
       "m.toml:8: layer 'pool' (pool): option 'width' means nothing with global = true; global = false uses it"},
      {kStart + "[[layers]]\ntype = \"activation\"\nslope = 0.2\n" + kHead,
       "m.toml:7: layer 'activation' (activation): option 'slope' means nothing with kind = \"relu\"; kind = \"leaky_relu\" uses it"},
      {kStart + "[[layers]]\ntype = \"activation\"\nkind = \"leaky_relu\"\nalpha = 2\n" + kHead,
       "option 'alpha' means nothing with kind = \"leaky_relu\"; kind = \"elu\" uses it"},
      {kStart + kConv + "dilation = 10\npadding = \"valid\"\n" + kHead,
       "m.toml:5: layer 'stem' (conv): got (N, 4, 37): 37 positions are fewer than the 41 that the kernel spans"},
      {kStart + kConv + "repeat = 3\ndilation = [1, 2]\n" + kHead,
       "m.toml:11: layer 'stem': option 'dilation' lists 2 values, but the repetition has 3"},
      {kStart + kConv + "dilation = [1, 2]\n" + kHead,
       "m.toml:10: layer 'stem' (conv): option 'dilation' must be a whole number; found a list of 2 values"},
      {kStart + kConv + "from = \"sequense\"\n" + kHead,
       "m.toml:10: stem: from = \"sequense\" names nothing above it; did you mean \"sequence\"?"},
      {kStart + kConv + kConv + kHead, "m.toml:10: name 'stem' is used twice; the first is in line 5"},
      {kStart + kConv + "[[heads]]\nname = \"stem\"\n", "name 'stem' is used twice"},
      {kStart + kConv + "name2 = 1979-05-27\n" + kHead, "m.toml:10: a value here must be a number, text"},
      {kStart + kConv + "[[heads]]\nname = \"out\"\nfrom = [\"stem\", \"sequence\"]\n",
       "m.toml:12: out: from names 2 sources; say combine"},
      {kStart + kConv + "[[heads]]\nname = \"out\"\nfrom = [\"stem\", \"sequence\"]\ncombine = \"add\"\n",
       "m.toml:10: head 'out': got 'stem' (N, 6, 37), 'sequence' (N, 4, 37) to add; expected the same channels and length"},
      {kStart + kConv + "padding = \"valid\"\n[[heads]]\nname = \"out\"\nfrom = [\"stem\", \"sequence\"]\ncombine = \"concat\"\n",
       "m.toml:11: head 'out': got 'stem' (N, 6, 33), 'sequence' (N, 4, 37) to concatenate; expected the same length"},
      {kStart + kConv + "[[heads]]\nname = \"out\"\nbias_initial = -3\n", "m.toml:12: head 'out': bias_initial needs a layer with a bias"},
      {kStart + "[[layers]]\ntype = \"residual\"\n" + kHead, "m.toml:5: layer 'residual' (residual): a residual needs layers inside"},
      {kStart + residual + inner + "stride = 2\n" + kHead,
       "m.toml:5: layer 'res' (residual): the layers inside go from 1 to 2 input positions per position"},
      {kStart + residual + "project = \"never\"\n" + inner + kHead, "turn (N, 4, 37) into (N, 6, 37); the channels must agree"},
      {kStart + residual + inner + "[[layers.layers]]\ntype = \"crop\"\nleft = 40\n" + kHead,
       "m.toml:12: layer 'res.crop' (crop): got (N, 6, 37)"},
      {kStart + "[[layers]]\ntype = \"dense\"\nunits = 3\n" + kConv + kHead,
       "m.toml:8: layer 'stem' (conv): got (N, 3), expected (N, channels, length)"},
      {"format = 1\n[inputs.sequence]\nchannels = 4\n[[layers]]\ntype = \"flatten\"\n" + kHead,
       "m.toml:4: layer 'flatten' (flatten): got (N, 4, L) of unknown length"},
      {kStart + "[[layers]]\ntype = \"crop\"\nlength = 40\n" + kHead,
       "m.toml:5: layer 'crop' (crop): got (N, 4, 37), which is shorter than length = 40"},
      {kStart + kConv + "[[layers.layers]]\ntype = \"flatten\"\n" + kHead, "m.toml:5: layer 'stem': a conv holds no layers"},
      {kStart + "[[layers]]\ntype = \"dropout\"\nrate = 1.0\n" + kHead,
       "m.toml:7: layer 'dropout' (dropout): option 'rate' is 1; it must be >= 0 and < 1"},
  };
  for (const Bad& bad : table) expect_refused(bad);
}

std::string times(int n, const std::string& text) {
  std::string all;
  for (int i = 0; i < n; ++i) all += text;
  return all;
}

TEST(ModelFile, AbsurdSizesAreRefusedBeforeMemoryIsSpent) {
  const std::string any_length = "format = 1\n[inputs.sequence]\nchannels = 4\n";  // lines 1 to 3
  const std::string thousand = "[[layers]]\ntype = \"activation\"\nrepeat = 1000\n";
  const std::string upsample = "[[layers]]\ntype = \"upsample\"\nfactor = 10000\n";
  const std::string leap = "[[layers]]\ntype = \"conv\"\nfilters = 4\nwidth = 1\nstride = 1000000\n";
  const Bad table[] = {
      {kStart + "[[layers]]\ntype = \"conv\"\nfilters = 1000000\nwidth = 1000000\n" + kHead,
       "m.toml:5: layer 'conv' (conv): its weight of shape (1000000, 4, 1000000) has 4000000000000 numbers; at most 1000000000 are "
       "allowed"},
      {kStart +
           "[[layers]]\ntype = \"conv\"\nfilters = 1000000\nwidth = 1\n[[layers]]\ntype = \"dense\"\nunits = 1001\non = \"channels\"\n" +
           kHead,
       "m.toml:9: layer 'dense' (dense): its weight of shape (1001, 1000000) has 1001000000 numbers; at most 1000000000 are allowed"},
      {kStart + "[[layers]]\ntype = \"conv\"\nfilters = 100000\nwidth = 1\n[[layers]]\ntype = \"pool\"\nkind = \"attention\"\n" + kHead,
       "m.toml:9: layer 'pool' (pool): its weight of shape (100000, 100000) has 10000000000 numbers"},
      {kStart + times(11, thousand) + kHead,
       "m.toml:35: layer 'activation': with it and its repetitions the model has 11000 layers or more; at most 10000 are allowed"},
      {kStart + times(10, thousand) + kHead + "[[heads.layers]]\ntype = \"flatten\"\nname = \"flat\"\n",
       "m.toml:32: layer 'activation': with it and its repetitions the model has 10001 layers or more"},
      {kStart + "[[layers]]\ntype = \"block\"\nname = \"tower\"\nrepeat = 1000\n[[layers.layers]]\ntype = \"activation\"\nrepeat = 1000\n" +
           kHead,
       "m.toml:5: layer 'tower': with it and its repetitions the model has 1001000 layers or more"},
      {kStart + times(2, upsample) + kHead,
       "m.toml:8: layer 'upsample_2' (upsample): it gives (N, 4, 3700000000); at most 1000000000 channels and as many positions are "
       "allowed"},
      {any_length + times(2, upsample) + kHead,
       "m.toml:7: layer 'upsample_2' (upsample): what its positions read repeats only after 100000000 positions; at most 10000 are "
       "allowed"},
      {any_length + times(4, leap) + kHead,
       "m.toml:19: layer 'conv_4' (conv): it and the layers before it reach over more than 1000000000000000000 input positions"},
      {"format = 1\n[inputs.sequence]\nchannels = 1000000000\nlength = 1000000000\n[[layers]]\ntype = \"flatten\"\n" + kHead,
       "m.toml:5: layer 'flatten' (flatten): it gives (N, 1000000000000000000); at most 1000000000 channels"},
      {"format = 1\n[inputs.sequence]\nchannels = 1000000000\n[[layers]]\ntype = \"batch_norm\"\nfrom = [\"sequence\", "
       "\"sequence\"]\ncombine = \"concat\"\n" +
           kHead,
       "m.toml:4: layer 'batch_norm' (batch_norm): it gives (N, 2000000000, L); at most 1000000000 channels"},
  };
  for (const Bad& bad : table) expect_refused(bad);
  expect_refused({kStart + "[[layers" + times(100000, ".layers") + "]]\n" + kHead, "m.toml:5: a key of more than 32 parts"});
  EXPECT_EQ(spec::expanded(spec::parse_spec(kStart + times(10, thousand) + kHead, "m.toml")).layers.size(), 10000u);
}

TEST(ModelFile, InputsThatDoNotFitAreRefusedByName) {
  const ModelPtr model = build_model(kStart + kConv + "padding = \"valid\"\n" + kHead, "m.toml", 1);
  const auto message = [&](const Bundle& inputs) -> std::string { return error_text<ArgumentError>([&] { model->forward(inputs); }); };
  EXPECT_THAT(message({{"sequence", at::zeros({3, 5, 37})}}),
              HasSubstr("tensor 'sequence' has shape (3, 5, 37), expected (N, channels = 4, length)"));
  EXPECT_THAT(message({{"sequence", at::zeros({3, 4, 4})}}),
              HasSubstr("m.toml:5: layer 'stem' (conv): got (N, 4, 4): 4 positions are fewer than the 5"));
  EXPECT_THAT(message({{"dna", at::zeros({3, 4, 4})}}), HasSubstr("no tensor named 'sequence' here; there are: dna"));
}

TEST(ModelFile, EveryTypeIsInTheReference) {
  const std::string text = layer_reference();
  for (const LayerType& type : layer_types()) EXPECT_THAT(text, HasSubstr(std::string(type.help)));
  EXPECT_THAT(text, HasSubstr("dilation"));
}

// Whatever bytes come, the answer is a model or an error of ours.
TEST(ModelFile, CutOrScrambledFilesNeverCrash) {
  const std::string whole = read_file("tests/support/models/dilated.model.toml");
  Stream draw(3);
  for (int i = 0; i < 60; ++i) {
    std::string text = whole;
    if (i % 2 == 0) text.resize(draw.below(text.size()));
    else for (int k = 0; k < 3; ++k) text[draw.below(text.size())] = static_cast<char>(draw.below(128));
    try {
      EXPECT_FALSE(build_model(text, "m.toml", 1)->output_names().empty());
    } catch (const Error& e) {
      EXPECT_THAT(e.what(), HasSubstr("m.toml"));
    }
  }
}

}  // namespace
}  // namespace basewise::nn
