#include "basewise/interpret/detail/perturb_files.h"

#include <cmath>
#include <span>
#include <string_view>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/outputs.h"
#include "basewise/core/version.h"
#include "basewise/io/hdf5_writer.h"
#include "basewise/io/npz_writer.h"
#include "basewise/io/number_field.h"
#include "basewise/results/run_outputs.h"

namespace basewise::interpret::detail {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kNpz = ".npz", kHdf5 = ".h5";

std::string cell(double x) { return io::number_field(x, 9); }

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
  Json document = {{"schema", "basewise/perturb/1"}, {"basewise", version()}, {"options", to_json(described(copy))}};
  document.update(perturbation_json(result));
  return document;
}

void write_npz(const fs::path& file, const PerturbArrays& a, std::int64_t c, std::int64_t n, std::int64_t k) {
  io::NpzWriter out(file);
  out.add("y_before", io::TensorView::of(std::span<const double>(a.y_before), {n, k}));
  out.add("y_after", io::TensorView::of(std::span<const double>(a.y_after), {c, n, k}));
  out.add("control", io::TensorView::of(std::span<const double>(a.control), {c, n, k}));
  out.close();
}

void write_hdf5(const fs::path& file, const PerturbArrays& a, std::int64_t c, std::int64_t n, std::int64_t k) {
  std::vector<std::string> conditions, orientations;
  std::vector<std::int64_t> distances;
  for (const PerturbArrays::Name& name : a.conditions) {
    conditions.push_back(name.condition);
    orientations.push_back(name.orientation);
    distances.push_back(name.distance.value_or(-1));
  }
  io::H5Writer out(file);
  out.write<double>("y_before", a.y_before, {n, k});
  out.write<double>("y_after", a.y_after, {c, n, k});
  out.write<double>("control", a.control, {c, n, k});
  out.write_text("condition", conditions);
  out.write_text("orientation", orientations);
  out.write<std::int64_t>("distance", distances, {c});
  out.write_text("example", a.examples);
  out.write_text("output", a.outputs);
  out.close();
}

fs::path file_of(const PerturbOptions& o, const char* ending) { return o.out.empty() ? fs::path() : fs::path(o.out.string() + ending); }

}  // namespace

void check_perturb_files(const PerturbOptions& options) {
  if (const fs::path ending = options.arrays.extension(); !options.arrays.empty() && ending != kNpz && ending != kHdf5)
    throw ArgumentError(format("arrays is '{}'; its name must end in {} or {}", options.arrays.string(), kNpz, kHdf5));
  std::vector<GivenPath> inputs = run::given_files(options.examples, options.run);
  inputs.push_back({"collection", options.collection});
  const std::vector<GivenPath> outputs = {
      {"out (table)", file_of(options, ".tsv")}, {"out (document)", file_of(options, ".json")}, {"arrays", options.arrays}};
  require_apart(inputs, outputs);
  results::require_no_run_file(options.run, outputs);
}

void write_perturbation(PerturbResult& result, const PerturbOptions& options) {
  if (options.out.empty()) return;
  const fs::path table = file_of(options, ".tsv"), document = file_of(options, ".json");
  write_file(table, table_of(result));
  write_file(document, json_text(document_of(result, options)) + "\n");
  result.files = {table, document};
}

void write_perturb_arrays(const fs::path& file, const PerturbArrays& arrays) {
  const auto c = std::ssize(arrays.conditions), n = std::ssize(arrays.examples), k = std::ssize(arrays.outputs);
  file.extension() == kHdf5 ? write_hdf5(file, arrays, c, n, k) : write_npz(file, arrays, c, n, k);
}

}  // namespace basewise::interpret::detail

namespace basewise::interpret {

nlohmann::ordered_json perturbation_json(const PerturbResult& result) {
  using detail::json_of, detail::json_number;
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const PerturbRow& row : result.rows)
    rows.push_back({{"condition", row.condition},
                    {"orientation", row.orientation},
                    {"distance", row.distance ? nlohmann::ordered_json(*row.distance) : nlohmann::ordered_json()},
                    {"output", row.output},
                    {"examples", row.examples},
                    {"y_before", json_number(row.y_before)},
                    {"y_after", json_number(row.y_after)},
                    {"difference", json_of(row.difference)},
                    {"control", json_of(row.control)}});
  return {{"examples", result.examples}, {"outputs", result.outputs}, {"notes", result.notes}, {"rows", rows}};
}

}  // namespace basewise::interpret
