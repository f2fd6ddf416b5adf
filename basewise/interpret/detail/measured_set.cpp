#include "basewise/interpret/detail/measured_set.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/core/progress.h"
#include "basewise/tensor/tokens.h"

namespace basewise::interpret::detail {

Bundle inputs_of(const run::OpenRun& run, const data::Dataset& set, const std::vector<std::int64_t>& examples) {
  std::vector<Bundle> rows;
  const std::vector<std::string> names = run.model->input_names();
  for (const std::int64_t i : examples) {
    const Bundle example = set.get(i, Stream(0));
    Bundle& row = rows.emplace_back();
    for (const std::string& name : names) row.set(name, example.at(name));
  }
  Bundle inputs;
  for (const auto& [name, values] : stack(rows)) inputs.set(name, is_tokens(values) ? one_hot_of(values).contiguous() : values);
  return inputs;
}

std::vector<std::string> letters_of(const Bundle& inputs) {
  const bool there = inputs.contains("sequence") && inputs.at("sequence").dim() == 3 && inputs.at("sequence").size(1) == 4;
  const auto tokens = there ? tokens_of(inputs.at("sequence").to(at::kCPU, at::kFloat).contiguous()) : std::nullopt;
  if (!tokens) throw ArgumentError("the model reads no input 'sequence' of DNA");
  const std::int64_t n = tokens->size(0), length = tokens->size(1);
  std::vector<std::string> all;
  const std::uint8_t* token = tokens->const_data_ptr<std::uint8_t>();
  for (std::int64_t i = 0; i < n; ++i) {
    std::string& letters = all.emplace_back();
    for (std::int64_t k = 0; k < length; ++k) letters += "ACGTN"[std::min<std::uint8_t>(*token++, 4)];
  }
  return all;
}

std::vector<std::int64_t> chosen(const data::Dataset& set, std::int64_t most, std::int64_t label) {
  const std::int64_t wanted = most > 0 ? std::min(most, set.size()) : set.size();
  std::vector<std::int64_t> all;
  if (label < 0) {
    all.resize(static_cast<std::size_t>(wanted));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }
  const Field* target = set.schema().first(Role::target);
  if (target == nullptr) throw ArgumentError("the set has no target: there are no positive examples to choose");
  for (std::int64_t i = 0; i < set.size() && std::ssize(all) < wanted; ++i) {
    const at::Tensor values = set.get(i, Stream(0)).at(target->name).reshape({-1});
    if (label >= values.numel())
      throw ArgumentError(format("label {} is not there: '{}' has {}, counted from 0", label, target->name, values.numel()));
    if (values[label].item<double>() == 1) all.push_back(i);
  }
  if (all.empty()) throw ArgumentError(format("no example of the set has the value 1 in '{}', channel {}", target->name, label));
  return all;
}

at::Tensor activations_of(const run::OpenRun& run, const FilterLayer& layer, const Bundle& inputs) {
  const at::NoGradGuard no_gradients;
  at::Device device = at::kCPU;
  for (const auto& parameter : run.model->parameters()) device = parameter.device();
  const auto out = run.model->run(inputs.to(device), {.heads = std::vector<std::string>{}, .activations = {layer.activation}});
  const at::Tensor values = out.activations.at(layer.activation);
  return (layer.both_strands ? values.slice(0, 0, batch_size(inputs)) : values).to(at::kCPU, at::kFloat).contiguous();
}

void each_batch(const run::OpenRun& run, const data::Dataset& set, const std::vector<std::int64_t>& examples, const char* title,
                const std::function<void(const Bundle& inputs)>& receive) {
  constexpr std::size_t kBatch = 256;
  Progress progress(title, std::ssize(examples), "sequences");
  for (std::size_t first = 0; first < examples.size(); first += kBatch) {
    const std::size_t end = std::min(first + kBatch, examples.size());
    const auto at = [&](std::size_t i) { return examples.begin() + static_cast<std::ptrdiff_t>(i); };
    receive(inputs_of(run, set, {at(first), at(end)}));
    progress.advance(static_cast<std::int64_t>(end - first));
  }
  progress.finish();
}

std::optional<run::ExampleBatch> DatasetSource::next(std::int64_t most, const Wanted& wanted) {
  run::ExampleBatch batch;
  while (batch.size() < most && passed_ < set_.size()) {
    const std::int64_t number = passed_++;
    if (!wanted(number)) continue;
    batch.numbers.push_back(number);
    batch.examples.push_back({.name = set_.origin(number).name});
  }
  if (batch.size() == 0) return std::nullopt;
  batch.inputs = inputs_of(run_, set_, batch.numbers);
  return batch;
}

}  // namespace basewise::interpret::detail
