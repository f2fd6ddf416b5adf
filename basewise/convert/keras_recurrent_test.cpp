// Recurrent layers of Keras files: options and weights here for what they say there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/convert/convert.h"
#include "basewise/core/error.h"
#include "tests/support/error_text.h"
#include "tests/support/keras_file.h"
#include "tests/support/test_files.h"

namespace basewise::convert {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class KerasRecurrent : public testing::Test {
 protected:
  Converted read(const std::string& type, const std::string& config, const std::vector<KerasTensor>& tensors) {
    const std::string input = keras_layer("InputLayer", "in", "\"batch_input_shape\": [null, 12, 4]");
    write_keras(folder_.path() / "m.h5", keras_model({input, keras_layer(type, "it", config, {"in"})}, {"it"}), tensors);
    return read_foreign({.file = folder_.path() / "m.h5"});
  }
  const ConvertedTensor& tensor(const Converted& converted, const std::string& name) const {
    for (const ConvertedTensor& one : converted.weights)
      if (one.name == name) return one;
    throw InternalError("no tensor " + name);
  }

  testing_files::Folder folder_;
};

const std::string kTanh = "\"activation\": \"tanh\", \"recurrent_activation\": ";

// Columns z r n of 2 units each become rows r z n; number (i, column) is 6 i + column + 1 over the
// size.
TEST_F(KerasRecurrent, ResetBeforeIsTheCellOfKeras1) {
  const Converted c = read("GRU", "\"units\": 2, " + kTanh + "\"hard_sigmoid\"",
                           {{"it", "kernel", {4, 6}}, {"it", "recurrent_kernel", {2, 6}}, {"it", "bias", {6}}});
  const spec::LayerSpec& layer = c.model.layers[0];
  EXPECT_EQ(layer.type, "gru");
  EXPECT_EQ(layer.text("cell"), "keras1");
  EXPECT_EQ(layer.text("output"), "final");
  EXPECT_EQ(layer.option("gates"), nullptr);
  const ConvertedTensor &weight = tensor(c, "it.weight"), &recurrent = tensor(c, "it.recurrent_weight");
  EXPECT_THAT(weight.shape, ElementsAre(6, 4));
  EXPECT_THAT(recurrent.shape, ElementsAre(6, 2));
  const int columns[] = {2, 3, 0, 1, 4, 5};
  for (int row = 0; row < 6; ++row) {
    for (int i = 0; i < 4; ++i)
      EXPECT_FLOAT_EQ(weight.values[static_cast<std::size_t>(row * 4 + i)], static_cast<float>(6 * i + columns[row] + 1) / 24);
    for (int i = 0; i < 2; ++i)
      EXPECT_FLOAT_EQ(recurrent.values[static_cast<std::size_t>(row * 2 + i)], static_cast<float>(6 * i + columns[row] + 1) / 12);
  }
  EXPECT_THAT(tensor(c, "it.bias").values, testing::Pointwise(testing::FloatEq(), {3 / 6.f, 4 / 6.f, 1 / 6.f, 2 / 6.f, 5 / 6.f, 1.f}));
}

TEST_F(KerasRecurrent, ResetAfterIsTorchsWithTwoBiases) {
  const Converted c = read("GRU", "\"units\": 1, \"reset_after\": true, \"return_sequences\": true, " + kTanh + "\"sigmoid\"",
                           {{"it", "kernel", {4, 3}}, {"it", "recurrent_kernel", {1, 3}}, {"it", "bias", {2, 3}}});
  EXPECT_EQ(c.model.layers[0].option("cell"), nullptr);
  EXPECT_EQ(c.model.layers[0].option("output"), nullptr);
  EXPECT_THAT(tensor(c, "it.bias").values, testing::Pointwise(testing::FloatEq(), {2 / 6.f, 1 / 6.f, 3 / 6.f}));
  EXPECT_THAT(tensor(c, "it.recurrent_bias").values, testing::Pointwise(testing::FloatEq(), {5 / 6.f, 4 / 6.f, 1.f}));
}

TEST_F(KerasRecurrent, BothDirectionsHaveTheirWeights) {
  std::vector<KerasTensor> tensors;
  for (const std::string part : {"forward_lstm/", "backward_lstm/"})
    tensors.insert(tensors.end(), {{"it", part + "kernel", {4, 8}}, {"it", part + "recurrent_kernel", {2, 8}}, {"it", part + "bias", {8}}});
  const Converted c = read("Bidirectional",
                           "\"merge_mode\": \"concat\", \"layer\": {\"class_name\": \"LSTM\", \"config\": {\"units\": 2, "
                           "\"return_sequences\": true, \"dropout\": 0.2, " +
                               kTanh + "\"hard_sigmoid\"}}",
                           tensors);
  const spec::LayerSpec& layer = c.model.layers[0];
  EXPECT_EQ(layer.type, "lstm");
  EXPECT_EQ(layer.text("gates"), "hard_sigmoid");
  EXPECT_EQ(layer.option("bidirectional")->value, spec::SpecValue({true, {}}).value);
  for (const std::string name : {"it.weight", "it.recurrent_weight", "it.bias"})
    for (const char* end : {"", "_reverse"}) EXPECT_EQ(tensor(c, name + end).shape[0], 8) << name << end;
  EXPECT_FLOAT_EQ(tensor(c, "it.weight_reverse").values[1], 9 / 32.f);  // row 0, input 1: number 8 + 1
  EXPECT_THAT(c.notes, testing::Contains(HasSubstr("dropout of 'it' acts in training alone and is left out")));
}

TEST_F(KerasRecurrent, SaysWhatHasNoCounterpart) {
  const auto refusal = [&](const std::string& type, const std::string& config) {
    return error_text<DataError>([&] { read(type, config, {}); });
  };
  EXPECT_THAT(refusal("GRU", "\"units\": 2, \"activation\": \"relu\""), HasSubstr("its activation is \"relu\""));
  EXPECT_THAT(refusal("GRU", "\"units\": 2, \"reset_after\": true, " + kTanh + "\"hard_sigmoid\""),
              HasSubstr("gates that are no sigmoids"));
  EXPECT_THAT(refusal("LSTM", "\"units\": 2, \"go_backwards\": true, " + kTanh + "\"sigmoid\""), HasSubstr("goes backwards alone"));
  EXPECT_THAT(refusal("Bidirectional", "\"merge_mode\": \"sum\""), HasSubstr("its merge_mode is \"sum\""));
  EXPECT_THAT(refusal("Bidirectional", "\"layer\": {\"class_name\": \"SimpleRNN\", \"config\": {}}"), HasSubstr("class SimpleRNN"));
  EXPECT_THAT(refusal("LSTM", "\"units\": 2, " + kTanh + "\"sigmoid\""), HasSubstr("has no weight 'kernel'"));
}

}  // namespace
}  // namespace basewise::convert
