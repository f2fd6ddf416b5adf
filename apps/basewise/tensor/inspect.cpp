#include "basewise/infer/inspect.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/tensor/set_up.h"
#include "apps/basewise/tensor/verbs.h"
#include "basewise/core/files.h"
#include "basewise/run/open_run.h"
#include "basewise/run/run_setup.h"
#include "basewise/spec/assign.h"
#include "basewise/spec/model_file.h"
#include "basewise/spec/named_model.h"
#include "basewise/spec/writer.h"

namespace basewise::app {
namespace {

// A model file declares its inputs at the top; a recipe has a model in it or beside it.
bool is_model_file(const std::string& text) { return ("\n" + text).find("\n[inputs") != std::string::npos; }

/// A model file with the options of "--set model.LAYER.OPTION=VALUE".
nn::ModelPtr built(const fs::path& file, const std::vector<std::string>& set) {
  constexpr std::string_view kPrefix = "model.";
  spec::ModelFile model = spec::read_model_file(file);
  for (const std::string& option : set) {
    if (!option.starts_with(kPrefix))
      throw ArgumentError(format("--set {}: of a model file only options of its layers can be set, model.stem.filters=48", option));
    spec::assign(model.model, std::string_view(option).substr(kPrefix.size()), "--set model.");
  }
  if (!set.empty()) model.text = spec::to_toml(model.model);
  return nn::build_model(model, 0);
}

nn::ModelPtr model_of(const std::string& source, const std::vector<std::string>& set) {
  if (run::has_weights(source)) {
    if (!set.empty()) throw ArgumentError("--set: a trained run keeps its model; inspect its model.toml instead");
    return run::open_run(source).model;
  }
  if (fs::is_regular_file(source) && is_model_file(read_file(source))) return built(source, set);
  if (const auto name = find_choice<spec::ModelName>(source); name && !fs::exists(source)) {
    if (!set.empty()) throw ArgumentError(format("--set: \"{}\" is made for data; inspect a recipe with model = \"{}\"", source, source));
    const spec::ModelSpec model = spec::build_named({.name = *name}, spec::usual_task(*name));
    return nn::build_model(spec::ModelFile{model, spec::to_toml(model)}, 0);
  }
  auto loaded = run::load_recipe(source, set);
  if (loaded.named) run::complete_model(loaded, run::plain_data(loaded.recipe));
  return run::build_model(loaded);
}

}  // namespace

int inspect(const Arguments& arguments) {
  Command command("basewise inspect", "Shows the layers of a model: what each makes, costs and sees.",
                  {"basewise inspect demo", "basewise inspect bpnet", "basewise inspect runs/demo --json",
                   "basewise inspect recipes/ecoli_tss/cnn.model.toml --length 1000",
                   "basewise inspect recipes/basenji/models/basenji_2018.model.toml --length 131072 --set model.dilated.repeat=3"});
  std::string what;
  std::int64_t length = 0;
  command.app()
      .add_option("model", what, "run folder, recipe (file or built-in name), model file, or cnn, basset, dilated, bpnet")
      ->required()
      ->type_name("RUN|FILE");
  command.app()
      .add_option("--length", length, "positions of the input [what the model asks for]")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{2147483647}));
  command.add_set();
  if (!parse(command, arguments)) return 0;

  const nn::ModelPtr model = model_of(what, command.set());
  const auto result = infer::inspect(*model, length);
  command.json() ? print_json(infer::to_json(result)) : print(infer::to_text(result));
  return 0;
}

}  // namespace basewise::app
