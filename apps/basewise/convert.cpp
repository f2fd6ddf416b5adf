#include "basewise/convert/convert.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/verbs.h"
#include "basewise/core/files.h"
#include "basewise/core/log.h"
#include "basewise/results/run_outputs.h"

namespace basewise::app {
namespace {

nlohmann::ordered_json to_json(const convert::Converted& converted, const std::vector<fs::path>& files) {
  nlohmann::ordered_json json = {{"kind", to_word(converted.kind)}, {"files", nlohmann::ordered_json::array()}, {"notes", converted.notes}};
  for (const fs::path& file : files) json["files"].push_back(file.string());
  if (converted.kind != convert::SourceKind::keras) return json;
  json["tensors"] = nlohmann::ordered_json::array();
  for (const convert::MappedTensor& t : converted.tensors)
    json["tensors"].push_back(
        {{"source", t.source}, {"source_shape", t.source_shape}, {"target", t.target}, {"target_shape", t.target_shape}, {"how", t.how}});
  return json;
}

}  // namespace

int convert(const Arguments& arguments) {
  Command command(
      "basewise convert",
      "Makes a model file of the parameters of Basset, Basenji or Baskerville, with a recipe beside it, or of a Keras model, with "
      "its weights beside it: the folder opens like a run.",
      {"basewise convert params_small.json --out models/small", "basewise convert pretrained_params.txt --out models/basset",
       "basewise convert Donor.h5 --out models/donor", "basewise convert model.h5 --partial --out models/trunk"});
  convert::ConvertOptions options;
  command.add_options(described(options), "Options of convert", "file");
  if (!command.parse(arguments)) return 0;

  command.apply(described(options));
  const convert::Converted converted = convert::read_foreign(options);
  results::require_no_other_run(options.out, convert::converted_files(converted, options));
  const std::vector<fs::path> files = convert::write_converted(converted, options);
  if (command.json()) return print_json(to_json(converted, files)), 0;
  for (const std::string& note : converted.notes) log_info("{}", note);
  for (const fs::path& file : files) print(format("wrote {}\n", file.string()));
  return 0;
}

}  // namespace basewise::app
