// A Keras file in HDF5: the layers that model_config says, and their weights by name.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "basewise/io/hdf5.h"

namespace basewise::convert::detail {

/// A weight as its layer names it: "kernel" of "conv1d_1/kernel:0".
struct KerasWeight {
  std::string name;
  std::string path;  ///< of the data set
  std::vector<std::int64_t> shape;
};

struct KerasLayer {
  std::string name;
  std::string type;
  nlohmann::ordered_json config;
  std::vector<std::string> inputs;   ///< names of layers, in order
  nlohmann::ordered_json arguments;  ///< further arguments of the call, an object
  std::vector<KerasWeight> weights;
};

/// Errors: DataError that names the file, the layer and what is wrong with it.
class KerasFile {
 public:
  explicit KerasFile(const std::filesystem::path& path);

  /// In the order of the file, which is one in which they can be computed.
  const std::vector<KerasLayer>& layers() const { return layers_; }
  const std::vector<std::string>& outputs() const { return outputs_; }
  /// Weights of groups that belong to no layer, by path.
  const std::vector<std::string>& strays() const { return strays_; }

  std::vector<float> values(const KerasWeight& weight) const { return file_.read<float>(weight.path); }
  [[noreturn]] void fail(const std::string& problem) const;

 private:
  void read_layers(const nlohmann::ordered_json& config);
  void read_layer(const nlohmann::ordered_json& entry, bool sequential);
  void read_weights();

  std::filesystem::path path_;
  io::H5File file_;
  std::string root_;  ///< group of the weights
  std::vector<KerasLayer> layers_;
  std::vector<std::string> outputs_;
  std::vector<std::string> strays_;
};

}  // namespace basewise::convert::detail
