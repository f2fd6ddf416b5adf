#include "basewise/evaluate/measure.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/evaluate/detail/measures.h"

namespace basewise::evaluate {

const std::vector<MeasureType>& measure_types() {
  static const std::vector<MeasureType> types = {detail::kValues, detail::kBinary, detail::kProfile};
  return types;
}

const MeasureType& measure_type(std::string_view name) {
  const auto& types = measure_types();
  const auto found = std::find_if(types.begin(), types.end(), [&](const MeasureType& t) { return t.name == name; });
  if (found != types.end()) return *found;
  throw ArgumentError(format("nothing measures heads of kind '{}'; kinds are {}", name, fmt::join(measure_words(), ", ")));
}

std::string measure_kind(const std::string& kind, const std::vector<std::string>& metrics) {
  if (kind != "auto") return std::string(measure_type(kind).name);
  for (const MeasureType& type : measure_types())
    for (const std::string& metric : metrics)
      if (type.claims(metrics::find_metric(metric).kind)) return std::string(type.name);
  return std::string(measure_types().front().name);
}

std::vector<std::string> measure_words() {
  std::vector<std::string> words = {"auto"};
  for (const MeasureType& type : measure_types()) words.emplace_back(type.name);
  return words;
}

std::string measure_help() {
  std::string help;
  for (const MeasureType& type : measure_types()) help += format("{}: {}; ", type.name, type.help);
  return help + "auto: what metrics and loss say";
}

std::string head_name(const std::string& asked, const Bundle& outputs) {
  if (!asked.empty()) return asked;
  if (outputs.size() != 1)
    throw ArgumentError(format("the model has outputs [{}]: say which one to evaluate", fmt::join(outputs.names(), ", ")));
  return outputs.begin()->first;
}

std::string ceiling_name(const HeadPlan& head, const Bundle& batch) {
  if (head.ceiling == "none") return {};
  if (head.ceiling != "auto") return head.ceiling;
  const std::string name = head.target == "profile" ? "replicate" : "replicate_" + head.target;
  return batch.contains(name) ? name : std::string{};
}

}  // namespace basewise::evaluate
