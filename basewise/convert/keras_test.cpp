// Keras files: what becomes of layers and weights, and how each mistake is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/convert/convert.h"
#include "basewise/core/files.h"
#include "basewise/io/safetensors.h"
#include "basewise/spec/reader.h"
#include "basewise/spec/writer.h"
#include "tests/support/error_text.h"
#include "tests/support/keras_file.h"
#include "tests/support/test_files.h"

namespace basewise::convert {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using Pair = std::pair<std::string, std::string>;

const ConvertedTensor& tensor(const Converted& converted, const std::string& name) {
  for (const ConvertedTensor& one : converted.weights)
    if (one.name == name) return one;
  throw InternalError("no tensor " + name);
}

class Keras : public testing::Test {
 protected:
  Converted read(const std::string& config, const std::vector<KerasTensor>& tensors, bool partial = false) {
    write_keras(folder_.path() / "m.h5", config, tensors);
    return read_foreign({.file = folder_.path() / "m.h5", .partial = partial});
  }
  std::string refusal(const std::string& config, const std::vector<KerasTensor>& tensors = {}) {
    return error_text<DataError>([&] { return read(config, tensors); });
  }
  /// Of a layer behind an input of 12 positions and 4 channels.
  std::string refusal_of(const std::string& type, const std::string& config, const std::vector<KerasTensor>& tensors = {}) {
    return refusal(
        keras_model({keras_layer("InputLayer", "in", "\"batch_input_shape\": [null, 12, 4]"), keras_layer(type, "it", config, {"in"})},
                    {"it"}),
        tensors);
  }
  Converted layer(const std::string& type, const std::string& config, const std::vector<KerasTensor>& tensors = {}, int length = 12) {
    return read(keras_model({keras_layer("InputLayer", "in", format("\"batch_input_shape\": [null, {}, 4]", length)),
                             keras_layer(type, "it", config, {"in"})},
                            {"it"}),
                tensors);
  }

