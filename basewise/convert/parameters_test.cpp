// Parameter files of three generations: what becomes of them, and how each mistake is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/convert/convert.h"
#include "basewise/core/files.h"
#include "basewise/spec/expand.h"
#include "basewise/spec/reader.h"
#include "basewise/spec/writer.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::convert {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

class Parameters : public testing::Test {
 protected:
  Converted read(const std::string& text, ConvertOptions options = {}) {
    options.file = folder_.file("params.txt", text);
    return read_foreign(options);
  }
  std::string refusal(const std::string& text, const ConvertOptions& options = {}) {
    return error_text<DataError>([&] { return read(text, options); });
  }
  testing_files::Folder folder_;
};

std::vector<std::string> names(const std::vector<spec::LayerSpec>& layers) {
  std::vector<std::string> all;
  for (const spec::LayerSpec& layer : layers) all.push_back(layer.name);
  return all;
}

const spec::LayerSpec& layer_of(const Converted& c, const std::string& name) {
  for (const spec::LayerSpec& layer : c.model.layers)
    if (layer.name == name) return layer;
  throw InternalError("no layer " + name);
}

const std::string kBasset =
    "conv_filters\t30\nconv_filters  20 # comment\nconv_filter_sizes 9\nconv_filter_sizes 5\n\npool_width 3\npool_width 4\nhidden_units "
    "50\n"
    "hidden_dropouts 0.3\nlearning_rate 0.002\nweight_norm 7\nmomentum 0.98\n";

TEST_F(Parameters, OfBasset) {
  const Converted c = read(kBasset, {.targets = 5});
  EXPECT_EQ(c.kind, SourceKind::basset_table);
  EXPECT_THAT(names(c.model.layers), ElementsAre("conv_1", "norm_1", "relu_1", "pool_1", "conv_2", "norm_2", "relu_2", "pool_2", "dense_1",
                                                 "dense_norm_1", "dense_relu_1", "dropout_1"));
  EXPECT_EQ(c.model.layers[4].whole("filters", 0), 20);
  EXPECT_EQ(c.model.layers[4].text("padding"), "valid");
  EXPECT_EQ(c.model.inputs[0].length, 600);
  EXPECT_EQ(c.model.heads[0].layers[0].whole("units", 0), 5);
  EXPECT_THAT(c.notes, ElementsAre(HasSubstr("no length of the sequences: 600")));
  EXPECT_THAT(c.recipe, AllOf(HasSubstr("name = \"rmsprop\""), HasSubstr("smoothing = 0.98"), HasSubstr("learning_rate = 0.002"),
                              HasSubstr("batch_size = 128"), HasSubstr("reduction = \"sum\"")));
  EXPECT_TRUE(spec::parse_spec(spec::to_toml(c.model), "again.toml") == c.model);
  // 610 / 3 = 203 and one left; 204 / 4 = 51.
  const Converted same = read(kBasset, {.basset_form = BassetForm::same, .targets = 5, .length = 610});
  EXPECT_EQ(same.model.layers[3].text("padding"), "explicit");
  EXPECT_EQ(same.model.layers[3].whole("pad_right", 0), 2);
  EXPECT_EQ(same.model.layers[7].text("padding", "none"), "none");
}

TEST_F(Parameters, OfBassetHaveItsDefaults) {
  const Converted c = read("hidden_units 10\nbatch_normalize 0\nconv_gauss 0.1\nconv_gauss 0.1\n");
  EXPECT_THAT(names(c.model.layers), ElementsAre("conv_1", "relu_1", "pool_1", "conv_2", "relu_2", "pool_2", "conv_3", "relu_3", "pool_3",
                                                 "dense_1", "dense_relu_1", "dropout_1"));
  EXPECT_EQ(c.model.layers[0].whole("width", 0), 21);
  EXPECT_EQ(c.model.heads[0].layers[0].whole("units", 0), 164);
  EXPECT_THAT(c.notes, Contains(AllOf(HasSubstr("params.txt:3: 'conv_gauss' is [0.1,0.1]: noise has no counterpart"))));
}

