#include "basewise/convert/detail/keras.h"

#include <set>

#include "basewise/convert/detail/keras_builder.h"
#include "basewise/core/printable.h"
#include "basewise/core/some_of.h"

namespace basewise::convert::detail {
namespace {

std::string label(const KerasLayer& layer) { return format("'{}' ({})", layer.name, layer.type); }

/// Layers up to the first that cannot be converted; why not, empty where all can.
std::string convert_layers(KerasBuilder& builder, const KerasFile& file, std::size_t& done) {
  for (; done < file.layers().size(); ++done) {
    try {
      convert_keras_layer(builder, file.layers()[done]);
    } catch (const NoCounterpart& e) {
      return e.what();
    }
  }
  return {};
}

/// The classes in the file that nothing is there for.
std::vector<std::string> unknown_layers(const KerasFile& file) {
  std::vector<std::string> all;
  for (const KerasLayer& layer : file.layers())
    if (!knows_keras_class(layer.type)) all.push_back(label(layer));
  return all;
}

/// Both sides of what was not mapped, behind what was.
void complete_report(Converted& result, const KerasFile& file) {
  std::set<std::string> taken;
  for (const MappedTensor& tensor : result.tensors) taken.insert(tensor.source);
  for (const KerasLayer& layer : file.layers())
    for (const KerasWeight& weight : layer.weights)
      if (!taken.contains(weight.path))
        result.tensors.push_back({weight.path, weight.shape, "", {}, format("not taken: layer {}", label(layer))});
  for (const std::string& path : file.strays())
    result.tensors.push_back({path, {}, "", {}, "not taken: belongs to no layer of model_config"});
  for (MappedTensor& tensor : result.tensors) {
    tensor.source = printable(tensor.source);
    tensor.how = printable(tensor.how);
  }
  std::int64_t used = 0, unused = 0, made = 0;
  for (const MappedTensor& tensor : result.tensors) {
    (tensor.target.empty() ? unused : used) += tensor.source.empty() ? 0 : 1;
    made += tensor.source.empty() ? 1 : 0;
  }
  std::string text = format("{} tensors of the file are taken", used);
  if (unused > 0) text += format(", {} are not", unused);
  if (made > 0) text += format("; {} of the model start as usual, for the file has none", made);
  result.notes.push_back(text + ": tensors.tsv lists them");
}

}  // namespace

Converted keras_model(const ConvertOptions& options) {
  const KerasFile file(options.file);
  KerasBuilder builder(file, options);
  std::size_t done = 0;
  const std::string problem = convert_layers(builder, file, done);
  const bool stopped = done < file.layers().size();
  if (stopped && !options.partial) {
    std::string others;
    const std::vector<std::string> unknown = unknown_layers(file);
    if (unknown.size() > 1) others = format(" Classes that are not known: {}.", some_of(unknown));
    file.fail(format("layer {} has no counterpart here: {}.{} --partial converts what stands above it", label(file.layers()[done]), problem,
                     others));
  }
  Converted& result = builder.result();
  if (stopped) {
    if (result.model.layers.empty())
      file.fail(format("layer {} has no counterpart here: {}, and nothing stands above it", label(file.layers()[done]), problem));
    result.notes.push_back(format("converted up to layer {}, which has no counterpart: {}; {} layers are left out",
                                  label(file.layers()[done]), problem, file.layers().size() - done));
  }
  if (result.model.inputs.empty()) file.fail("has no InputLayer");
  builder.heads(stopped);
  result.kind = SourceKind::keras;
  result.comment = format("From {}", message_line(options.file.filename().string()));
  complete_report(result, file);
  spec::set_paths(result.model);
  return std::move(result);
}

}  // namespace basewise::convert::detail
