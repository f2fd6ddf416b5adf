#include "basewise/interpret/detail/perturb_files.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/version.h"

namespace basewise::interpret::detail {
namespace {

using Json = nlohmann::ordered_json;

std::string cell(double x) { return std::isnan(x) ? std::string() : format("{:.9g}", x); }

Json json_number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

Json json_of(const Estimate& e) {
  return {{"value", json_number(e.value)}, {"low", json_number(e.low)}, {"high", json_number(e.high)}};
}

std::string table_of(const PerturbResult& result) {
  std::string text =
      "condition\torientation\tdistance\toutput\texamples\ty_before\ty_after\tdifference\tlow\thigh\tcontrol\tcontrol_low\tcontrol_high\n";
  for (const PerturbRow& row : result.rows)
    text += format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", row.condition, row.orientation,
                   row.distance ? std::to_string(*row.distance) : "", row.output, row.examples, cell(row.y_before), cell(row.y_after),
                   cell(row.difference.value), cell(row.difference.low), cell(row.difference.high), cell(row.control.value),
                   cell(row.control.low), cell(row.control.high));
  return text;
}

Json document_of(const PerturbResult& result, const PerturbOptions& options) {
  PerturbOptions copy = options;
  Json rows = Json::array();
  for (const PerturbRow& row : result.rows)
    rows.push_back({{"condition", row.condition},
                    {"orientation", row.orientation},
                    {"distance", row.distance ? Json(*row.distance) : Json(nullptr)},
                    {"output", row.output},
                    {"examples", row.examples},
                    {"y_before", json_number(row.y_before)},
                    {"y_after", json_number(row.y_after)},
                    {"difference", json_of(row.difference)},
                    {"control", json_of(row.control)}});
  return {{"schema", "basewise/perturb/1"}, {"basewise", version()},  {"options", to_json(described(copy))}, {"examples", result.examples},
          {"outputs", result.outputs},      {"notes", result.notes}, {"rows", rows}};
}

}  // namespace

void write_perturbation(PerturbResult& result, const PerturbOptions& options) {
  if (options.out.empty()) return;
  const fs::path table = options.out.string() + ".tsv", document = options.out.string() + ".json";
  write_file(table, table_of(result));
  write_file(document, json_text(document_of(result, options)) + "\n");
  result.files = {table, document};
}

}  // namespace basewise::interpret::detail
