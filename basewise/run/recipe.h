// A recipe: everything that a run is made of, described once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "basewise/core/open_options.h"
#include "basewise/core/options.h"
#include "basewise/data/build.h"
#include "basewise/evaluate/evaluate.h"
#include "basewise/infer/ensemble.h"
#include "basewise/infer/strands.h"
#include "basewise/nn/loss.h"
#include "basewise/results/run_files.h"
#include "basewise/run/init.h"
#include "basewise/run/log_odds.h"
#include "basewise/spec/model_spec.h"
#include "basewise/spec/named_model.h"
#include "basewise/train/trainer.h"

namespace basewise::run {

/// The table [train] of a recipe.
struct RecipeTraining {
  std::string method = "gradient";  ///< an estimator (run/estimator.h)
  train::TrainOptions options = {};
  LogOddsOptions log_odds = {};
  OpenOptions others = {};  ///< options of estimators that have no member here, by name
};
void describe(Visitor& v, RecipeTraining& o);

/// The table [evaluate] of a recipe.
struct RecipeEvaluation {
  evaluate::EvaluateOptions options = {};
};
void describe(Visitor& v, RecipeEvaluation& o);

/// A number to show a metric beside: a floor, a published value.
struct ReferenceOptions {
  std::string metric = {};
  std::string label = {};
  double value = 0;
  results::Set split = results::Set::test;
};
void describe(Visitor& v, ReferenceOptions& o);

/// The table [report] of a recipe: what the page of a run shows beside its results.
/// No number of a run depends on it.
struct RecipeReport {
  std::vector<ReferenceOptions> references = {};
  std::filesystem::path annotation = {};  ///< GFF3, GTF or BED
  std::vector<std::string> annotation_types = {"gene"};
};
void describe(Visitor& v, RecipeReport& o);

struct Recipe {
  std::string name = {};
  std::uint64_t seed = 1;
  data::DataOptions data = {};
  std::filesystem::path model_file = {};   ///< model specification, relative to the recipe
  TomlText model = {};                     ///< or the specification itself, as table [model]; or what an architecture is called
  std::vector<nn::LossOptions> loss = {};  ///< empty: one binary cross-entropy between "logits" and "labels"
  infer::StrandOptions strand = {};
  infer::EnsembleOptions ensemble = {};  ///< of the verbs evaluate and predict; validation in training predicts once
  std::vector<InitOptions> init = {};  ///< empty: initial weights by the model file and the seed
  RecipeTraining train = {};
  RecipeEvaluation evaluate = {};
  RecipeReport report = {};
};
void describe(Visitor& v, Recipe& o);

/// The same for a run whose data a program gave: without [data].
void describe_without_data(Visitor& v, Recipe& o);

/// A recipe with its model, parts joined, rewritten where strand.layers asks for it;
/// `recipe.strand.layers` is "as_given" then. An architecture with a name (`named`) is made when
/// the data are there (`complete_model`); until then `model` is empty and `model_text` says what
/// was asked for.
struct LoadedRecipe {
  Recipe recipe;
  std::optional<spec::NamedModel> named = {};
  std::vector<std::string> layer_options = {};  ///< of a named model, "stem.filters=48": set when it is made
  spec::ModelSpec model = {};
  std::string model_text = {};    ///< of the same: as given, where it was not rewritten
  std::string model_origin = {};  ///< file name for errors
  bool equivariant = false;       ///< the text was rewritten, and every output must be the same for both strands
};

/// Makes a model that has a name for these data: a head for each loss, as many outputs as the
/// target of the loss has channels. A recipe without losses gets the usual ones: binary
/// cross-entropy for labels; multinomial for the profile and mean squared error for the counts that
/// belong to it; mean squared error for other tracks. Nothing is done where the model is there.
/// Errors: ArgumentError as `spec::build_named` and `spec::assign`, for a loss whose target the
/// data have not, and for a number of classes that is not known.
void complete_model(LoadedRecipe& loaded, const data::DataSplits& data);

/// The model of a recipe with its initial weights.
/// Errors: those of `nn::build_model` and, for rewritten ones, `nn::build_equivariant_model`.
nn::ModelPtr build_model(const LoadedRecipe& loaded);

/// `source` is a TOML file, a run folder (its config.toml) or the name of a built-in recipe;
/// `assignments` are "train.epochs=5" and the like; "model.stem.filters=48" is for the layer "stem"
/// of the model (`spec::assign`), "model.filters=48" for an architecture by name. Options that
/// count for another choice only are refused (core/options_check.h), but in run folders, which the
/// program wrote itself, there is a warning.
/// Errors: ArgumentError naming file and line, an unknown key or name (with the nearest known one),
/// a model given twice or not at all, those of `spec::read_model_text` and `spec::share_strands`;
/// DataError for files that cannot be read. No model is asked for where the estimator of
/// `train.method` needs none.
LoadedRecipe load_recipe(const std::string& source, const std::vector<std::string>& assignments = {});

/// The recipe of a run folder, without its model. Errors: as `load_recipe` for a file.
Recipe recipe_of_run(const std::filesystem::path& folder, const std::vector<std::string>& assignments = {});

/// The options that a result depends on, as JSON text: what a checkpoint is compared with. Left out
/// are names, numbers of workers, intervals of checkpoints and logs, time limits, [ensemble],
/// [report] and all of [evaluate] but the metrics.
std::string result_configuration(const LoadedRecipe& recipe,
                                 const std::vector<std::pair<std::string, std::string>>& input_hashes);

/// Direction of a validation value: of "loss", or of a metric of the registry.
/// Errors: ArgumentError naming the nearest known one.
bool higher_is_better(const std::string& metric);

/// How a run of this recipe predicts: the model as a function, with the strands as the table
/// [strand] says, over the ensemble of the table [ensemble].
/// Errors: ArgumentError where they do not fit to model, losses and data.
infer::ScoreFn prediction(nn::Model& model, const Recipe& recipe, const data::Dataset& dataset);

/// The same without an ensemble: what a validation in training sees.
infer::ScoreFn single_prediction(nn::Model& model, const Recipe& recipe, const data::Dataset& dataset);

/// The losses of a recipe, with the default when it names none.
nn::TotalLoss make_total_loss(const Recipe& recipe);

}  // namespace basewise::run
