#include "basewise/run/recipe.h"


#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/metrics/registry.h"
#include "basewise/nn/layer_types.h"
#include "basewise/run/detail/embedded.h"
#include "basewise/run/detail/unused_options.h"
#include "basewise/run/detail/evaluation.h"
#include "basewise/run/detail/model_task.h"
#include "basewise/run/estimator.h"
#include "basewise/spec/assign.h"
#include "basewise/spec/model_file.h"
#include "basewise/spec/share_strands.h"
#include "basewise/spec/writer.h"
#include "basewise/train/strand_step.h"

namespace basewise::run {
namespace {

using Json = nlohmann::ordered_json;

/// Text of a built-in file, "" if there is none of that name.
std::string_view embedded(const std::string& file) {
  for (const auto& [name, text] : detail::embedded_recipes()) {
    if (name == file) return text;
  }
  return {};
}

/// Names of the recipes that are built into the program.
std::vector<std::string> builtin_recipes() {
  std::vector<std::string> names;
  for (const auto& [file, text] : detail::embedded_recipes()) {
    if (file.ends_with("/recipe.toml")) names.emplace_back(file.substr(0, file.find('/')));
  }
  return names;
}

/// A folder of `convert` without weights has files that can be given, but is no run itself.
void require_no_converted(const fs::path& folder) {
  const fs::path recipe = folder / "recipe.toml", model = folder / results::kModelFile;
  std::vector<std::string> there;
  if (fs::is_regular_file(model)) there.push_back(format("the model {} (for basewise inspect)", model.string()));
  if (fs::is_regular_file(recipe)) there.push_back(format("the recipe {} (for basewise train)", recipe.string()));
  if (there.empty()) return;
  throw ArgumentError(format("{} is a folder without {}, and so no run; give a file in it: {}", folder.string(), results::kConfigFile,
                             fmt::join(there, " or ")));
}

[[noreturn]] void throw_unknown(const std::string& source) {
  require_no_converted(source);
  const std::vector<std::string> known = builtin_recipes();
  const auto near = nearest(source, known);
  throw ArgumentError(format("'{}' is neither a recipe file, nor a run folder, nor a built-in recipe{}; built in: {}",
                             source, near ? format(" (did you mean '{}'?)", *near) : "", fmt::join(known, ", ")));
}

/// Parts of the model are relative to `folder`.
void take_model(LoadedRecipe& loaded, const std::string& text, const fs::path& folder) {
  spec::ModelFile file = spec::read_model_text(text, loaded.model_origin, folder);
  loaded.model = std::move(file.model);
  loaded.model_text = std::move(file.text);
}

constexpr std::string_view kModelPath = "model.";  // in front of what is set in the model
constexpr std::string_view kModelFile = "model_file=";

/// "--set" for the options of the recipe, and without "model." for those of the model.
struct Assignments {
  std::vector<std::string> recipe = {};
  std::vector<std::string> model = {};
  bool names_file = false;  ///< the model is another file than the recipe's own model

  explicit Assignments(const std::vector<std::string>& all) {
    for (const std::string& text : all) {
      if (text.starts_with(kModelPath))
        model.push_back(text.substr(kModelPath.size()));
      else
        recipe.push_back(text);
      if (text.starts_with(kModelFile)) names_file = text.size() > kModelFile.size();
    }
  }