  testing_files::Folder folder_;
};

TEST_F(Keras, LayersAndWeightsHaveOurNamesAndOrder) {
  const Converted c = read(small_keras(), small_keras_tensors());
  EXPECT_EQ(c.kind, SourceKind::keras);
  ASSERT_EQ(c.model.inputs.size(), 1u);
  EXPECT_EQ(c.model.inputs[0].name, "sequence");
  EXPECT_EQ(c.model.inputs[0].length, 5);
  std::vector<std::string> names;
  for (const spec::LayerSpec& layer : c.model.layers) names.push_back(layer.name + ":" + layer.type);
  EXPECT_THAT(names, ElementsAre("conv_a:conv", "conv_a_function:activation", "norm:batch_norm", "flat:flatten", "end:dense"));
  EXPECT_EQ(c.model.heads[0].name, "logits");
  EXPECT_THAT(c.model.heads[0].from, ElementsAre("end"));
  EXPECT_THAT(c.notes, Contains(HasSubstr("the sigmoid of 'end' is left out")));
  EXPECT_THAT(c.notes, Contains(HasSubstr("8 tensors of the file are taken: tensors.tsv lists them")));
  // What is written reads as the same model.
  EXPECT_TRUE(spec::parse_spec(spec::to_toml(c.model), "again.toml") == c.model);
  // (width 2, channels 4, filters 3): number (w, c, f) is 12 w + 3 c + f + 1 over 24.
  const ConvertedTensor& kernel = tensor(c, "conv_a.weight");
  EXPECT_THAT(kernel.shape, ElementsAre(3, 4, 2));
  for (int f = 0; f < 3; ++f)
    for (int ch = 0; ch < 4; ++ch)
      for (int w = 0; w < 2; ++w)
        EXPECT_FLOAT_EQ(kernel.values[static_cast<std::size_t>((f * 4 + ch) * 2 + w)], static_cast<float>(12 * w + 3 * ch + f + 1) / 24);
  // Rows l 3 + c of the file are c 5 + l here; number (row, unit) is 2 row + unit + 1 over 30.
  const ConvertedTensor& end = tensor(c, "end.weight");
  EXPECT_THAT(end.shape, ElementsAre(2, 15));
  for (int unit = 0; unit < 2; ++unit)
    for (int ch = 0; ch < 3; ++ch)
      for (int l = 0; l < 5; ++l)
        EXPECT_FLOAT_EQ(end.values[static_cast<std::size_t>(unit * 15 + ch * 5 + l)], static_cast<float>(2 * (l * 3 + ch) + unit + 1) / 30);
  EXPECT_EQ(c.model.layers[2].option("eps")->value, spec::SpecValue({0.01, {}}).value);
  EXPECT_EQ(c.model.layers[2].option("momentum")->value, spec::SpecValue({0.1, {}}).value);
  EXPECT_EQ(tensor(c, "norm.running_var").values.size(), 3u);
}

TEST_F(Keras, NormsBehindAFlatteningAreReorderedToo) {
  const Converted c =
      read(keras_model({keras_layer("InputLayer", "in", "\"batch_shape\": [null, 2, 3]"),
                        keras_layer("Reshape", "flat", "\"target_shape\": [6]", {"in"}),
                        keras_layer("BatchNormalization", "norm", "\"scale\": false", {"flat"}),
                        keras_layer("Dense", "end", "\"units\": 1, \"use_bias\": false", {"norm"})},
                       {"end"}),
           {{"norm", "beta", {6}}, {"norm", "moving_mean", {6}}, {"norm", "moving_variance", {6}}, {"end", "kernel", {6, 1}}});
  // Rows 2 positions x 3 channels become 3 channels x 2 positions.
  EXPECT_THAT(tensor(c, "norm.bias").values, testing::Pointwise(testing::FloatEq(), {1 / 6.f, 4 / 6.f, 2 / 6.f, 5 / 6.f, 3 / 6.f, 1.f}));
  EXPECT_THAT(tensor(c, "norm.weight").values, ElementsAre(1, 1, 1, 1, 1, 1));
  EXPECT_EQ(c.model.inputs[0].name, "in");
  EXPECT_EQ(c.model.heads[0].name, "output");
  EXPECT_THAT(c.notes, Contains(HasSubstr("1 of the model start as usual, for the file has none")));
}

// TensorFlow pads 12 positions for windows of 5 every 5 by 1 at the left and 2 at the right, where
// ours is not padded at all.
TEST_F(Keras, PaddingIsThatOfTensorFlow) {
  const auto padding = [](const Converted& c) {
    const spec::LayerSpec& l = c.model.layers[0];
    return std::tuple(l.text("padding"), l.whole("pad_left", 0), l.whole("pad_right", 0));
  };
  const auto pooled = [&](const std::string& config, int length) { return padding(layer("MaxPooling1D", config, {}, length)); };
  EXPECT_EQ(pooled("\"pool_size\": [5], \"padding\": \"same\"", 12), std::tuple("explicit", 1, 2));
  EXPECT_EQ(pooled("\"pool_size\": [4], \"padding\": \"same\"", 12), std::tuple("same", 0, 0));
  EXPECT_EQ(pooled("\"pool_size\": [5], \"strides\": [5], \"padding\": \"valid\"", 12), std::tuple("valid", 0, 0));
  const auto conv = [&](int stride, int width, int length) {
    return padding(
        layer("Conv1D",
              format("\"filters\": 2, \"kernel_size\": [{}], \"strides\": [{}], \"padding\": \"same\", \"use_bias\": false", width, stride),
              {{"it", "kernel", {width, 4, 2}}}, length));
  };
  EXPECT_EQ(conv(1, 6, 12), std::tuple("same", 0, 0));
  EXPECT_EQ(conv(2, 5, 12), std::tuple("same", 0, 0));
  EXPECT_EQ(conv(2, 5, 13), std::tuple("explicit", 2, 2));
}

TEST_F(Keras, FunctionsShapesAndJoinsHaveCounterparts) {
  const auto first = [](const Converted& c) { return Pair(c.model.layers[0].type, c.model.layers[0].text("kind")); };
  EXPECT_EQ(first(layer("ReLU", "\"max_value\": null, \"negative_slope\": 0.0")), Pair("activation", "relu"));
  EXPECT_EQ(first(layer("LeakyReLU", "\"alpha\": 0.25")), Pair("activation", "leaky_relu"));
  EXPECT_EQ(first(layer("ELU", "\"alpha\": 2")), Pair("activation", "elu"));
  EXPECT_EQ(first(layer("GELU", "")), Pair("activation", "gelu_sigmoid"));
  EXPECT_EQ(first(layer("Activation", "\"activation\": {\"class_name\": \"function\", \"config\": \"softplus\"}")),
            Pair("activation", "softplus"));
  EXPECT_EQ(first(layer("GlobalAveragePooling1D", "")), Pair("pool", "mean"));
  EXPECT_EQ(layer("Cropping1D", "\"cropping\": [2, 3]").model.layers[0].whole("right", 0), 3);
  EXPECT_EQ(layer("UpSampling1D", "\"size\": 3").model.layers[0].whole("factor", 0), 3);
  const Converted both =
      read(keras_model({keras_layer("InputLayer", "in", "\"batch_input_shape\": [null, null, 4]"),
                        keras_layer("Activation", "a", "\"activation\": \"relu\"", {"in"}),
                        keras_layer("Activation", "b", "\"activation\": \"tanh\"", {"in"}),
                        keras_layer("Concatenate", "c", "\"axis\": -1", {"b", "a"}), keras_layer("Add", "d", "", {"c", "c"})},
                       {"d", "a"}),
           {});
  const auto& layers = both.model.layers;
  ASSERT_EQ(layers.size(), 4u);
  EXPECT_TRUE(layers[0].from.empty());
  EXPECT_THAT(layers[1].from, ElementsAre("sequence"));
  EXPECT_THAT(layers[2].from, ElementsAre("b_function", "a_function"));
  EXPECT_EQ(layers[2].combine, spec::Combine::concat);
  EXPECT_EQ(layers[3].combine, spec::Combine::add);
  EXPECT_EQ(both.model.heads.size(), 2u);
}

TEST_F(Keras, SequentialModelsAndCallsOfKeras3AreRead) {
  const std::string sequential =
      R"({"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense", "config": {"name": "d", "units": 3, "batch_input_shape": [null, 7]}}]}})";
  const Converted c = read(sequential, {{"d", "kernel", {7, 3}}, {"d", "bias", {3}}});
  EXPECT_FALSE(c.model.inputs[0].positions);
  EXPECT_THAT(tensor(c, "d.weight").shape, ElementsAre(3, 7));
  const std::string three =
      R"({"class_name": "Functional", "config": {"layers": [{"class_name": "InputLayer", "name": "x", "config": {"batch_shape": [null, 9, 4]}, "inbound_nodes": []},
      {"class_name": "ReLU", "name": "r", "config": {}, "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 9, 4], "keras_history": ["x", 0, 0]}}], "kwargs": {}}]}],
      "output_layers": [["r", 0, 0]]}})";
  EXPECT_EQ(read(three, {}).model.layers[0].text("kind"), "relu");
}

