// Small runs for the tests of this module.
#pragma once

#include <string>

#include "basewise/core/files.h"
#include "basewise/run/train_run.h"
#include "basewise/tensor/bundle.h"
#include "basewise/train/tensor_file.h"
#include "tests/support/error_text.h"
#include "tests/support/test_task.h"

namespace basewise::run::testing {

using train::testing::fresh_folder;

/// A request for a run on simulated sequences of 40 bases with three labels;
/// `model` is the text of a model file.
inline TrainRequest small_run(const fs::path& out, const std::string& model, const std::vector<std::string>& set = {}) {
  const fs::path recipe = out.string() + ".toml";
  write_file(out.string() + ".model.toml", model);
  write_file(recipe, "model_file = \"" + out.filename().string() + ".model.toml\"\n" + R"(
[data.simulation]
sequences = 200
length = 40
[data.split]
by = "fraction"
validation_fraction = 0.2
test_fraction = 0.2
[train]
epochs = 1
[train.loader]
batch_size = 32
workers = 0
[evaluate.bootstrap]
replicates = 10
)");
  TrainRequest request;
  request.recipe = recipe.string();
  request.out = out;
  request.threads = 1;
  request.set = set;
  return request;
}

/// Layers conv ("<name>"), norm ("<name>_norm") and a global pool, reading "sequence".
inline std::string trunk_text(const std::string& name, int filters) {
  return "[[layers]]\nname = \"" + name + "\"\ntype = \"conv\"\nfilters = " + std::to_string(filters) +
         "\nwidth = 5\n[[layers]]\nname = \"" + name + "_norm\"\ntype = \"batch_norm\"\n[[layers]]\nname = \"" + name +
         "_pool\"\ntype = \"pool\"\nglobal = true\n";
}

inline constexpr const char* kInput = "format = 1\n[inputs.sequence]\nchannels = 4\nlength = 40\n";
inline constexpr const char* kHead = "[[heads]]\nname = \"logits\"\n[[heads.layers]]\ntype = \"dense\"\nunits = 3\n";

inline std::string model_text(const std::string& trunk = "dna", int filters = 6) {
  return kInput + trunk_text(trunk, filters) + kHead;
}

inline Bundle weights(const fs::path& run) { return train::load_bundle(run / "weights.safetensors"); }

}  // namespace basewise::run::testing
