// How a run comes to what it predicts with: the table behind `train.method`.
#pragma once

#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "basewise/nn/model.h"
#include "basewise/run/run_folder.h"
#include "basewise/run/run_setup.h"
#include "basewise/train/trainer.h"

namespace basewise::run {

/// Fitted to data, and opened again from a run folder. What predicts is an `nn::Model` (named
/// tensors in, named tensors out), whatever is inside: strands, evaluation, figures and the verbs
/// work the same for all. Whoever has no network derives a class from `nn::Model` that keeps what
/// it learned in buffers.
class Estimator {
 public:
  virtual ~Estimator() = default;

  /// The word of `train.method`, and one line for the reference page.
  virtual std::string name() const = 0;
  virtual std::string help() const = 0;

  /// Its own options, as a group of [train]; they count for this method alone. Those without a
  /// member are `o.others.of<O>(name())`.
  virtual void describe_options(Visitor& /*v*/, RecipeTraining& /*o*/) const {}

  /// Whether a recipe must give a model file; those that need none refuse one.
  virtual bool needs_model() const { return true; }

  /// Whether training examples may be moved and turned at random;
  /// false: every one once, as it is stored.
  virtual bool random_views() const { return true; }

  /// Whether it minimises the losses of the recipe: heads without a loss and targets that a loss
  /// has no meaning for are then told before it starts.
  virtual bool uses_losses() const { return false; }

  /// Takes a first step and forgets it; returns the loss before it, not a number where there are no
  /// steps. Nothing is written.
  virtual double try_step(const RunSetup& /*setup*/) const { return std::numeric_limits<double>::quiet_NaN(); }

  /// Called before data are read: refuses what the recipe says and this cannot use, and makes what
  /// needs no data. A model that is there was given by a program.
  /// Errors: ArgumentError.
  virtual void begin(RunSetup& setup) const = 0;

  /// Called with data: makes `setup.model` if it is not there, and looks whether everything fits.
  /// Nothing is written yet.
  /// Errors: as of the parts.
  virtual void prepare(RunSetup& setup) const = 0;

  /// Fits `setup.model`, and leaves log.tsv in the folder.
  /// May be interrupted and go on with the same folder later.
  virtual train::TrainerResult fit(RunSetup& setup, const RunFolder& folder) const = 0;

  /// Weights as a file, and the model of a run folder with such a file in evaluation mode. The
  /// standard is a model file and parameters and buffers by name. Errors of `open`: StateError for
  /// files that are missing or do not fit.
  virtual void save(const nn::Model& model, const std::filesystem::path& file) const;
  virtual nn::ModelPtr open(const std::filesystem::path& folder, const std::filesystem::path& weights) const;
};

/// Those there are: the table of estimator.cpp, and what `EstimatorScope` added.
std::vector<const Estimator*> estimators();

/// Errors: ArgumentError naming the nearest known one.
const Estimator& find_estimator(const std::string& name);

/// Adds an estimator of a program to the table while this lives, so that recipes and run folders
/// may name it.
/// Errors: ArgumentError for a name that is taken.
class EstimatorScope {
 public:
  explicit EstimatorScope(std::unique_ptr<Estimator> estimator);
  ~EstimatorScope();
  EstimatorScope(const EstimatorScope&) = delete;
  EstimatorScope& operator=(const EstimatorScope&) = delete;

 private:
  std::unique_ptr<Estimator> estimator_;
};

/// For those that are done in one go: runs `fit`, then validates, and writes a log of one row.
train::TrainerResult fit_at_once(RunSetup& setup, const RunFolder& folder, const std::function<void()>& fit);

/// Errors: ArgumentError where the recipe has [[init]], which `method` cannot use.
void refuse_init(const Recipe& recipe);

}  // namespace basewise::run
