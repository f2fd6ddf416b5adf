#include "basewise/run/gradient.h"

#include "basewise/core/log.h"
#include "basewise/core/parallel.h"

namespace basewise::run {
namespace {

train::TrainerContext context_of(const RunSetup& setup, const RunFolder& folder) {
  train::TrainerContext c;
  c.seed = setup.recipe().seed;
  c.device = setup.device;
  c.strand = setup.recipe().strand;
  c.frozen = frozen_parts(setup.recipe().init);
  c.folder = folder.path();
  c.resume = folder.resumed();
  c.config = result_configuration(setup);
  c.defaults = result_configuration(LoadedRecipe{}, {});
  c.machine = format("{}, {} threads", setup.device.str(), threads());
  c.higher_is_better = higher_is_better;
  if (setup.data.validation->size() > 0) c.validate = [&setup](nn::Model& model) { return validate(setup, model); };
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

  train::TrainerResult fit(RunSetup& setup, const RunFolder& folder) const override {
    return train::train_model(*setup.model, *setup.loss, setup.data.train, setup.recipe().train.options,
                              context_of(setup, folder));
  }
};

}  // namespace

std::unique_ptr<Estimator> make_gradient_estimator() { return std::make_unique<Gradient>(); }

}  // namespace basewise::run
