#include "basewise/run/gradient.h"

#include <set>

#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
#include "basewise/data/several.h"
#include "basewise/run/detail/default_items.h"

namespace basewise::run {
namespace {

train::TrainerContext plain_context(const RunSetup& setup) {
  train::TrainerContext c;
  c.seed = setup.recipe().seed;
  c.device = setup.device;
  c.strand = setup.recipe().strand;
  c.frozen = frozen_parts(setup.recipe().init);
  return c;
}

/// The losses whose targets one of several data sets has;
/// all of them where nothing is known of the targets.
nn::TotalLoss losses_of(const nn::TotalLoss& all, const data::Dataset& set) {
  const Schema& schema = set.schema();
  if (!schema.first(Role::set)) return all;
  std::vector<nn::LossOptions> own = all.options();
  std::erase_if(own, [&](const nn::LossOptions& loss) { return !schema.find(loss.target); });
  return nn::TotalLoss(std::move(own));
}

/// Validates, and says once of each value that decides something why it is not defined.
auto validation_of(const RunSetup& setup) {
  return [&setup, told = std::set<std::string>()](nn::Model& model) mutable {
    return validate(setup, model, [&told](const std::string& value, const std::string& reason) {
      if (told.insert(value).second)
        log_warning("{} is not defined in validation ({}): such an epoch is neither the best nor counts for patience", value, reason);
    });
  };
}

train::TrainerContext context_of(const RunSetup& setup, const RunFolder& folder) {
  train::TrainerContext c = plain_context(setup);
  c.folder = folder.path();
  c.resume = folder.resumed();
  c.config = result_configuration(setup);
  LoadedRecipe standard;
  standard.recipe = detail::defaults_like(setup.recipe());
  c.defaults = result_configuration(standard, {});
  c.machine = format("{}, {} threads", setup.device.str(), threads());
  c.higher_is_better = higher_is_better;
  if (setup.data.validation->size() > 0) c.validate = validation_of(setup);
  return c;
}

class Gradient final : public Estimator {
 public:
  std::string name() const override { return "gradient"; }
  std::string help() const override { return "minimise the losses"; }

  void begin(RunSetup& setup) const override {
    if (!setup.model) setup.model = build_model(setup.loaded);
    setup.init = initialise(*setup.model, setup.recipe().init);
    for (const InitReport& report : setup.init) log_info("init: {}", report.to_string());
  }

  void prepare(RunSetup& setup) const override { try_out(setup); }

  bool uses_losses() const override { return true; }

  double try_step(const RunSetup& setup) const override {
    const std::vector<data::DatasetPtr> sets = data::sets_of(setup.data.train);
    train::TrainOptions options = setup.recipe().train.options;
    // Sets in turn have full batches alone, and what the loader refuses it refuses of all of them.
    if (sets.size() > 1) options.loader.batches_per_epoch = data::Loader(setup.data.train, options.loader).batches();
    double sum = 0;
    for (const data::DatasetPtr& set : sets)
      sum += train::try_step(*setup.model, losses_of(*setup.loss, *set), set, options, plain_context(setup));
    return sum / static_cast<double>(sets.size());
  }

  train::TrainerResult fit(RunSetup& setup, const RunFolder& folder) const override {
    return train::train_model(*setup.model, *setup.loss, setup.data.train, setup.recipe().train.options, context_of(setup, folder));
  }
};

}  // namespace

std::unique_ptr<Estimator> make_gradient_estimator() { return std::make_unique<Gradient>(); }

}  // namespace basewise::run
