// Parameter files and Keras files of other programs.
#include "basewise/convert/convert.h"
#include "basewise/core/files.h"
#include "tests/fuzz/readers.h"
#include "tests/support/keras_file.h"

namespace basewise::fuzz {
namespace {

const std::string kBasset =
    "conv_filters\t30\nconv_filters\t20\nconv_filter_sizes\t9\nconv_filter_sizes\t5\npool_width\t3\npool_width\t4\nhidden_units\t50\n"
    "hidden_dropouts\t0.3\nlearning_rate\t0.002\nweight_norm\t7\nmomentum\t0.98\n";

const std::string kBasenji =
    "num_targets 7\nseq_length 4096\nbatch_buffer 256\nlink exp_linear\nloss poisson\nadam_beta1 0.97\ncnn_filter_sizes 5\ncnn_filters 16\n"
    "cnn_pool 32\ncnn_dilation 1\ncnn_dropout 0.05\ncnn_dense 0\ncnn_filter_sizes 3\ncnn_filters 6\ncnn_pool 1\ncnn_dilation 2\n"
    "cnn_dropout 0.1\ncnn_dense 1\n";

const std::string kJson = R"({"train": {"batch_size": 4, "loss": "poisson", "optimizer": "sgd", "learning_rate": 0.1, "clip_norm": 2},
 "model": {"seq_length": 4096, "augment_rc": true, "activation": "gelu", "norm_type": "batch", "bn_momentum": 0.9, "trunk": [
  {"name": "conv_block", "filters": 8, "kernel_size": 15, "pool_size": 8},
  {"name": "conv_tower", "filters_init": 8, "filters_end": 24, "divisible_by": 4, "kernel_size": 5, "pool_size": 4, "repeat": 2},
  {"name": "dilated_residual", "filters": 6, "rate_mult": 1.5, "round": true, "repeat": 3, "dropout": 0.25},
  {"name": "Cropping1D", "cropping": 4}, {"name": "dense_block", "units": 9}],
 "head": {"name": "final", "units": 3, "activation": "softplus"}}})";

std::string keras(const fs::path& scratch) {
  write_keras(scratch / "x.h5", small_keras(), small_keras_tensors());
  return read_file(scratch / "x.h5");
}

void read(const fs::path& file) { convert::read_foreign({.file = file, .partial = true}); }

}  // namespace

std::vector<Reader> foreign_readers(const fs::path& scratch) {
  return {
      {"parameter_table", {{{"params.txt", kBasset}}, {{"params.txt", kBasenji}}}, [](const fs::path& f) { read(f / "params.txt"); }},
      {"parameter_json", {{{"params.json", kJson}}}, [](const fs::path& f) { read(f / "params.json"); }},
      {"keras", {{{"x.h5", keras(scratch)}}}, [](const fs::path& f) { read(f / "x.h5"); }},
  };
}

}  // namespace basewise::fuzz