const std::string kBasenji =
    "num_targets 7\nseq_length 4096\nbatch_buffer 256\nlink exp_linear\nloss poisson\nadam_beta1 0.97\nlearning_rate 0.002\n"
    "cnn_filter_sizes 11\ncnn_filters 12\ncnn_pool 1\ncnn_dilation 1\ncnn_dropout 0.05\ncnn_dense 0\n"
    "cnn_filter_sizes 5\ncnn_filters 16\ncnn_pool 32\ncnn_dilation 1\ncnn_dropout 0.05\ncnn_dense 0\n"
    "cnn_filter_sizes 3\ncnn_filters 6\ncnn_pool 1\ncnn_dilation 2\ncnn_dropout 0.1\ncnn_dense 1\n"
    "cnn_filter_sizes 3\ncnn_filters 6\ncnn_pool 1\ncnn_dilation 4\ncnn_dropout 0.1\ncnn_dense 1\n"
    "cnn_filter_sizes 3\ncnn_filters 6\ncnn_pool 1\ncnn_dilation 8\ncnn_dropout 0.1\ncnn_dense 1\n"
    "cnn_filter_sizes 1\ncnn_filters 20\ncnn_pool 1\ncnn_dilation 1\ncnn_dropout 0.05\ncnn_dense 0\n";

TEST_F(Parameters, OfBasenji2018) {
  const Converted c = read(kBasenji);
  EXPECT_EQ(c.kind, SourceKind::basenji_table);
  EXPECT_THAT(names(c.model.layers), ElementsAre("layer_1", "layer_1_norm", "layer_1_relu", "layer_1_dropout", "layer_2", "layer_2_norm",
                                                 "layer_2_relu", "layer_2_pool", "layer_2_dropout", "dilated", "layer_6", "layer_6_norm",
                                                 "layer_6_relu", "layer_6_dropout", "crop"));
  const spec::LayerSpec& dilated = layer_of(c, "dilated");
  EXPECT_EQ(dilated.type, "dense_link");
  EXPECT_EQ(dilated.repeat, 3);
  EXPECT_EQ(dilated.layers[0].text("dilation"), "from 2 times 2");
  EXPECT_EQ(layer_of(c, "crop").whole("left", 0), 8);
  ASSERT_EQ(c.model.heads[0].layers.size(), 2u);
  EXPECT_EQ(c.model.heads[0].layers[1].text("kind"), "exp_linear");
  EXPECT_THAT(c.notes, testing::IsEmpty());
  EXPECT_THAT(c.recipe, AllOf(HasSubstr("window = 3584"), HasSubstr("context = 256"), HasSubstr("bin = 32"), HasSubstr("beta1 = 0.97"),
                              HasSubstr("log_input = false"), HasSubstr("name = \"adam_tensorflow\""), HasSubstr("epsilon = 1e-08")));
  const Converted other = read(kBasenji + "optimizer rmsprop\nmomentum 0.5\ntarget_clip 64\ntarget_sqrt 1\nearly_stop 12\ngrad_clip 3\n");
  EXPECT_THAT(other.notes, testing::IsEmpty());
  EXPECT_THAT(other.recipe, AllOf(HasSubstr("name = \"rmsprop_tensorflow\""), HasSubstr("epsilon = 1e-10"), HasSubstr("momentum = 0.5"),
                                  HasSubstr("target_clip = 64\ntarget_sqrt = true"), HasSubstr("patience = 12"), HasSubstr("norm = 3")));
}

std::string json_of(const std::string& blocks, const std::string& more = "", const std::string& train = "") {
  return "{\"train\": {" + train +
         "}, \"model\": {\"seq_length\": 4096, \"activation\": \"gelu\", \"norm_type\": \"batch\", \"bn_momentum\": 0.9" + more +
         ", \"trunk\": [" + blocks + "], \"head\": {\"name\": \"final\", \"units\": 3, \"activation\": \"softplus\"}}}";
}

