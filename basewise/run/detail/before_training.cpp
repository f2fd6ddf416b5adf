#include "basewise/run/detail/before_training.h"

#include <algorithm>
#include <numeric>

#include "basewise/core/log.h"
#include "basewise/core/some_of.h"
#include "basewise/data/several.h"
#include "basewise/data/views.h"
#include "basewise/run/detail/data_document.h"
#include "basewise/run/estimator.h"
#include "basewise/run/validation.h"
#include "basewise/tensor/scopes.h"
#include "basewise/train/strand_step.h"

namespace basewise::run::detail {
namespace {

/// The target of the data and those of the losses, each once.
std::vector<std::string> targets_of(const RunSetup& s) {
  std::vector<std::string> targets = {first_target(s.data)};
  if (s.estimator->uses_losses())
    for (const nn::LossOptions& loss : s.loss->options())
      if (std::find(targets.begin(), targets.end(), loss.target) == targets.end()) targets.push_back(loss.target);
  return targets;
}

constexpr std::size_t kMostNames = 3;

/// Every value of a target against its loss.
ExampleVisitor target_check(const RunSetup& s) {
  if (!s.estimator->uses_losses()) return {};
  return [&s, loss = s.loss->following(s.data.train->schema())](corpus::SetName set, std::int64_t number, const Bundle& example) {
    Bundle batch;
    for (const auto& [name, tensor] : example) batch.set(name, tensor.unsqueeze(0));
    if (const auto fault = loss.fault(batch)) throw DataError(format("{} set, {}", set, train::to_string(*fault, *s.data[set], number)));
  };
}

std::int64_t batches_of(const data::Dataset& set, std::int64_t batch_size) {
  std::int64_t batches = 0;
  for (const std::int64_t n : set.set_sizes()) batches += (n + batch_size - 1) / batch_size;
  return batches;
}

void count_batches(const RunSetup& s, std::vector<SetNumbers>& sets) {
  data::LoaderOptions o = s.recipe().train.options.loader;
  o.workers = 0;
  // Which examples are positive is known only when all were read.
  const bool known = o.sampling != data::Sampling::balanced || o.batches_per_epoch > 0;
  for (SetNumbers& numbers : sets) {
    const data::DatasetPtr& set = s.data[numbers.set];
    if (set->size() == 0) continue;
    if (numbers.set != corpus::SetName::train)
      numbers.batches = batches_of(*set, s.recipe().evaluate.options.batches.batch_size);
    else if (s.estimator->uses_losses() && known)
      numbers.batches = o.batches_per_epoch > 0 ? o.batches_per_epoch : data::Loader(set, o).batches();
  }
}

/// Outputs of which a set shows one value only, by what is wrong.
void warn_of_one_value(const RunSetup& s, const SetNumbers& set, const TargetNumbers& target) {
  const auto of_target = [&](const nn::LossOptions& l) {
    return l.target == target.target && l.type == nn::LossType::binary_cross_entropy;
  };
  const auto& losses = s.loss->options();
  const bool labels = std::any_of(losses.begin(), losses.end(), of_target);
  std::vector<std::string> unmeasured, negative, positive, constant;
  for (const OutputNumbers& o : target.outputs) {
    const std::string name = name_of(target, o);
    if (o.values == 0)
      unmeasured.push_back(name);
    else if (o.low == o.high)
      (labels && o.positives == o.values ? positive : labels && o.positives == 0 ? negative : constant).push_back(name);
  }
  const bool train = set.set == corpus::SetName::train;
  const std::string sampled = target.counted < set.examples ? format(" among the {} that were looked at", target.counted) : "";
  const auto warn = [&](const std::vector<std::string>& names, const char* what, const char* then) {
    if (!names.empty())
      log_warning("{} set: {} {} {}{}; {}", set.set, some_of(names, "", kMostNames), names.size() == 1 ? "has" : "have", what, sampled,
                  then);
  };
  const char* ranks = train ? "the model cannot learn to tell them apart" : "auroc and other metrics of ranking are not defined there";
  warn(unmeasured, "no measured value", train ? "nothing can be learned of it" : "its metrics are not defined there");
  warn(negative, "no positive examples", ranks);
  warn(positive, "no negative examples", ranks);
  warn(constant, "the same value everywhere", train ? "there is nothing to learn of it" : "correlations are not defined there");
}

void warn_of_heads(const RunSetup& s) {
  std::vector<std::string> without;
  for (const std::string& head : s.model->output_names()) {
    const auto& losses = s.loss->options();
    const auto is_its = [&](const nn::LossOptions& l) {
      const std::vector<std::string> read = nn::heads_of(l);
      return l.weight > 0 && std::find(read.begin(), read.end(), head) != read.end();
    };
    if (std::none_of(losses.begin(), losses.end(), is_its)) without.push_back(head);
  }
  if (!without.empty())
    log_warning("{} {} no loss and will not learn anything of its own; add a [[loss]] with output = \"{}\"",
                some_of(without, "", kMostNames), without.size() == 1 ? "has" : "have", without.front());
}

void warn_of_no_validation(const RunSetup& s) {
  const train::TrainOptions& o = s.recipe().train.options;
  const train::SelectionOptions fresh;
  std::vector<std::string> idle;
  if (o.select.metric != fresh.metric) idle.push_back("select.metric");
  if (!o.select.stop_metric.empty()) idle.push_back("select.stop_metric");
  if (o.select.patience > 0) idle.push_back("select.patience");
  if (!o.select.also.empty()) idle.push_back("select.also");
  if (o.schedule.name == train::ScheduleKind::plateau) idle.push_back("schedule.name = \"plateau\"");
  if (s.data.validation->size() > 0 || idle.empty()) return;
  if (o.select.keep_best) idle.push_back("select.keep_best");
  log_warning(
      "there is no validation set, so these options of [train] do nothing: {}; every epoch is trained and the last weights are "
      "kept",
      fmt::join(idle, ", "));
}

/// Layers that pad see zeros where what they read leaves a training window, and sequence there
/// along a genome: a share of the window that is too large to be passed over is told.
void warn_of_reach(const RunSetup& s) {
  const data::GenomeDataOptions& o = s.recipe().data.genome;
  if (!o.per_base) return;
  for (const std::string& head : s.model->output_names()) {
    const nn::Model::Context c = s.model->context(head);
    const std::int64_t reach = std::max(c.receptive_left, c.receptive_right);
    const std::int64_t beyond = std::max(c.receptive_left - c.left, c.receptive_right - c.right);
    if (!c.has_length || beyond <= o.window / 10) continue;
    log_warning(
        "{} reads up to {} bases on each side, and windows have {} bases of context there: it learns with zeros beyond them and reads "
        "sequence along a genome, so that tracks can differ from what is measured; set data.genome.context to {} (with a crop of as "
        "much before the head), or take fewer or smaller dilations",
        head, reach, o.context, reach);
  }
}

/// A last batch of one example, under layers that need two. Batches of sets in turn are all full.
void check_last_batch(const RunSetup& s) {
  const data::LoaderOptions& o = s.recipe().train.options.loader;
  const bool in_turn = s.data.train->set_sizes().size() > 1;
  const bool whole = o.sampling == data::Sampling::all && o.batches_per_epoch == 0 && !o.drop_last && !in_turn;
  if (!whole && o.batch_size > 1) return;
  train::TrainerContext context;
  context.seed = s.recipe().seed;
  context.device = s.device;
  context.strand = s.recipe().strand;
  context.frozen = frozen_parts(s.recipe().init);
  for (const data::DatasetPtr& set : data::sets_of(s.data.train)) {
    const std::int64_t n = set->size(), rest = n % o.batch_size;
    if (n == 0 || (o.batch_size > 1 && rest != 1)) continue;
    try {
      train::try_batch(*s.model, *s.loss, set, 1, context);
    } catch (const ShapeError& error) {
      if (n == 1) throw ArgumentError(format("the training set has 1 example: {}; it needs more of them", error.what()));
      const std::string which =
          o.batch_size == 1 ? std::string("batches have 1 example")
                            : format("the last batch of an epoch has 1 example ({} = {} x {} + 1)", n, n / o.batch_size, o.batch_size);
      throw ArgumentError(format("{}: {}; set {}another train.loader.batch_size", which, error.what(),
                                 n > o.batch_size && o.batch_size > 1 ? "train.loader.drop_last = true, or " : ""));
    }
  }
}

/// The first examples of a set.
data::DatasetPtr first_batch(const data::DatasetPtr& set, std::int64_t batch_size) {
  std::vector<std::int64_t> indices(static_cast<std::size_t>(std::min(set->size(), batch_size)));
  std::iota(indices.begin(), indices.end(), std::int64_t{0});
  return data::subset(set, std::move(indices));
}

}  // namespace

std::vector<SetNumbers> look_before_training(const RunSetup& s) {
  if (s.estimator->uses_losses()) check_last_batch(s);
  std::vector<SetNumbers> sets = count_sets(s.data, targets_of(s), target_check(s));
  count_batches(s, sets);
  for (const std::string& line : table_of(sets)) log_info("{}", line);
  for (const std::string& note : s.data.notes) log_info("note: {}", note);
  for (const SetNumbers& set : sets)
    for (const TargetNumbers& target : set.targets) warn_of_one_value(s, set, target);
  if (s.estimator->uses_losses()) {
    warn_of_heads(s);
    warn_of_reach(s);
    warn_of_no_validation(s);
  }
  return sets;
}

double try_every_set(const RunSetup& s) {
  for (const auto& name : words_of(corpus::SetName{})) {
    const data::DatasetPtr& set = s.data[name.value];
    // Measures of several data sets need all of them; their losses were tried before.
    if (set->size() == 0 || set->set_sizes().size() > 1) continue;
    const EvalScope mode(*s.model);
    const NoGradScope no_grad;
    with_context(format("{} set", name.word), [&] {
      validation_values(*s.model, first_batch(set, s.recipe().evaluate.options.batches.batch_size), *s.loss, s.recipe());
    });
  }
  return s.estimator->try_step(s);
}

}  // namespace basewise::run::detail
