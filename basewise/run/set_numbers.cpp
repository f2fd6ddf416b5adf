#include "basewise/run/set_numbers.h"

#include <algorithm>

#include "basewise/core/format.h"
#include "basewise/data/several.h"
#include "basewise/tensor/tensors.h"

namespace basewise::run {
namespace {

void count_example(const Bundle& example, const Field& field, TargetNumbers& counts) {
  const bool together = field.rule == StrandRule::paired;
  const at::Tensor values = example.at(field.name).to(at::kFloat).contiguous();
  const std::int64_t channels = values.dim() == 0 ? 1 : values.size(0), length = values.numel() / std::max<std::int64_t>(channels, 1);
  at::Tensor mask;
  if (example.contains(field.name + ".mask")) {
    mask = example.at(field.name + ".mask").ne(0);
    while (mask.dim() < values.dim()) mask = mask.unsqueeze(-1);
    mask = mask.expand_as(values).contiguous();
  }
  counts.outputs.resize(static_cast<std::size_t>(together ? 1 : channels));
  const auto span = float_span(values);
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    OutputNumbers& c = counts.outputs[static_cast<std::size_t>(together ? 0 : i / length)];
    if (mask.defined() && !mask.const_data_ptr<bool>()[i]) {
      ++c.missing;
    } else {
      c.add(span[static_cast<std::size_t>(i)]);
    }
  }
}

void name_outputs(const Field& field, TargetNumbers& counts) {
  for (std::size_t c = 0; c < counts.outputs.size(); ++c)
    counts.outputs[c].name = field.rule == StrandRule::paired ? "both strands"
                             : c < field.channels.size()      ? field.channels[c]
                                                              : std::to_string(c);
}

/// Examples of one data set, spread evenly over it.
void count_set(const data::Dataset& part, std::int64_t before, const std::vector<TargetNumbers*>& targets, corpus::SetName name,
               const ExampleVisitor& visit) {
  if (targets.empty() && !visit) return;
  const std::int64_t counted = std::min(part.size(), kCountedExamples);
  for (std::int64_t k = 0; k < counted; ++k) {
    const std::int64_t number = k * part.size() / counted;
    const Bundle example = part.get(number, Stream(0));
    if (visit) visit(name, before + number, example);
    for (TargetNumbers* t : targets)
      if (example.contains(t->target)) count_example(example, part.schema().at(t->target), *t);
  }
  for (TargetNumbers* t : targets) {
    t->counted = counted;
    if (const Field* field = part.schema().find(t->target)) name_outputs(*field, *t);
  }
}

std::string short_text(double x) { return format("{:.4g}", x); }

std::string output_numbers_text(const OutputNumbers& o) {
  std::string text = o.values == 0 ? "nothing measured"
                     : o.binary    ? format("{} positive, {} negative", o.positives, o.values - o.positives)
                                   : format("mean {}, {} to {}", short_text(o.sum / static_cast<double>(o.values)), short_text(o.low),
                                            short_text(o.high));
  return o.missing == 0 ? text : text + format(", {} missing", o.missing);
}

std::string target_numbers_text(const TargetNumbers& t, std::int64_t examples) {
  constexpr std::size_t kMost = 4;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < std::min(kMost, t.outputs.size()); ++i)
    parts.push_back(format("{}: {}", name_of(t, t.outputs[i]), output_numbers_text(t.outputs[i])));
  if (t.outputs.size() > kMost) parts.push_back(format("and {} more", t.outputs.size() - kMost));
  const std::string sampled = t.counted < examples ? format(" (of {} examples)", t.counted) : "";
  return format("{}{}", fmt::join(parts, "; "), sampled);
}

}  // namespace

void OutputNumbers::add(float value) {
  ++values;
  positives += value == 1;
  binary = binary && (value == 0 || value == 1);
  sum += value;
  squares += static_cast<double>(value) * value;
  low = std::min<double>(low, value);
  high = std::max<double>(high, value);
}

std::string name_of(const TargetNumbers& target, const OutputNumbers& output) {
  return output.name == target.target ? target.target : format("{} {}", target.target, output.name);
}

std::vector<SetNumbers> count_sets(const data::DataSplits& data, const std::vector<std::string>& targets, const ExampleVisitor& visit) {
  std::vector<SetNumbers> all;
  for (const auto& name : words_of(corpus::SetName{})) {
    const data::DatasetPtr& set = data[name.value];
    SetNumbers& numbers = all.emplace_back(SetNumbers{.set = name.value, .examples = set->size()});
    for (const std::string& target : targets) numbers.targets.push_back({.target = target});
    std::vector<bool> taken(targets.size(), false);
    std::int64_t before = 0;
    for (const data::DatasetPtr& part : data::sets_of(set)) {
      std::vector<TargetNumbers*> here;
      for (std::size_t t = 0; t < targets.size(); ++t) {
        if (taken[t] || part->size() == 0 || !part->schema().find(targets[t])) continue;
        taken[t] = true;
        here.push_back(&numbers.targets[t]);
      }
      count_set(*part, before, here, name.value, visit);
      before += part->size();
    }
  }
  return all;
}

std::vector<std::string> table_of(const std::vector<SetNumbers>& sets) {
  std::vector<std::string> lines = {format("{:<10} {:>9} {:>8}  {}", "set", "examples", "batches", "targets")};
  for (const SetNumbers& s : sets) {
    std::vector<std::string> targets;
    for (const TargetNumbers& t : s.targets)
      if (!t.outputs.empty()) targets.push_back(target_numbers_text(t, s.examples));
    lines.push_back(format("{:<10} {:>9} {:>8}  {}", to_word(s.set), s.examples, s.batches > 0 ? std::to_string(s.batches) : "-",
                           fmt::join(targets, "; ")));
  }
  return lines;
}

}  // namespace basewise::run