TEST_F(Keras, PartsStopBeforeWhatHasNoCounterpartAndListTheRest) {
  const std::string config =
      keras_model({keras_layer("InputLayer", "in", "\"batch_input_shape\": [null, 8, 4]"),
                   keras_layer("Conv1D", "conv", "\"filters\": 2, \"kernel_size\": [3], \"use_bias\": false", {"in"}),
                   keras_layer("Attention", "attend", "", {"conv"}), keras_layer("Dense", "end", "\"units\": 1", {"attend"})},
                  {"end"});
  const std::vector<KerasTensor> tensors = {
      {"conv", "kernel", {3, 4, 2}}, {"attend", "q", {2, 2}}, {"end", "kernel", {2, 1}}, {"end", "bias", {1}}};
  EXPECT_THAT(refusal(config, tensors),
              AllOf(HasSubstr("layer 'attend' (Attention) has no counterpart here: layers of its class are not known"),
                    HasSubstr("--partial converts what stands above it")));
  const Converted c = read(config, tensors, true);
  EXPECT_EQ(c.model.heads[0].name, "trunk");
  EXPECT_THAT(c.model.heads[0].from, ElementsAre("conv"));
  ASSERT_EQ(c.tensors.size(), 4u);
  EXPECT_EQ(c.tensors[0].target, "conv.weight");
  for (std::size_t i = 1; i < 4; ++i) EXPECT_TRUE(c.tensors[i].target.empty());
  EXPECT_EQ(c.tensors[1].how, "not taken: layer 'attend' (Attention)");
  EXPECT_THAT(c.notes, Contains("1 tensors of the file are taken, 3 are not: tensors.tsv lists them"));
}

