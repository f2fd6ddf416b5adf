#include "basewise/report/detail/model_table.h"

#include "basewise/core/error.h"

namespace basewise::report::detail {
namespace {

Json layer_table(const Run& run, std::size_t position) {
  Table table{.id = format("layers_{}", position),
              .title = "Layers",
              .caption =
                  "In the order in which a sequence passes them. What a layer sees is the number of input bases that one position of its "
                  "output depends on."};
  table.columns = {{.name = "layer", .title = "Layer", .type = ColumnType::text},
                   {.name = "type", .title = "Type", .type = ColumnType::text},
                   {.name = "output",
                    .title = "Output",
                    .type = ColumnType::text,
                    .help = "N: examples of a batch; then channels and positions."},
                   {.name = "parameters", .title = "Parameters", .type = ColumnType::number, .format = ",d"},
                   {.name = "multiply_adds",
                    .title = "Multiply-adds",
                    .type = ColumnType::number,
                    .format = ".3~s",
                    .help = "For one example."},
                   {.name = "sees", .title = "Sees", .type = ColumnType::number, .format = ",d", .unit = "bp"}};
  for (const Json& layer : member(run.model, "layers")) {
    // "all of the input" is written as 0.
    const double sees = number_of(layer, "receptive_field") == 0 ? number_of(run.model, "length") : number_of(layer, "receptive_field");
    table.rows.push_back({text_of(layer, "name"), text_of(layer, "type"), text_of(layer, "output"), number(number_of(layer, "parameters")),
                          number(number_of(layer, "multiply_adds")), number(sees)});
  }
  return table.to_json();
}

std::string inputs_of(const Json& model) {
  std::vector<std::string> names;
  for (const Json& input : member(model, "inputs"))
    if (input.is_string()) names.push_back(input.get<std::string>());
  return format("{}", fmt::join(names, ", "));
}

std::string output_text(const Json& o) {
  if (!member(o, "has_length").is_boolean() || !o.at("has_length").get<bool>()) return "one value per channel for the whole sequence";
  return format("one value per channel for every {} input position{}; sees {} to the left and {} to the right", number_of(o, "stride"),
                number_of(o, "stride") == 1 ? "" : "s", number_of(o, "receptive_left"), number_of(o, "receptive_right"));
}

std::vector<Fact> facts_of(const Json& model) {
  std::vector<Fact> facts = {
      {.name = "Inputs", .value = inputs_of(model)},
      {.name = "Parameters", .value = number(number_of(model, "parameters")), .format = ",d"},
      {.name = "Multiply-adds", .value = number(number_of(model, "multiply_adds")), .format = ".4~s", .note = "for one example"}};
  for (const Json& o : member(model, "outputs"))
    facts.push_back({.name = format("Output {}", text_of(o, "name")), .value = output_text(o)});
  return facts;
}

}  // namespace

Section model_section(const Runs& runs) {
  Section section{.id = "model", .title = "Model"};
  for (std::size_t r = 0; r < runs.size(); ++r) {
    const Run& run = runs[r];
    if (run.model.is_null() || (r > 0 && run.model == runs[r - 1].model)) continue;
    const std::string suffix = runs.size() > 1 ? ": " + run.id : "";
    section.add(facts_block("Model" + suffix, facts_of(run.model)));
    Json table = layer_table(run, r + 1);
    table["title"] = "Layers" + suffix;
    if (!table.at("rows").empty()) section.add(std::move(table));
  }
  return section;
}

}  // namespace basewise::report::detail