TEST_F(Parameters, JsonBlocksApplyTheirFunctionFirst) {
  const Converted c = read(json_of(R"({"name": "conv_block", "filters": 8, "kernel_size": 15, "pool_size": 8},
    {"name": "conv_tower", "filters_init": 8, "filters_mult": 1.5, "kernel_size": 5, "pool_size": 4, "repeat": 2},
    {"name": "dilated_residual", "filters": 6, "rate_mult": 1.5, "round": true, "repeat": 3, "dropout": 0.25},
    {"name": "dilated_dense", "filters": 5, "repeat": 2}, {"name": "Cropping1D", "cropping": 4}, {"name": "conv_block", "filters": 9, "dropout": 0.05})"));
  EXPECT_THAT(names(c.model.layers),
              ElementsAre("conv_block", "conv_tower", "dilated_residual", "dilated_dense", "crop", "conv_block_2", "last_function"));
  EXPECT_THAT(names(c.model.layers[0].layers), ElementsAre("function", "conv", "norm", "pool"));
  EXPECT_EQ(c.model.layers[0].layers[0].text("kind"), "gelu_tanh");
  EXPECT_FALSE(c.model.layers[0].layers[1].flag("bias", true));
  EXPECT_EQ(c.model.layers[1].layers[1].text("filters"), "from 8 times 1.5");
  const spec::LayerSpec& dilated = c.model.layers[2];
  EXPECT_EQ(dilated.type, "residual");
  EXPECT_THAT(names(dilated.layers), ElementsAre("function", "conv", "norm", "back_function", "back_conv", "back_norm", "dropout"));
  EXPECT_EQ(dilated.layers[1].text("dilation"), "from 1 times 1.5, rounded");
  EXPECT_EQ(dilated.layers[4].whole("filters", 0), 12);
  EXPECT_EQ(dilated.layers[5].option("scale_initial")->value, spec::SpecValue({0.0, {}}).value);
  EXPECT_EQ(dilated.layers[2].option("scale_initial"), nullptr);
  EXPECT_EQ(c.model.layers[3].type, "dense_link");
  EXPECT_EQ(c.model.heads[0].name, "tracks");
  EXPECT_THAT(c.notes, ElementsAre(HasSubstr("gelu is taken for its approximation by tanh")));
  // 8 x 4 x 4 = 128 bases a bin, 4 bins cut at each end.
  EXPECT_THAT(c.recipe, AllOf(HasSubstr("window = 3072"), HasSubstr("context = 512"), HasSubstr("bin = 128"),
                              HasSubstr("[data.split]\nby = \"chromosome\"")));
  EXPECT_TRUE(spec::parse_spec(spec::to_toml(c.model), "again.toml") == c.model);
}

TEST_F(Parameters, JsonOfBothGenerations) {
  const std::string older =
      R"({"train": {"batch_size": 4, "optimizer": "sgd", "momentum": 0.99, "clipnorm": 2, "patience": 16}, "model": {"seq_length": 1024,
    "target_length": 8, "activation": "gelu", "batch_norm": true, "bn_momentum": 0.9, "trunk": [{"name": "conv_block", "filters": 5, "pool_size": 128}],
    "head_human": {"name": "dense", "units": 7, "activation": "softplus"}, "head_mouse": [{"name": "dense", "units": 4, "activation": "softplus"}]}})";
  const Converted c = read(older);
  EXPECT_EQ(c.model.layers[0].layers[0].text("kind"), "gelu_sigmoid");
  EXPECT_EQ(c.model.layers[0].layers[2].type, "batch_norm");
  EXPECT_EQ(c.model.heads[0].name, "human");
  EXPECT_EQ(c.model.heads[1].name, "mouse");
  EXPECT_THAT(c.notes, ElementsAre(HasSubstr("gelu is taken for x sigmoid(1.702 x)")));
  EXPECT_THAT(c.recipe, AllOf(HasSubstr("output = \"human\""), HasSubstr("output = \"mouse\""), HasSubstr("patience = 16"),
                              HasSubstr("name = \"sgd_keras\""), HasSubstr("momentum = 0.99"), HasSubstr("each_norm = 2")));
  EXPECT_EQ(read(older, {.gelu = GeluForm::tanh}).model.layers[0].layers[0].text("kind"), "gelu_tanh");
}

