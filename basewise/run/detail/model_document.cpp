#include "basewise/run/detail/model_document.h"

#include <nlohmann/json.hpp>

#include "basewise/infer/inspect.h"

namespace basewise::run::detail {
namespace {

/// Weights of the first layer with parameters, where that is a convolution over the four letters.
std::string letter_weights(const nn::Model& model, const infer::InspectResult& table) {
  for (const nn::LayerRow& row : table.layers) {
    if (row.parameters == 0) continue;
    const std::string name = row.name + ".weight";
    const at::Tensor* weight = model.named_parameters().find(name);
    return row.type == "conv" && weight && weight->dim() == 3 && weight->size(1) == 4 ? name : "";
  }
  return {};
}

}  // namespace

nlohmann::ordered_json model_document(const nn::Model& model) {
  const infer::InspectResult table = infer::inspect(model);
  nlohmann::ordered_json json = {{"schema", "basewise.model/1"}};
  json.update(infer::to_json(table));
  if (const std::string name = letter_weights(model, table); !name.empty()) json["first_layer"] = name;
  return json;
}

}  // namespace basewise::run::detail
