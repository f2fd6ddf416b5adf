// Small Keras files for tests.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "basewise/io/hdf5_writer.h"

namespace basewise {

/// A layer as Keras 2 writes it; `inputs` are names of layers.
inline std::string keras_layer(const std::string& type, const std::string& name, const std::string& config,
                               const std::vector<std::string>& inputs = {}) {
  std::string calls;
  for (const std::string& input : inputs) calls += (calls.empty() ? "" : ", ") + std::string("[\"") + input + "\", 0, 0, {}]";
  return "{\"class_name\": \"" + type + "\", \"name\": \"" + name + "\", \"config\": {\"name\": \"" + name + "\"" +
         (config.empty() ? "" : ", " + config) + "}, \"inbound_nodes\": [" + (calls.empty() ? "" : "[" + calls + "]") + "]}";
}

inline std::string keras_model(const std::vector<std::string>& layers, const std::vector<std::string>& outputs) {
  std::string list, ends;
  for (const std::string& layer : layers) list += (list.empty() ? "" : ",\n") + layer;
  for (const std::string& output : outputs) ends += (ends.empty() ? "" : ", ") + std::string("[\"") + output + "\", 0, 0]";
  return "{\"class_name\": \"Model\", \"config\": {\"name\": \"m\", \"layers\": [" + list +
         "], \"input_layers\": [], \"output_layers\": [" + ends + "]}}";
}

/// A weight: layer, name, shape. Its numbers are 1, 2, 3, ... over its size.
struct KerasTensor {
  std::string layer;
  std::string name;
  std::vector<std::int64_t> shape;
};

inline void write_keras(const std::filesystem::path& path, const std::string& config, const std::vector<KerasTensor>& tensors) {
  io::H5Writer file(path);
  file.attribute("", "keras_version", std::string("2.2.2"));
  file.attribute("", "model_config", config);
  file.group("model_weights");
  std::vector<std::pair<std::string, int>> numbers;
  for (const KerasTensor& tensor : tensors) {
    std::int64_t count = 1;
    for (const std::int64_t extent : tensor.shape) count *= extent;
    std::vector<float> values;
    for (std::int64_t i = 0; i < count; ++i) values.push_back(static_cast<float>(i + 1) / static_cast<float>(count));
    const std::string group = "model_weights/" + tensor.layer, name = tensor.layer + "_4/" + tensor.name + ":0";
    file.write<float>(group + "/" + name, values, tensor.shape);
    int number = 0;
    for (const auto& [layer, used] : numbers) number += layer == tensor.layer ? 1 : 0;
    numbers.emplace_back(tensor.layer, number);
    file.attribute(group, "weight_names" + std::to_string(number), name);
  }
  file.close();
}

/// Two convolutions of 5 positions, flattened into two units: every kind of weight once.
inline std::string small_keras() {
  return keras_model(
      {keras_layer("InputLayer", "dna", "\"batch_input_shape\": [null, 5, 4]"),
       keras_layer("Conv1D", "conv.a", "\"filters\": 3, \"kernel_size\": [2], \"padding\": \"same\", \"activation\": \"relu\"", {"dna"}),
       keras_layer("BatchNormalization", "norm", "\"epsilon\": 0.01, \"momentum\": 0.9, \"axis\": [2]", {"conv.a"}),
       keras_layer("Flatten", "flat", "", {"norm"}), keras_layer("Dense", "end", "\"units\": 2, \"activation\": \"sigmoid\"", {"flat"})},
      {"end"});
}

inline std::vector<KerasTensor> small_keras_tensors() {
  return {{"conv.a", "kernel", {2, 4, 3}}, {"conv.a", "bias", {3}},          {"norm", "gamma", {3}},     {"norm", "beta", {3}},
          {"norm", "moving_mean", {3}},    {"norm", "moving_variance", {3}}, {"end", "kernel", {15, 2}}, {"end", "bias", {2}}};
}

}  // namespace basewise