TEST_F(Parameters, JsonOfTrainingHasItsNamesHere) {
  const std::string block = R"({"name": "conv_block", "filters": 5, "pool_size": 8})";
  const auto recipe = [&](const std::string& train, const std::string& model = "") { return read(json_of(block, model, train)).recipe; };
  EXPECT_THAT(recipe(R"("loss": "poisson_mn", "total_weight": 0.2, "weight_range": 3, "weight_exp": 2, "optimizer": "adam")"),
              AllOf(HasSubstr("type = \"poisson_multinomial\""),
                    HasSubstr("total_weight = 0.2\nposition_range = 3\nposition_exponent = 2\n"),
                    HasSubstr("name = \"adam_tensorflow\""), HasSubstr("epsilon = 1e-07")));
  EXPECT_THAT(recipe(R"("loss": "poisson_kl", "spec_weight": 4)"),
              AllOf(HasSubstr("type = \"poisson_kl\""), HasSubstr("specificity_weight = 4"), HasSubstr("momentum = 0.99")));
  EXPECT_THAT(recipe(R"("loss": "mse_udot", "optimizer": "adamw", "weight_decay": 0.01)"),
              AllOf(HasSubstr("type = \"mse_udot\""), HasSubstr("specificity_weight = 1"),
                    HasSubstr("weight_decay = 0.01\ndecay_all = true"), testing::Not(HasSubstr("log_input"))));
  EXPECT_THAT(recipe(R"("clip_norm": 2, "clipnorm": 5, "global_clipnorm": 0.5, "agc_clip": 0.01, "warmup_steps": 70)"),
              AllOf(HasSubstr("each_norm = 2"), HasSubstr("norm = 0.5"), HasSubstr("adaptive = 0.01"), HasSubstr("warmup_steps = 70")));
  EXPECT_THAT(recipe(R"("train_epochs_min": 5, "train_epochs_max": 30, "batch_size": 6)", R"(, "augment_rc": true, "augment_shift": 3)"),
              AllOf(HasSubstr("epochs = 30"), HasSubstr("patience = 20\nmin_epochs = 5"), HasSubstr("batch_size = 6"),
                    HasSubstr("reverse_complement = 0.5"), HasSubstr("shift = 3"), HasSubstr("per = \"batch\"")));
}

TEST_F(Parameters, JsonCyclesOfTheRate) {
  const std::string block = R"({"name": "conv_block", "filters": 5, "pool_size": 8})";
  const std::string cycle =
      R"("maximal_learning_rate": 0.2, "final_learning_rate": 0.01, "train_epochs_cycle1": 7, "initial_learning_rate": )";
  const Converted c = read(json_of(block, "", cycle + "0.05"));
  EXPECT_THAT(c.recipe, AllOf(HasSubstr("learning_rate = 0.2"), HasSubstr("name = \"cyclical\""), HasSubstr("cycles = 1"),
                              HasSubstr("start_divisor = 4"), HasSubstr("end_divisor = 5"), HasSubstr("# steps: 7 times the batches")));
  EXPECT_THAT(c.notes, Contains(HasSubstr("'train_epochs_cycle1' is 7: half_cycle of the recipe counts steps")));
  EXPECT_THAT(refusal(json_of(block, "", cycle + "0.3")), HasSubstr("'initial_learning_rate' is 0.3; expected a number from 1e-12 to 0.2"));
  const Converted part = read(json_of(block, "", R"("maximal_learning_rate": 0.2, "total_weight": 2)"));
  EXPECT_THAT(part.notes, Contains(HasSubstr("'maximal_learning_rate' is 0.2: a cycle needs all four of its keys")));
  EXPECT_THAT(part.notes, Contains(HasSubstr("'total_weight' is 2: it counts for the loss poisson_mn alone")));
  EXPECT_THAT(refusal(json_of(block, "", R"("optimizer": "rmsprop")")), HasSubstr("expected sgd, momentum, adam, adamw"));
}

TEST_F(Parameters, BinaryHeadsGiveLogits) {
  const std::string text = R"({"train": {"loss": "bce"}, "model": {"seq_length": 96, "norm_type": "batch", "trunk": [
    {"name": "conv_dna", "filters": 8, "kernel_size": 5, "pool_size": 3, "activation": "relu"},
    {"name": "dense_block", "units": 6, "flatten": true, "dropout": 0.2}], "head": {"name": "final", "units": 2, "activation": "sigmoid"}}})";
  const Converted c = read(text);
  EXPECT_EQ(c.model.heads[0].name, "logits");
  EXPECT_EQ(c.model.heads[0].layers.size(), 1u);
  EXPECT_EQ(c.model.heads[0].layers[0].type, "dense");
  EXPECT_EQ(c.model.inputs[0].length, 96);
  EXPECT_THAT(names(c.model.layers[0].layers), ElementsAre("conv", "norm", "function", "pool"));
  EXPECT_THAT(c.recipe, HasSubstr("type = \"binary_cross_entropy\""));
}

