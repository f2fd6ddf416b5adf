#include "basewise/run/log_odds_estimator.h"

#include "basewise/core/log.h"
#include "basewise/run/log_odds.h"

namespace basewise::run {
namespace {

/// Learns nothing: one row in the log, no checkpoint.
class LogOddsEstimator final : public Estimator {
 public:
  std::string name() const override { return "log_odds"; }
  std::string help() const override { return "write a position weight matrix counted around the labels"; }
  void describe_options(Visitor& v, RecipeTraining& o) const override {
    v.group("log_odds", o.log_odds, "the method log_odds");
  }
  bool random_views() const override { return false; }

  void begin(RunSetup& setup) const override {
    refuse_init(setup.recipe());
    if (!setup.model) setup.model = build_model(setup.loaded);
  }

  void prepare(RunSetup& setup) const override {
    if (const infer::StrandTraining strand = setup.recipe().strand.train; strand != infer::StrandTraining::single)
      throw ArgumentError(
          format("strand.train = \"{}\" has no meaning for train.method = \"log_odds\", which trains nothing; look at "
                 "train.log_odds.both_strands",
                 strand));
    try_out(setup);
  }

  train::TrainerResult fit(RunSetup& setup, const RunFolder& folder) const override {
    return fit_at_once(setup, folder, [&setup] {
      const LogOddsOptions& options = setup.recipe().train.log_odds;
      const LogOdds matrix = count_log_odds(*setup.data.train, {setup.data.validation, setup.data.test}, options);
      write_log_odds(*setup.model, matrix, options);
      log_info("log odds of {} sites among {} positions", matrix.sites, matrix.positions);
    });
  }
};

}  // namespace

std::unique_ptr<Estimator> make_log_odds_estimator() { return std::make_unique<LogOddsEstimator>(); }

}  // namespace basewise::run
