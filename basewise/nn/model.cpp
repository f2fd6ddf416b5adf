// Models in general, and how they are built and loaded.
#include "basewise/nn/model.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/nn/detail/spec_model.h"

namespace basewise::nn {

RunResult Model::run(const Bundle& inputs, const Wanted& wanted, const Bundle& state) {
  if (!state.empty()) throw ArgumentError(format("the model has no state, but got '{}'", state.begin()->first));
  const std::vector<std::string> known = input_names();
  for (const std::string& path : wanted.activations)
    if (std::find(known.begin(), known.end(), path) == known.end())
      throw ArgumentError(format("the model has no activation '{}': it is not made of layers, and only its inputs have names: {}", path,
                                 fmt::join(known, ", ")));
  RunResult result;
  if (!wanted.heads || !wanted.heads->empty()) result.outputs = forward(inputs);
  if (wanted.heads) {
    Bundle chosen;
    for (const std::string& name : *wanted.heads) chosen.set(name, result.outputs.at(name));
    result.outputs = chosen;
  }
  for (const std::string& path : wanted.activations) result.activations.set(path, inputs.at(path));
  return result;
}

std::vector<ActivationRow> Model::activation_paths(std::int64_t) const {
  std::vector<ActivationRow> rows;
  for (const auto& [name, shape] : input_shapes()) rows.push_back({name, "input", shape, {}, name});
  return rows;
}

std::vector<at::Tensor> Model::graph_inputs(const Bundle&) const {
  throw InternalError("graph_inputs of a model that is not made of layers");
}

StrandRule Model::strand_rule(const std::string& name) const {
  if (name == "sequence") return StrandRule::complemented;
  const std::vector<std::string> outputs = output_names();
  if (std::find(outputs.begin(), outputs.end(), name) != outputs.end() && !context(name).has_length) return StrandRule::unchanged;
  throw ArgumentError(format("this model does not say how '{}' looks from the other strand: its class must override strand_rule", name));
}

ModelPtr build_model(const std::string& toml, const std::string& origin, std::uint64_t seed) {
  return std::make_shared<detail::SpecModel>(toml, spec::parse_spec(toml, origin), seed);
}

ModelPtr build_model_file(const std::filesystem::path& file, std::uint64_t seed) {
  return build_model(read_file(file), file.string(), seed);
}

ModelPtr build_equivariant_model(const std::string& toml, const std::string& origin, std::uint64_t seed) {
  ModelPtr model = build_model(toml, origin, seed);
  for (const auto& name : model->output_names())
    if (!model->equivariant(name))
      throw ArgumentError(
          format("{}: output '{}' is not the same for both strands (strand rule {}); look at `basewise inspect` of the model, or use "
                 "strand.layers = \"as_given\"",
                 origin, name, to_word(model->strand_rule(name))));
  return model;
}

ModelPtr load_model(const std::filesystem::path& run_folder) {
  for (const char* part : {"model.toml", "weights.safetensors"})
    if (!fs::exists(run_folder / part))
      throw StateError(format("{} is no run folder with a model: {} is missing", run_folder.string(), part));
  const ModelPtr model = build_model_file(run_folder / "model.toml", 0);
  load_weights(*model, run_folder / "weights.safetensors");
  model->eval();
  return model;
}

}  // namespace basewise::nn
