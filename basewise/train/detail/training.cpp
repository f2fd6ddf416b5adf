#include "basewise/train/detail/training.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/log.h"
#include "basewise/core/random.h"
#include "basewise/results/run_files.h"
#include "basewise/tensor/scopes.h"
#include "basewise/train/tensor_file.h"

namespace basewise::train::detail {
namespace {

/// Streams of the seed that belong to training (the loader has its own).
constexpr std::uint64_t kStepStream = 0x7261696e;

data::LoaderOptions seeded(data::LoaderOptions options, std::uint64_t seed) {
  options.seed = seed;
  return options;
}

Bundle cloned(const Bundle& bundle) {
  Bundle copy;
  for (const auto& [name, tensor] : bundle) copy.set(name, tensor.detach().clone());
  return copy;
}

void append(Bundle& to, const Bundle& from) {
  for (const auto& [name, tensor] : from) to.set(name, tensor);
}

}  // namespace

Training::Training(nn::Model& model, const nn::TotalLoss& loss, data::DatasetPtr dataset, const TrainOptions& options,
                   const TrainerContext& context)
    : model_(model),
      loss_(loss.following(dataset->schema())),
      options_(options),
      context_(context),
      frozen_(model, context.frozen),
      strands_(model, loss, dataset, context.strand),
      dataset_(dataset),
      loader_(std::move(dataset), seeded(options.loader, context.seed)),
      batches_(loader_.batches()),
      steps_per_epoch_((batches_ + options.accumulate - 1) / options.accumulate),
      average_(model, options.average),
      plateau_(options.schedule),
      selection_(options.select, context.higher_is_better) {
  if (batches_ == 0)
    throw ArgumentError("the training set gives no batch; lower train.loader.batch_size or set train.loader.drop_last = false");
  optimizer_ = make_optimizer(trainable_parameters(model), options.optimizer);
  state_.config = context.config;
  state_.machine = context.machine;
}

TrainerResult Training::run() {
  if (context_.resume) resume();
  open_outputs();
  const RandomScope random(context_.seed);
  const TrainScope mode(model_);
  frozen_.hold();
  StopReason reason = train_epochs();
  write_log();
  if (stop_wanted()) reason = StopReason::interrupted;  // a resume has nothing left to train
  if (reason == StopReason::interrupted) {
    save();
  } else {
    use_final_weights();
  }
  return result(reason);
}

double Training::first_step() {
  const RandomScope random(context_.seed);
  const TrainScope mode(model_);
  frozen_.hold();
  loader_.start(0);
  train_step(loader_, batches_);
  return mean_loss();
}

void Training::resume() {
  std::optional<TrainingState> saved = load_newest_checkpoint(context_.folder / results::kCheckpoints);
  if (!saved)
    return log_info("no checkpoint yet in {}: training starts at the beginning", (context_.folder / results::kCheckpoints).string());
  if (const std::string difference = config_difference(saved->config, context_.config, context_.defaults); !difference.empty())
    throw StateError(format("cannot resume {}: {}; resume with the options it was started with, or use another run folder",
                            context_.folder.string(), difference));
  if (saved->machine != context_.machine) {
    log_warning("resumed on {} after {}: the numbers may differ in the last digits from an uninterrupted run", context_.machine,
                saved->machine);
  }
  set_weights(model_, without_prefix("model", saved->tensors));
  optimizer_->load_state(without_prefix("optimizer", saved->tensors));
  average_.load_state(without_prefix("average", saved->tensors));
  best_ = without_prefix("best", saved->tensors);
  for (const std::string& name : options_.select.also)
    if (Bundle weights = without_prefix("also/" + name, saved->tensors); !weights.empty()) also_[name] = std::move(weights);
  plateau_.set_state(saved->plateau);
  selection_.set_state(saved->selection);
  state_ = std::move(*saved);
  state_.tensors = {};
  state_.machine = context_.machine;
  seconds_before_ = last_save_ = state_.seconds;
  waited_before_ = state_.data_wait_seconds;
  log_info("resumed at epoch {}/{}, step {}", std::min(state_.epoch + 1, options_.epochs), options_.epochs, state_.step);
}

void Training::open_outputs() {
  if (!context_.folder.empty()) {
    events_ = std::make_unique<EventFile>(context_.folder / results::kEvents, state_.step == 0 ? 0 : state_.step + 1);
    if (!state_.log.empty()) write_log();
  }
  progress_ = std::make_unique<Progress>("training", options_.epochs * batches_, "batches");
  progress_->advance(state_.epoch * batches_ + state_.batch);
}

StopReason Training::train_epochs() {
  while (state_.epoch < options_.epochs) {
    if (selection_.exhausted(state_.epoch)) return StopReason::early_stopped;
    if (const auto reason = train_epoch()) return *reason;
  }
  return StopReason::completed;
}

std::optional<StopReason> Training::train_epoch() {
  // Of an epoch that was interrupted while it was validated, nothing but that is left.
  if (state_.batch < batches_) loader_.start(state_.epoch, state_.batch);
  do {
    if (state_.batch < batches_) {
      train_step(loader_, batches_);
      if (!stop_) stop_.emplace();
    }
    state_.data_wait_seconds = waited_before_ + loader_.seconds_waited();
    const bool late = options_.max_seconds > 0 && seconds() >= options_.max_seconds;
    if ((late || state_.batch >= batches_) && !end_epoch()) return StopReason::interrupted;
    if (late) return StopReason::time_limit;
    if (stop_wanted()) return StopReason::interrupted;
    save_if_due(state_.batch == 0);
  } while (state_.batch != 0);
  return std::nullopt;
}

void Training::train_step(data::Loader& loader, std::int64_t batches) {
  const std::int64_t group = std::min(options_.accumulate, batches - state_.batch);
  optimizer_->zero_grad();
  for (std::int64_t i = 0; i < group; ++i) {
    std::optional<Bundle> batch = loader.next();
    if (!batch) throw InternalError(format("epoch {} ended before batch {} of {}", state_.epoch, state_.batch, batches));
    if (state_.epoch == 0) check_targets(*batch);
    state_.loss_sum += train_batch(batch->to(context_.device), 1.0 / static_cast<double>(group));
    ++state_.batch;
    if (progress_) progress_->advance();
  }
  update();
}

double Training::train_batch(const Bundle& batch, double share) {
  // Draws of the model (dropout) depend on the place in training alone: a resumed run repeats them.
  at::manual_seed(
      Stream(context_.seed, kStepStream, static_cast<std::uint64_t>(state_.epoch), static_cast<std::uint64_t>(state_.batch)).bits64());
  const Bundle seen = strands_.batch(batch);
  const nn::BatchLoss of_batch = loss_.batch(strands_.outputs(model_, seen, wanted_heads(seen)), seen);
  const at::Tensor penalty = model_.penalty();
  const at::Tensor loss = penalty.defined() ? of_batch.total + penalty : of_batch.total;
  const double value = loss.item<double>();
  if (!std::isfinite(value)) fail_not_finite(batch, "loss", value);
  state_.loss.add(of_batch, penalty.defined() ? penalty.item<double>() : 0);
  (loss * share).backward();
  if (clips(options_.clip)) {
    // Looked at here, where the batch is still at hand.
    const double norm = clip_gradients(optimizer_->parameters(), {});
    if (!std::isfinite(norm)) fail_not_finite(batch, "norm of the gradient", norm);
  }
  return value;
}

void Training::check_targets(const Bundle& batch) const {
  const std::optional<nn::TargetFault> fault = loss_.fault(batch);
  if (!fault) return;
  const std::vector<std::int64_t> examples = loader_.examples(state_.epoch, state_.batch);
  throw DataError(format("train set, {}", to_string(*fault, *dataset_, examples[static_cast<std::size_t>(fault->example)])));
}

// Where every batch has as many examples and measures as much of each, the plain mean over batches
// is that over what was measured. A checkpoint of an earlier version knows no other.
double Training::mean_loss() const {
  const bool plain = state_.loss.even() || state_.loss.batches != state_.batch;
  return plain ? state_.loss_sum / static_cast<double>(state_.batch) : state_.loss.value();
}

// What the losses of this batch's data set read; nothing where that is every head.
std::optional<std::vector<std::string>> Training::wanted_heads(const Bundle& batch) const {
  std::optional<std::vector<std::string>> heads = loss_.outputs(batch);
  if (heads && heads->size() == model_.output_names().size()) heads.reset();
  return heads;
}

void Training::update() {
  if (clips(options_.clip)) clip_gradients(optimizer_->parameters(), options_.clip);
  state_.learning_rate = options_.optimizer.learning_rate * schedule_factor(options_.schedule, point()) * plateau_.factor();
  optimizer_->step({.learning_rate = state_.learning_rate, .momentum = schedule_momentum(options_.schedule, point())});
  {
    const at::NoGradGuard no_grad;
    model_.constrain();
  }
  average_.update();
  ++state_.step;
  const double mean = mean_loss();
  if (progress_) progress_->note(format("epoch {}/{}, loss {:.4g}", state_.epoch + 1, options_.epochs, mean));
  if (events_ && state_.step % options_.log_every == 0) {
    events_->write(state_.step, {{"train/running_loss", mean}, {"learning_rate", state_.learning_rate}});
  }
}

bool Training::end_epoch() {
  EpochLog row{.epoch = state_.epoch + 1,
               .step = state_.step,
               .seconds = 0,
               .learning_rate = state_.learning_rate,
               .train_loss = mean_loss(),
               .validation = {},
               .data_wait_seconds = state_.data_wait_seconds};
  const bool cut_short = state_.batch < batches_;
  if (context_.validate && (last_epoch() || cut_short || row.epoch % options_.validate_every == 0)) {
    try {
      validate(row);
    } catch (const Interrupted&) {
      return false;  // the state is that before the validation, which is done again
    }
  }
  plateau_.observe_training(row.train_loss);
  row.seconds = seconds();
  state_.log.push_back(row);
  log_info("{}", epoch_text(row, options_.epochs));
  ++state_.epoch;
  state_.batch = 0;
  state_.loss_sum = 0;
  state_.loss = {};
  waited_before_ = state_.data_wait_seconds = 0;
  if (context_.folder.empty()) return true;
  // Files are synced: epochs of a fraction of a second would wait for the disk.
  constexpr double kShortest = 1;
  if (state_.log.size() == 1 || row.seconds - last_log_ >= kShortest) write_log();
  Scalars scalars{{"train/loss", row.train_loss}, {"learning_rate", row.learning_rate}};
  for (const auto& [name, value] : row.validation) scalars.emplace_back("validation/" + name, value);
  events_->write(state_.step, scalars);
  return true;
}

void Training::write_log() {
  if (context_.folder.empty() || state_.log.empty()) return;
  require_folder();
  write_file(context_.folder / results::kLogFile, log_tsv(state_.log));
  last_log_ = seconds();
}

void Training::validate(EpochLog& row) {
  const AveragedScope averaged(average_);
  const EvalScope mode(model_);
  const NoGradScope no_grad;
  row.validation = context_.validate(model_);
  const std::string& waited_for = stop_metric(options_.select);
  plateau_.observe(selected_value(row.validation, waited_for), selected_direction(context_.higher_is_better, waited_for));
  const Selection::Improved improved = selection_.observe(row.validation, row.epoch);
  if (improved.best && options_.select.keep_best) best_ = cloned(weights_of(model_));
  for (const std::string& name : improved.also) also_[name] = cloned(weights_of(model_));
}

// Files bring their folders along: of a folder that somebody removed, parts would come back that
// are no run.
void Training::require_folder() const {
  if (!events_ || fs::is_directory(context_.folder / results::kEvents)) return;
  throw StateError(format("{}: the run folder was removed or renamed while it was trained into; nothing more is written",
                          context_.folder.string()));
}

void Training::save() {
  state_.seconds = last_save_ = seconds();
  if (context_.folder.empty()) return;
  require_folder();
  state_.plateau = plateau_.state();
  state_.selection = selection_.state();
  append(state_.tensors, with_prefix("model", weights_of(model_)));
  append(state_.tensors, with_prefix("optimizer", optimizer_->state()));
  append(state_.tensors, with_prefix("average", average_.state()));
  append(state_.tensors, with_prefix("best", best_));
  for (const auto& [name, weights] : also_) append(state_.tensors, with_prefix("also/" + name, weights));
  save_checkpoint(context_.folder / results::kCheckpoints, state_, options_.checkpoint.keep);
  state_.tensors = {};
}

void Training::save_if_due(bool end_of_epoch) {
  const CheckpointOptions& o = options_.checkpoint;
  const double since = seconds() - last_save_;
  constexpr double kShortest = 5;  // seconds; short epochs would otherwise be spent on writing
  const bool due = (o.every_steps > 0 && state_.step % o.every_steps == 0) || (o.every_seconds > 0 && since >= o.every_seconds) ||
                   (o.every_epoch && end_of_epoch && since >= kShortest);
  if (due) save();
}

void Training::use_final_weights() {
  if (!best_.empty()) {
    set_weights(model_, best_);
  } else {
    average_.swap();
  }
}

void Training::fail_not_finite(const Bundle& batch, std::string_view what, double value) {
  const std::vector<std::int64_t> examples = loader_.examples(state_.epoch, state_.batch);
  std::string saved;
  if (!context_.folder.empty()) {
    const fs::path file = context_.folder / results::kFailedBatch;
    save_bundle(batch, file);
    saved = format("; the batch is saved in {}", file.string());
  }
  throw StateError(format("training stopped: the {} is {} in epoch {}, batch {} (step {}; examples {}){}; {}", what,
                          std::isnan(value) ? "not a number" : "infinite", state_.epoch + 1, state_.batch, state_.step,
                          fmt::join(examples, ", "), saved, kDivergedAdvice));
}

TrainerResult Training::result(StopReason reason) const {
  TrainerResult r{.reason = reason,
                  .epochs = state_.epoch,
                  .steps = state_.step,
                  .seconds = seconds(),
                  .log = state_.log,
                  .best_epoch = -1,
                  .best_value = {}};
  const Selection::State selected = selection_.state();
  r.best_epoch = selected.best.best_epoch;
  r.best_value = selected.best.best;
  for (const auto& [name, watched] : selected.also)
    if (const auto kept = also_.find(name); kept != also_.end())
      r.also.push_back({.metric = name, .epoch = watched.best_epoch, .value = watched.best.value_or(0), .weights = kept->second});
  return r;
}

double Training::seconds() const { return seconds_before_ + std::chrono::duration<double>(Clock::now() - started_).count(); }

SchedulePoint Training::point() const {
  return {.step = state_.step, .total_steps = options_.epochs * steps_per_epoch_, .steps_per_epoch = steps_per_epoch_};
}

}  // namespace basewise::train::detail
