#include "basewise/run/detail/data_document.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "basewise/corpus/registry.h"
#include "basewise/data/several.h"
#include "basewise/tensor/tensors.h"

namespace basewise::run::detail {
namespace {

using Json = nlohmann::ordered_json;

/// What the targets of one output are like.
struct TargetCounts {
  std::int64_t values = 0;
  std::int64_t missing = 0;
  std::int64_t positives = 0;  ///< equal to 1
  bool binary = true;
  double sum = 0, squares = 0, low = INFINITY, high = -INFINITY;

  void add(float value) {
    ++values;
    positives += value == 1;
    binary = binary && (value == 0 || value == 1);
    sum += value;
    squares += static_cast<double>(value) * value;
    low = std::min<double>(low, value);
    high = std::max<double>(high, value);
  }
};

Json to_json(const std::string& name, const TargetCounts& c) {
  Json j = {{"name", name}, {"values", c.values}, {"missing", c.missing}};
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

/// Channels of a target that swap under reverse complement are counted as one: which of both
/// strands an example shows may be drawn.
std::vector<TargetCounts> count_targets(const data::Dataset& set, const std::string& target, bool together,
                                        std::int64_t& counted) {
  std::vector<TargetCounts> counts;
  counted = std::min(set.size(), kCountedExamples);
  for (std::int64_t k = 0; k < counted; ++k) {
    const Bundle example = set.get(k * set.size() / counted, Stream(0));
    if (!example.contains(target)) return {};
    const at::Tensor values = example.at(target).to(at::kFloat).contiguous();
    const std::int64_t channels = values.dim() == 0 ? 1 : values.size(0),
                       length = values.numel() / std::max<std::int64_t>(channels, 1);
    at::Tensor mask;
    if (example.contains(target + ".mask")) {
      mask = example.at(target + ".mask").ne(0);
      while (mask.dim() < values.dim()) mask = mask.unsqueeze(-1);
      mask = mask.expand_as(values).contiguous();
    }
    counts.resize(static_cast<std::size_t>(together ? 1 : channels));
    const auto span = float_span(values);
    for (std::int64_t i = 0; i < values.numel(); ++i) {
      TargetCounts& c = counts[static_cast<std::size_t>(together ? 0 : i / length)];
      if (mask.defined() && !mask.const_data_ptr<bool>()[i]) {
        ++c.missing;
      } else {
        c.add(span[static_cast<std::size_t>(i)]);
      }
    }
  }
  return counts;
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

/// Of several data sets the one that is looked at: the first that has a target.
const data::DatasetPtr& with_target(const std::vector<data::DatasetPtr>& sets, const std::string& target) {
  for (const data::DatasetPtr& set : sets)
    if (set->schema().find(target)) return set;
  return sets.front();
}

Json set_json(const char* name, const data::DatasetPtr& set, const data::DataSplits& data) {
  const Field target = target_of(data);
  const bool together = set->size() > 0 && target.rule == StrandRule::paired;
  std::int64_t counted = 0;
  const auto counts = count_targets(*with_target(data::sets_of(set), target.name), target.name, together, counted);
  Json j = {{"name", name},
            {"examples", set->size()},
            {"counted", counted},
            {"summary", portable(set->summary(), data)},
            {"outputs", Json::array()}};
  for (std::size_t c = 0; c < counts.size(); ++c) {
    const std::string channel = together                      ? "both strands"
                                : c < target.channels.size() ? target.channels[c]
                                                             : std::to_string(c);
    j["outputs"].push_back(to_json(channel, counts[c]));
  }
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

Json data_document(const data::DataSplits& data, const Recipe& recipe) {
  Json json = {{"schema", "basewise.data/1"},
               {"kind", recipe.data.kind},
               {"target", target_of(data).name},
               {"per_base", target_of(data).bin > 0},
               {"split", to_word(recipe.data.split.by)}};
  json["outputs"] = target_of(data).channels;
  json["sets"] = {set_json("train", data.train, data), set_json("validation", data.validation, data),
                  set_json("test", data.test, data)};
  json["datasets"] = registered(data);
  return json;
}

}  // namespace basewise::run::detail