  /// What is set comes before what the recipe says.
  void apply(Recipe& to) const {
    if (names_file) to.model.text.clear();
  }
};

void set_layer_options(LoadedRecipe& loaded, const std::vector<std::string>& assignments) {
  for (const std::string& text : assignments) spec::assign(loaded.model, text, format("--set {}", kModelPath));
  if (!assignments.empty())
    loaded.model_text = spec::to_toml(loaded.model, "With options that were set.");
}

/// [model] that names an architecture: its sizes, and what is to be set in layers that are still to
/// be made.
void take_named(LoadedRecipe& loaded, const std::vector<std::string>& assignments) {
  const TomlText& table = loaded.recipe.model;
  std::vector<std::string> sizes;
  for (const std::string& text : assignments) {
    const bool of_layer = text.find('.') < text.find('=');
    (of_layer ? loaded.layer_options : sizes).push_back(text);
  }
  loaded.named.emplace();
  read_toml(described(*loaded.named), table.text, table.where.file, sizes);
  loaded.model_text = table.text;
  if (!assignments.empty()) loaded.model_text += format("\"--set\" = {}\n", json_text(Json(assignments)));
}

void read_model(LoadedRecipe& loaded, const std::string& origin, const std::string& builtin,
                const std::vector<std::string>& assignments) {
  const Recipe& r = loaded.recipe;
  const bool has_file = !r.model_file.empty(), has_table = !r.model.text.empty();
  if (!find_estimator(r.train.method).needs_model()) {
    if (has_file || has_table)
      throw ArgumentError(
          format("{}: train.method = \"{}\" takes no model; leave out model_file and [model]", origin, r.train.method));
    loaded.model_origin = format("train.method = \"{}\"", r.train.method);
    return;
  }
  if (has_file == has_table) {
    throw ArgumentError(
        format("{}: {}; give either model_file = \"...\" or the table [model], or name one of {}: model = \"cnn\"", origin,
               has_file ? "both model_file and a model in the recipe itself are given" : "no model",
               fmt::join(all_words<spec::ModelName>(), ", ")));
  }
  if (has_table) {
    loaded.model_origin = r.model.where.to_string() + " [model]";
    if (spec::names_model(r.model.text)) return take_named(loaded, assignments);
    take_model(loaded, r.model.text, fs::path(r.model.where.file).parent_path());
    return set_layer_options(loaded, assignments);
  }
  const std::string inside = builtin + "/" + r.model_file.filename().string();
  const std::string_view text = builtin.empty() ? std::string_view{} : embedded(inside);
  loaded.model_origin = text.empty() ? r.model_file.string() : "built-in " + inside;
  take_model(loaded, text.empty() ? read_file(r.model_file) : std::string(text), r.model_file.parent_path());
  set_layer_options(loaded, assignments);
}

/// Rewrites the model as [strand] asks; what is left says that nothing remains to be done, so that
/// a run folder can be read again.
void share_strands(LoadedRecipe& loaded) {
  infer::StrandOptions& o = loaded.recipe.strand;
  if (o.layers == infer::StrandLayers::as_given || loaded.named) return;
  if (loaded.model_text.empty())
    throw ArgumentError(
        format("strand.layers = \"{}\" rewrites a model file, and {} has none", o.layers, loaded.model_origin));
  const spec::SharingOptions sharing{.wrapped = o.layers == infer::StrandLayers::wrapped,
                                     .filters = o.filters,
                                     .pool = o.pool,
                                     .wrap = o.wrap,
                                     .legacy_double_scale = o.legacy_double_scale};
  loaded.model = spec::share_strands(loaded.model, sharing, nn::strand_form);
  loaded.model_text = spec::to_toml(loaded.model, spec::sharing_comment(sharing));
  loaded.model_origin += " (as rewritten)";
  loaded.equivariant = true;
  const infer::StrandOptions fresh;
  o.layers = fresh.layers;
  o.filters = fresh.filters;
  o.pool = fresh.pool;
  o.wrap = fresh.wrap;
  o.legacy_double_scale = fresh.legacy_double_scale;
}

/// Options that count for one word of `train.method`: the table of methods is open, and so no enum.
void describe_method(Visitor& v, RecipeTraining& o, const Estimator& method) {
  v.begin_when({.key = "method",
                .given = format("\"{}\"", o.method),
                .wanted = {format("\"{}\"", method.name())},
                .met = o.method == method.name()});
  method.describe_options(v, o);
  v.end_when();
}

}  // namespace

void describe(Visitor& v, RecipeTraining& o) {
  std::vector<std::string> names, help;
  for (const Estimator* estimator : estimators()) {
    names.push_back(estimator->name());
    help.push_back(format("{}: {}", estimator->name(), estimator->help()));
  }
  const std::string methods = fmt::to_string(fmt::join(help, "; "));
  v("method", o.method, methods, one_of(names));
  describe(v, o.options);
  for (const Estimator* estimator : estimators()) describe_method(v, o, *estimator);
}

void describe(Visitor& v, RecipeEvaluation& o) { describe(v, o.options); }

void describe(Visitor& v, ReferenceOptions& o) {
  v("metric", o.metric, "name of a metric, as in evaluate.metrics", required());
  v("label", o.label, "what the value is, in a few words", required());
  v("value", o.value, "of the metric over all outputs", required());
  v("split", o.split, "set that it was measured on");
}

void describe(Visitor& v, RecipeReport& o) {
  v.list("references", o.references, "values to show metrics beside: a floor, a published result");
  v("annotation", o.annotation, "genes along the tracks of the page: GFF3, GTF or BED");
  v("annotation_types", o.annotation_types, "features of a GFF3 or GTF file to show; empty: all");
}

namespace {

void describe_model(Visitor& v, Recipe& o) {
  v("name", o.name, "of the run, for people");
  v("seed", o.seed,
    "of every random draw: initial weights, order, augmentation, dropout, simulated data, splits by fraction");
  v("model_file", o.model_file, "model specification (TOML), relative to the recipe");
  v("model", o.model,
    "or the specification itself; or the name of an architecture: cnn, basset, dilated, bpnet. --set "
    "model.LAYER.OPTION=VALUE changes one option of a layer (docs/models.md)");
}

void describe_rest(Visitor& v, Recipe& o) {
  v.list("loss", o.loss,
         "what is minimised: a weighted sum; without any, binary cross-entropy of logits against labels");
  v.group("strand", o.strand, "what the two strands of DNA mean in training and in prediction (docs/strands.md)");
  v.group("ensemble", o.ensemble, "further predictions of each sequence that evaluate and predict average (docs/prediction.md)");
  v.list("init", o.init, "weights that the model starts with: those of other runs");
  v.group("train", o.train, "how the model is trained");
  v.group("evaluate", o.evaluate, "how the model is measured");
  v.group("report", o.report, "what the page of a run shows beside its results");
}

}  // namespace

void describe(Visitor& v, Recipe& o) {
  describe_model(v, o);
  v.group("data", o.data, "training, validation and test set");
  describe_rest(v, o);
}

void describe_without_data(Visitor& v, Recipe& o) {
  describe_model(v, o);
  describe_rest(v, o);
}

LoadedRecipe load_recipe(const std::string& source, const std::vector<std::string>& assignments) {
  LoadedRecipe loaded;
  const Assignments set(assignments);
  const Described options = described(loaded.recipe);
  const bool of_run = fs::is_directory(source);
  const fs::path file = of_run ? fs::path(source) / results::kConfigFile : fs::path(source);
  if (fs::is_regular_file(file)) {
    read_toml_file(options, file, set.recipe, of_run ? Idle::warn : Idle::refuse);
    set.apply(loaded.recipe);
    read_model(loaded, file.string(), "", set.model);
    share_strands(loaded);
    if (loaded.recipe.name.empty()) loaded.recipe.name = file.stem().string();
    return loaded;
  }
  const std::string_view text = embedded(source + "/recipe.toml");
  if (text.empty()) throw_unknown(source);
  read_toml(options, text, "built-in " + source + "/recipe.toml", set.recipe);
  set.apply(loaded.recipe);
  read_model(loaded, "built-in " + source, source, set.model);
  share_strands(loaded);
  if (loaded.recipe.name.empty()) loaded.recipe.name = source;
  return loaded;
}

Recipe recipe_of_run(const fs::path& folder, const std::vector<std::string>& assignments) {
  Recipe recipe;
  if (const Assignments set(assignments); !set.model.empty())
    throw ArgumentError(format("--set {}{}: {} is trained, and its model stays as it is; set this where it is trained",
                               kModelPath, set.model.front(), folder.string()));
  read_toml_file(described(recipe), folder / results::kConfigFile, assignments, Idle::warn);
  return recipe;
}

void complete_model(LoadedRecipe& loaded, const data::DataSplits& data) {
  if (!loaded.named) return;
  Recipe& recipe = loaded.recipe;
  if (recipe.loss.empty()) recipe.loss = detail::usual_losses(data.schema());
  const spec::NamedModel named = *loaded.named;
  with_context(loaded.model_origin, [&] { loaded.model = spec::build_named(named, detail::model_task(recipe.loss, data.schema())); });
  loaded.named.reset();
  set_layer_options(loaded, loaded.layer_options);
  loaded.model_text = spec::to_toml(loaded.model, format("\"{}\", made for these data.", named.name));
  loaded.model_origin = format("model \"{}\"", named.name);
  share_strands(loaded);
}

nn::ModelPtr build_model(const LoadedRecipe& loaded) {
  const spec::ModelFile file{loaded.model, loaded.model_text};
  return loaded.equivariant ? nn::build_equivariant_model(file, loaded.recipe.seed)
                            : nn::build_model(file, loaded.recipe.seed);
}

std::string result_configuration(const LoadedRecipe& loaded,
                                 const std::vector<std::pair<std::string, std::string>>& input_hashes) {
  Recipe copy = loaded.recipe;
  Json json = to_json(described(copy));
  for (const char* key : {"name", "model_file", "model", "ensemble", "report"}) json.erase(key);
  for (const char* key : {"checkpoint", "max_seconds", "log_every"}) json["train"].erase(key);
  for (const char* key : {"workers", "prefetch"}) json["train"]["loader"].erase(key);
  // What is not used is not told, so that nothing changes for runs from before it was there.
  if (copy.init.empty()) json.erase("init");
  if (json["data"]["sets"].empty()) json["data"].erase("sets");
  if (copy.data.augment.random) json["data"]["augment"].erase("random");
  detail::leave_out_unused(json["data"]);
  if (copy.train.options.optimizer.parts.empty()) json["train"]["optimizer"].erase("parts");
  // What rewrites the model is seen in the model.
  for (const char* key : {"layers", "filters", "pool", "wrap", "legacy_double_scale"}) json["strand"].erase(key);
  json["evaluate"] = {{"metrics", copy.evaluate.options.metrics}};
  json["model"] = loaded.model_text;
  for (const auto& [reference, hash] : input_hashes) json["inputs"][reference] = hash;
  return json_text(json);
}

bool higher_is_better(const std::string& metric) {
  if (metric == "loss") return false;
  return metrics::find_metric(detail::metric_of(metric)).higher_is_better;
}

infer::ScoreFn prediction(nn::Model& model, const Recipe& recipe, const data::Dataset& dataset) {
  const nn::TotalLoss loss = make_total_loss(recipe);
  train::check_strands(recipe.strand, model, loss, dataset);
  return infer::ensemble_fn(model, infer::prediction_strategy(recipe.strand), infer::output_forms(loss.options(), dataset.schema()),
                            recipe.ensemble, recipe.seed);
}

infer::ScoreFn single_prediction(nn::Model& model, const Recipe& recipe, const data::Dataset& dataset) {
  Recipe single = recipe;
  single.ensemble = {};
  return prediction(model, single, dataset);
}

nn::TotalLoss make_total_loss(const Recipe& recipe) {
  return nn::TotalLoss(recipe.loss.empty() ? std::vector<nn::LossOptions>{{}} : recipe.loss);
}

}  // namespace basewise::run
