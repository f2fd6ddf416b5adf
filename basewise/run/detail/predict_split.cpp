#include "basewise/run/detail/predict_split.h"

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/data/several.h"
#include "basewise/infer/batched.h"
#include "basewise/run/detail/data_arrays.h"
#include "basewise/run/detail/row_writer.h"
#include "basewise/run/run_folder.h"
#include "basewise/run/run_setup.h"

namespace basewise::run::detail {
namespace {

namespace fs = std::filesystem;

std::vector<corpus::SetName> sets_asked(PredictSplit split) {
  using enum corpus::SetName;
  switch (split) {
    case PredictSplit::none:
      break;
    case PredictSplit::train:
      return {train};
    case PredictSplit::validation:
      return {validation};
    case PredictSplit::test:
      return {test};
    case PredictSplit::all:
      return {train, validation, test};
  }
  return {};
}

/// The targets of the recipe beside the outputs, as arrays.
void add_observed(io::NpzWriter& arrays, const Schema& schema, const std::vector<SplitPart>& parts) {
  std::vector<data::DatasetPtr> sets;
  for (const SplitPart& part : parts) sets.push_back(part.set);
  for (const Field& field : schema) {
    const bool mask_of_target = field.role == Role::mask && schema.find(field.of) && schema.find(field.of)->role == Role::target;
    if ((field.role == Role::target || mask_of_target) && field.sets.empty()) add_field(arrays, "observed." + field.name, sets, field.name);
  }
}

}  // namespace

std::vector<SplitPart> split_parts(const PredictJob& job, const data::DataSplits& data) {
  std::vector<SplitPart> parts;
  for (const corpus::SetName name : sets_asked(job.options.examples.split))
    for (const data::DatasetPtr& set : data::sets_of(data[name]))
      if (set->size() > 0) parts.push_back({name, set});
  if (parts.empty())
    throw ArgumentError(
        format("the {} set of {} is empty; look at [data.split] of its recipe", job.options.examples.split, job.run.folder.string()));
  return parts;
}

void check_has_data(const fs::path& folder) {
  if (!fs::exists(folder / results::kConfigFile))
    throw StateError(format("{} has no {}: nobody knows which examples the run was made of", folder.string(), results::kConfigFile));
  if (read_manifest(folder).value("given", false))
    throw StateError(format("the data of {} were given by a program: predict them there", folder.string()));
}

PredictResult predict_split(const PredictJob& job) {
  check_has_data(job.run.folder);
  const data::DataSplits data = plain_data(job.run.recipe);
  const std::vector<SplitPart> parts = split_parts(job, data);
  const LabelColumns labels(data.schema());
  const bool places = has_places(*parts[0].set);
  std::vector<std::string> columns{"set"};
  for (const std::string& column : origin_columns(places)) columns.push_back(column);
  for (const std::string& label : labels.names()) columns.push_back("observed." + label);
  std::vector<GivenPath> files;
  for (const data::InputFile& input : data.inputs) files.push_back({"the recipe", input.path});
  RowWriter writer(job, std::move(columns), std::move(files));
  for (const SplitPart& part : parts) {
    infer::predict_batches(part.set, job.score, {.batch_size = job.options.batch_size, .progress = format("predict {}", part.name)},
                           [&](std::int64_t first, const Bundle& outputs, const Bundle& batch) {
                             const at::Tensor values = value_of(job, outputs);
                             RowFields rows;
                             for (std::int64_t n = 0; n < values.size(0); ++n) {
                               auto& row = rows.emplace_back(1, format("{}", part.name));
                               for (auto& field : origin_fields(*part.set, first + n, places)) row.push_back(std::move(field));
                               for (auto& field : labels.fields(batch, n)) row.push_back(std::move(field));
                             }
                             writer.add(rows, values);
                           });
  }
  PredictResult result;
  writer.finish(result, [&](io::NpzWriter& arrays) { add_observed(arrays, data.schema(), parts); });
  return result;
}

}  // namespace basewise::run::detail