TEST_F(Keras, Mistakes) {
  EXPECT_THAT(refusal_of("Conv1D", "\"filters\": 2, \"kernel_size\": [3]"), HasSubstr("layer 'it' (Conv1D) has no weight 'kernel'"));
  EXPECT_THAT(refusal_of("Conv1D", "\"filters\": 2, \"kernel_size\": [3]", {{"it", "kernel", {3, 5, 2}}}),
              HasSubstr("has the shape (3, 5, 2); by what the layers say it must have (3, 4, 2)"));
  EXPECT_THAT(refusal_of("Conv1D", "\"filters\": 0, \"kernel_size\": [3]"), HasSubstr("'filters' is 0; expected a whole number from 1"));
  EXPECT_THAT(refusal_of("Conv1D", "\"filters\": 2, \"kernel_size\": [3, 3]"), HasSubstr("'kernel_size' has several values"));
  EXPECT_THAT(refusal_of("Conv1D", "\"filters\": 2, \"kernel_size\": [1], \"data_format\": \"channels_first\""),
              HasSubstr("its data_format is"));
  EXPECT_THAT(refusal_of("MaxPooling1D", "\"padding\": \"half\""), HasSubstr("its padding is \"half\""));
  EXPECT_THAT(refusal_of("Activation", "\"activation\": \"selu\""), HasSubstr("the function \"selu\" has no counterpart"));
  EXPECT_THAT(refusal_of("ReLU", "\"max_value\": 6"), HasSubstr("max_value or a threshold"));
  EXPECT_THAT(refusal_of("Flatten", ""), HasSubstr("an output is flattened positions"));
  EXPECT_THAT(refusal_of("Cropping1D", "\"cropping\": [6, 6]"), HasSubstr("leaves no positions"));
  EXPECT_THAT(refusal_of("BatchNormalization", "\"axis\": 1"), HasSubstr("its axis is 1"));
  EXPECT_THAT(refusal("[]"), HasSubstr("model_config is no table"));
  EXPECT_THAT(refusal("{\"class_name\": \"Wide\"}"), HasSubstr("is of class \"Wide\""));
  EXPECT_THAT(refusal(keras_model({keras_layer("ReLU", "r", "", {"nothing"})}, {"r"})),
              HasSubstr("reads 'nothing', which stands nowhere above it"));
  EXPECT_THAT(refusal(keras_model({keras_layer("InputLayer", "x", "\"batch_input_shape\": [null, 4]")}, {"y"})),
              HasSubstr("the output 'y' is no layer"));
  io::H5Writer plain(folder_.path() / "plain.h5");
  plain.close();
  EXPECT_THAT(error_text<DataError>([&] { return read_foreign({.file = folder_.path() / "plain.h5"}); }),
              HasSubstr("has no attribute model_config"));
}

TEST_F(Keras, WritesAFolderThatOpensLikeARun) {
  write_keras(folder_.path() / "m.h5", small_keras(), small_keras_tensors());
  ConvertOptions options{.file = folder_.path() / "m.h5", .out = folder_.path() / "out"};
  EXPECT_EQ(write_converted(read_foreign(options), options).size(), 3u);
  const io::SafetensorsFile weights(options.out / "weights.safetensors");
  EXPECT_EQ(weights.names().size(), 9u);
  EXPECT_EQ(weights.at("norm.num_batches_tracked").dtype, io::DType::i64);
  const std::string table = read_file(options.out / "tensors.tsv");
  EXPECT_THAT(
      table,
      HasSubstr(
          "model_weights/end/end_4/kernel:0\t(15, 2)\tend.weight\t(2, 15)\t(inputs, units) to (units, inputs), inputs from position"));
  EXPECT_THAT(error_text<ArgumentError>([&] { return write_converted(read_foreign(options), options); }),
              HasSubstr("model.toml is there; choose another --out"));
  options.overwrite = true;
  write_converted(read_foreign(options), options);
}

}  // namespace
}  // namespace basewise::convert