TEST_F(Parameters, PartsStopBeforeWhatHasNoCounterpart) {
  const std::string blocks =
      R"({"name": "conv_dna", "filters": 8, "kernel_size": 5, "pool_size": 2, "norm_type": null, "activation": "linear"},
    {"name": "res_tower", "filters_init": 8, "filters_end": 16, "divisible_by": 4, "kernel_size": 5, "num_convs": 1, "pool_size": 2, "repeat": 3},
    {"name": "transformer_tower", "heads": 2}, {"name": "unet_conv"})";
  EXPECT_THAT(refusal(json_of(blocks)),
              AllOf(HasSubstr("model.trunk.2 (transformer_tower) has no counterpart here, and 1 blocks follow; --partial")));
  const Converted c = read(json_of(blocks), {.partial = true});
  EXPECT_THAT(names(c.model.layers), ElementsAre("conv_dna", "res_tower"));
  EXPECT_TRUE(c.model.layers[0].layers[0].flag("bias", true));
  EXPECT_THAT(names(c.model.layers[1].layers), ElementsAre("norm", "function", "conv", "pool"));
  EXPECT_EQ(c.model.layers[1].layers[2].text("filters"), "from 8 to 16, multiples of 4");
  EXPECT_THAT(c.notes, Contains(HasSubstr("not converted: ")).Times(2));
  EXPECT_EQ(c.model.heads[0].name, "trunk");
}

TEST_F(Parameters, MistakesOfTables) {
  EXPECT_THAT(refusal("conv_filtres 3\nhidden_units 4\n"),
              AllOf(HasSubstr("params.txt: a key is not known: 'conv_filtres' (line 1), did you mean 'conv_filters'?")));
  EXPECT_THAT(refusal(kBasset + "pool_width 4\n"), HasSubstr("'pool_width' has 3 values, but conv_filters has 2; give one for each"));
  EXPECT_THAT(refusal("hidden_units 4 5\n"), HasSubstr("params.txt:1: expected a key and a value"));
  EXPECT_THAT(refusal("hidden_units many\n"), HasSubstr("params.txt:1: 'hidden_units' is \"many\"; expected a number"));
  EXPECT_THAT(refusal("hidden_units 1.5\n"), HasSubstr("params.txt:1: 'hidden_units' is 1.5; expected a whole number from 1 to 1000000"));
  EXPECT_THAT(refusal("hidden_units 4\npool_op stochastic\n"),
              HasSubstr("params.txt:2: 'pool_op' is \"stochastic\", which is not converted; expected max"));
  EXPECT_THAT(refusal(kBasset, {.length = 20}), HasSubstr("leaves no positions behind layer"));
  EXPECT_THAT(refusal("seq_length 5\n"), HasSubstr("'cnn_filters' is missing"));
  EXPECT_THAT(refusal(kBasenji + "cnn_pool 2\n"), HasSubstr("'cnn_pool' has 7 values, but cnn_filters has 6"));
  EXPECT_THAT(refusal("cnn_filters 4\nbatch_buffer 3\ncnn_pool 2\nseq_length 100\n"),
              HasSubstr("params.txt:2: 'batch_buffer' is 3, no multiple of the bins of 2 bases"));
  EXPECT_THAT(refusal("cnn_filters 4\nlink softmax\n"), HasSubstr("params.txt:2: 'link' is \"softmax\""));
  EXPECT_THAT(refusal("cnn_filters 4\nlink cosine\n"), HasSubstr("the function \"cosine\" has no counterpart"));
  EXPECT_THAT(refusal("# nothing\n"), HasSubstr("has no keys"));
  EXPECT_THAT(refusal(""), HasSubstr("is empty"));
}

