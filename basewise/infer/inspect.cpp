#include "basewise/infer/inspect.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "basewise/core/format.h"
#include "basewise/plan/inference_plan.h"

namespace basewise::infer {
namespace {

std::string grouped(std::int64_t n) {
  const std::string digits = format("{}", n);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

double flops(const InspectResult& result) { return 2 * result.multiply_adds; }

std::string engineering(double x) {
  for (const auto& [unit, size] : {std::pair{"T", 1e12}, std::pair{"G", 1e9}, std::pair{"M", 1e6}, std::pair{"k", 1e3}})
    if (x >= size) return format("{:.4g} {}", x / size, unit);
  return format("{:.0f}", x);
}

std::string context_text(const nn::Model::Context& c) {
  if (!c.has_length) return "one value per channel for the whole sequence";
  const std::string sees = c.reads_all ? std::string("the whole input")
                                       : format("{} to the left, {} to the right", c.receptive_left, c.receptive_right);
  return format("one per {} input position{}; {} cut at the left, {} at the right; sees {}", c.stride, c.stride == 1 ? "" : "s", c.left,
                c.right, sees);
}

// Columns padded to their widest cell; the first three or four are text,
// the others numbers at the right.
std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t text_columns) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], row[i].size());
    }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - row[i].size(), ' ');
      line += (i > 0 ? "  " : "") + (i < text_columns ? row[i] + space : space + row[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace

InspectResult inspect(const nn::Model& model, std::int64_t length) {
  InspectResult result;
  for (const auto& [name, shape] : model.input_shapes()) {
    std::vector<std::string> axes{"N"};
    for (const std::int64_t size : shape) axes.push_back(size < 0 ? "L" : format("{}", size));
    result.inputs.push_back(format("{} ({})", name, fmt::join(axes, ", ")));
    if (shape.size() == 2 && result.length == 0) {
      result.length_declared = shape[1] > 0;
      result.length = length > 0 ? length : std::max<std::int64_t>(shape[1], 0);
    }
  }
  if (result.length == 0) result.length = model.typical_length();
  result.layers = model.layer_rows(result.length);
  for (const nn::LayerRow& row : result.layers) result.multiply_adds += row.multiply_adds;
  for (const auto& parameter : model.parameters()) result.parameters += parameter.numel();
  for (const auto& buffer : model.buffers()) result.buffers += buffer.numel();
  for (const std::string& name : model.output_names()) result.outputs.push_back({name, model.context(name), model.equivariant(name)});
  plan::InferencePlan::Steps steps = plan::plan_steps(model);
  result.planned_steps = static_cast<std::int64_t>(steps.planned.size());
  result.plain_steps = std::move(steps.plain);
  return result;
}

std::string to_text(const InspectResult& result) {
  std::string text = format("inputs: {}", fmt::join(result.inputs, ", "));
  if (result.length > 0)
    text += format("; the table is for {} positions{}", grouped(result.length),
                   result.length_declared ? "" : " (any length goes)");
  text += "\n\n";
  if (!result.layers.empty()) {
    // The column of strands stands where some layer keeps them.
    const bool strands = std::any_of(result.layers.begin(), result.layers.end(),
                                     [](const nn::LayerRow& row) { return !row.strands.empty(); });
    std::vector<std::vector<std::string>> rows{{"layer", "type", "output", "parameters", "FLOPs", "sees"}};
    if (strands) rows.front().insert(rows.front().begin() + 3, "strands");
    for (const nn::LayerRow& row : result.layers) {
      const std::string indent(static_cast<std::size_t>(2 * row.depth), ' ');
      rows.push_back({indent + row.name, row.type, row.output, grouped(row.parameters), engineering(2 * row.multiply_adds),
                      row.receptive_field == 0 ? "all" : grouped(row.receptive_field)});
      if (strands) rows.back().insert(rows.back().begin() + 3, row.strands.empty() ? "-" : row.strands);
    }
    text += table(rows, strands ? 4 : 3) + "\n";
  }
  text += format("{} parameters, {} buffer values, {} FLOPs for one example\n", grouped(result.parameters), grouped(result.buffers),
                 engineering(flops(result)));
  for (const InspectResult::Output& output : result.outputs)
    text += format("output {}: {}{}\n", output.name, context_text(output.context),
                   output.equivariant ? "; equal on both strands by construction" : "");
  const std::size_t plain = result.plain_steps.size();
  if (result.planned_steps > 0 || plain > 0)
    text += format("prediction on a CPU: a plan of {} step{}{}\n", result.planned_steps,
                   result.planned_steps == 1 ? "" : "s",
                   plain == 0 ? std::string()
                              : format("; {} more, left to the layer{} alone: {}", plain, plain == 1 ? "" : "s",
                                       fmt::join(result.plain_steps, ", ")));
  return text;
}

nlohmann::ordered_json to_json(const InspectResult& result) {
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  for (const nn::LayerRow& row : result.layers)
    layers.push_back({{"name", row.name}, {"type", row.type}, {"output", row.output}, {"parameters", row.parameters},
                      {"multiply_adds", row.multiply_adds}, {"flops", 2 * row.multiply_adds}, {"receptive_field", row.receptive_field},
                      {"depth", row.depth}, {"strands", row.strands}});
  nlohmann::ordered_json outputs = nlohmann::ordered_json::array();
  for (const auto& [name, c, equivariant] : result.outputs)
    outputs.push_back({{"name", name}, {"has_length", c.has_length}, {"left", c.left}, {"right", c.right}, {"stride", c.stride},
                       {"receptive_left", c.receptive_left}, {"receptive_right", c.receptive_right}, {"equivariant", equivariant}});
  return {{"inputs", result.inputs},
          {"length", result.length},
          {"length_declared", result.length_declared},
          {"parameters", result.parameters},
          {"buffers", result.buffers},
          {"multiply_adds", result.multiply_adds},
          {"flops", flops(result)},
          {"layers", layers},
          {"outputs", outputs},
          {"planned_steps", result.planned_steps},
          {"plain_steps", result.plain_steps}};
}

}  // namespace basewise::infer
