#include "basewise/run/detail/data_document.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "basewise/corpus/registry.h"

namespace basewise::run::detail {
namespace {

using Json = nlohmann::ordered_json;

Json output_json(const OutputNumbers& c) {
  Json j = {{"name", c.name}, {"values", c.values}, {"missing", c.missing}};
  if (c.values == 0) return j;
  if (c.binary) {
    j["positives"] = c.positives;
    return j;
  }
  const double n = static_cast<double>(c.values), mean = c.sum / n;
  j.update({{"mean", mean},
            {"deviation", std::sqrt(std::max(0.0, c.squares / n - mean * mean))},
            {"low", c.low},
            {"high", c.high}});
  return j;
}

/// A summary names files as the recipe does, not where they lie on this machine.
std::string portable(std::string text, const data::DataSplits& data) {
  for (const data::InputFile& input : data.inputs) {
    const std::string path = input.path.string();
    for (std::size_t at = text.find(path); !path.empty() && at != std::string::npos;
         at = text.find(path, at + input.reference.size()))
      text.replace(at, path.size(), input.reference);
  }
  return text;
}

// The first target; one without channels where there is none.
Field target_of(const data::DataSplits& data) {
  const Field* target = data.target();
  return target ? *target : Field{.name = "labels", .role = Role::target};
}

Json set_json(const SetNumbers& numbers, const data::DataSplits& data) {
  const TargetNumbers& target = numbers.targets.front();
  Json j = {{"name", to_word(numbers.set)},
            {"examples", numbers.examples},
            {"counted", target.counted},
            {"summary", portable(data[numbers.set]->summary(), data)},
            {"outputs", Json::array()}};
  if (numbers.batches > 0) j["batches"] = numbers.batches;
  for (const OutputNumbers& output : target.outputs) j["outputs"].push_back(output_json(output));
  return j;
}

/// "ecoli_tss" of "data:ecoli_tss/open/...".
std::string dataset_name(const std::string& reference) {
  const std::size_t colon = reference.find(':') + 1;
  return reference.substr(colon, reference.find('/') - colon);
}

Json registered(const data::DataSplits& data) {
  Json json = Json::array();
  std::vector<std::string> seen;
  for (const data::InputFile& input : data.inputs) {
    if (!corpus::is_data_reference(input.reference)) continue;
    const std::string name = dataset_name(input.reference);
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) continue;
    seen.push_back(name);
    const corpus::Registry registry;
    const corpus::DataSet& set = registry.find(name);
    json.push_back({{"name", set.name},
                    {"title", set.title},
                    {"licence", set.licence},
                    {"citation", set.citation},
                    {"source", set.source}});
  }
  return json;
}

}  // namespace

std::string first_target(const data::DataSplits& data) { return target_of(data).name; }

Json data_document(const data::DataSplits& data, const Recipe& recipe, const std::vector<SetNumbers>& numbers) {
  Json json = {{"schema", "basewise.data/1"},
               {"kind", recipe.data.kind},
               {"target", target_of(data).name},
               {"per_base", target_of(data).bin > 0},
               {"split", to_word(recipe.data.split.by)}};
  json["outputs"] = target_of(data).channels;
  json["sets"] = Json::array();
  for (const SetNumbers& set : numbers) json["sets"].push_back(set_json(set, data));
  json["datasets"] = registered(data);
  return json;
}

Json data_document(const data::DataSplits& data, const Recipe& recipe) {
  return data_document(data, recipe, count_sets(data, {first_target(data)}));
}

}  // namespace basewise::run::detail