TEST_F(Parameters, MistakesOfJson) {
  const std::string block = R"({"name": "conv_block", "filters": 5})";
  EXPECT_THAT(refusal("{\"model\": 3}"), HasSubstr("params.txt: 'model' is missing or no table"));
  EXPECT_THAT(refusal("{\"model\": {}}"), HasSubstr("model.trunk is null; expected a list"));
  EXPECT_THAT(refusal(json_of("{}")), HasSubstr("model.trunk.0 has no name"));
  EXPECT_THAT(refusal(json_of(R"({"name": "conv_block", "filtres": 5})")),
              HasSubstr("params.txt: model.trunk.0: a key is not known: 'filtres', did you mean 'filters'?"));
  EXPECT_THAT(refusal(json_of(block, ", \"augment_sihft\": 3")),
              HasSubstr("params.txt: model: a key is not known: 'augment_sihft', did you mean 'augment_shift'?"));
  EXPECT_THAT(refusal(json_of(block, "", "\"learning_rat\": 3")),
              HasSubstr("params.txt: train: a key is not known: 'learning_rat', did you mean 'learning_rate'?"));
  EXPECT_THAT(refusal(json_of(R"({"name": "conv_block", "pool_size": 3})")),
              HasSubstr("'pool_size' is 3, and 4096 positions are no whole number of it"));
  EXPECT_THAT(refusal(json_of(R"({"name": "conv_block", "filters": "many"})")), HasSubstr("'filters' is \"many\"; expected a number"));
  EXPECT_THAT(refusal(json_of(R"({"name": "conv_block", "activation": "selu"})")), HasSubstr("the function \"selu\" has no counterpart"));
  EXPECT_THAT(refusal(json_of(R"({"name": "conv_block", "pool_type": "softmax", "pool_size": 2})")),
              HasSubstr("which is not converted; expected max"));
  EXPECT_THAT(refusal(json_of(R"({"name": "conv_tower", "repeat": 2})")), HasSubstr("'filters_init' is missing"));
  EXPECT_THAT(refusal(json_of(R"({"name": "Cropping1D", "cropping": [1, 2]})")), HasSubstr("cuts unlike at both ends"));
  EXPECT_THAT(refusal("{\"model\": "), HasSubstr("params.txt:1"));
}

TEST_F(Parameters, AreWrittenBesideARecipe) {
  const fs::path out = folder_.path() / "out";
  const ConvertOptions options{.file = folder_.file("params.txt", kBasset), .out = out};
  EXPECT_THAT(write_converted(read_foreign(options), options), ElementsAre(out / "model.toml", out / "recipe.toml"));
  EXPECT_THAT(read_file(out / "model.toml"), testing::StartsWith("# Basset: valid convolutions, from params.txt\nformat = 1\n"));
  EXPECT_THAT(error_text<ArgumentError>([&] { return write_converted(read_foreign(options), {}); }), HasSubstr("--out is missing"));
}

// The files of the authors: nothing in them is unknown.
TEST(PublishedParameters, AreReadWhole) {
  const auto basset = testing_files::shared_data("basset/models/pretrained_params.txt");
  const auto basenji = testing_files::shared_data("basenji/params/genome_research2018_params.txt"),
             small = testing_files::shared_data("basenji/params/params_small.json"),
             tiny = testing_files::shared_data("baskerville_tiny/params.json");
  if (!basset || !basenji || !small || !tiny)
    GTEST_SKIP() << "basset, basenji and baskerville_tiny are not in BASEWISE_DATA or ../shared/data";
  EXPECT_EQ(spec::expanded(read_foreign({.file = *basset}).model).layers.size(), 20u);
  const Converted c = read_foreign({.file = *basenji});
  EXPECT_EQ(layer_of(c, "dilated").repeat, 6);
  EXPECT_THAT(c.recipe, AllOf(HasSubstr("window = 122880"), HasSubstr("context = 4096"), HasSubstr("bin = 128")));
  EXPECT_EQ(read_foreign({.file = *small}).model.layers.size(), 5u);
  EXPECT_THAT(error_text<DataError>([&] { return read_foreign({.file = *tiny}); }),
              HasSubstr("model.trunk.2 (transformer_tower) has no counterpart"));
  EXPECT_EQ(read_foreign({.file = *tiny, .partial = true}).model.layers.size(), 2u);
}

}  // namespace
}  // namespace basewise::convert
