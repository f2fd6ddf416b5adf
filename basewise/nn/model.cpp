#include "basewise/nn/model.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/nn/detail/spec_model.h"
#include "basewise/spec/model_file.h"
#include "basewise/spec/writer.h"

namespace basewise::nn {

RunResult Model::run(const Bundle& inputs, const Wanted& wanted, const Bundle& state) {
  if (!state.empty()) throw ArgumentError(format("the model has no state, but got '{}'", state.begin()->first));
  if (wanted.stand_in != nullptr) throw ArgumentError("the model is not made of layers, so that nothing can stand in for one of them");
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
  if (name == spec::kSequence) return StrandRule::complemented;
  const std::vector<std::string> outputs = output_names();
  if (std::find(outputs.begin(), outputs.end(), name) != outputs.end() && !context(name).has_length) return StrandRule::unchanged;
  throw ArgumentError(format("this model does not say how '{}' looks from the other strand: its class must override strand_rule", name));
}

ModelPtr build_model(const spec::ModelFile& file, std::uint64_t seed) { return std::make_shared<detail::SpecModel>(file, seed); }

ModelPtr build_model(const spec::ModelSpec& spec, std::uint64_t seed) {
  return build_model(spec::ModelFile{spec, spec::to_toml(spec)}, seed);
}

ModelPtr build_model(const std::string& toml, const std::string& origin, std::uint64_t seed) {
  return build_model(spec::read_model_text(toml, origin, fs::path(origin).parent_path()), seed);
}

ModelPtr build_model_file(const std::filesystem::path& file, std::uint64_t seed) { return build_model(spec::read_model_file(file), seed); }

ModelPtr build_equivariant_model(const spec::ModelFile& file, std::uint64_t seed) {
  ModelPtr model = build_model(file, seed);
  for (const spec::HeadSpec& head : file.model.heads)
    if (!model->equivariant(head.name))
      throw ArgumentError(
          format("{}: output '{}' is not the same for both strands (strand rule {}); look at `basewise inspect` of the model, or use "
                 "strand.layers = \"as_given\"",
                 head.where.to_string(), head.name, to_word(model->strand_rule(head.name))));
  return model;
}

}  // namespace basewise::nn
