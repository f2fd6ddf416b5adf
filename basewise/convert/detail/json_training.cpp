#include "basewise/convert/detail/json_training.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "basewise/convert/detail/recipe_text.h"
#include "basewise/convert/detail/words.h"
#include "basewise/core/error.h"

namespace basewise::convert::detail {
namespace {

using Notes = std::vector<std::string>;

/// Added to rates inside logarithms and to the denominators of update rules, by Keras.
constexpr double kKerasEpsilon = 1e-7;

/// Which of our losses a word of theirs is.
std::string_view loss_of(LossWord word) {
  switch (word) {
    case LossWord::bce:
      return "binary_cross_entropy";
    case LossWord::mse:
    case LossWord::gaussian:
      return "mse";
    case LossWord::mse_udot:
      return "mse_udot";
    case LossWord::poisson_kl:
      return "poisson_kl";
    case LossWord::poisson_mn:
    case LossWord::poisson_multinomial:
      return "poisson_multinomial";
    case LossWord::poisson:
      break;
  }
  return "poisson";
}

void losses(RecipeWriter& out, Keys& keys, const Converted& result, Notes& notes) {
  const LossWord word = keys.choice("loss", LossWord::poisson);
  const bool shares = word == LossWord::poisson_mn || word == LossWord::poisson_multinomial;
  const bool specific = word == LossWord::poisson_kl || word == LossWord::mse_udot;
  if (!shares)
    for (const char* key : {"total_weight", "weight_range", "weight_exp"})
      keys.without_counterpart(key, "it counts for the loss poisson_mn alone", notes);
  if (!specific) keys.without_counterpart("spec_weight", "it counts for the losses poisson_kl and mse_udot alone", notes);
  const double total = keys.number("total_weight", 1, 0, 1e9), specificity = keys.number("spec_weight", 1, 0, 1e9);
  const double range = keys.number("weight_range", 1, 1, 1e9), exponent = keys.number("weight_exp", 4, 1e-6, 1e6);
  for (const spec::HeadSpec& head : result.model.heads) {
    out.table("[[loss]]");
    out.text("type", std::string(loss_of(word)));
    out.text("output", head.name);
    out.text("target", word == LossWord::bce ? "labels" : "profile");
    if (word == LossWord::poisson) out.key("log_input", false, "the head gives rates");
    if (word == LossWord::poisson || word == LossWord::poisson_kl || shares) out.key("epsilon", kKerasEpsilon);
    if (shares) out.key("total_weight", total);
    if (shares && range > 1) {
      out.key("position_range", range);
      out.key("position_exponent", exponent);
    }
    if (specific) out.key("specificity_weight", specificity);
  }
}

/// Rates that rise from the first to the highest, fall back and then stay at the last.
struct Cycle {
  double first = 0, highest = 0, last = 0;
  std::int64_t epochs = 0;  ///< of the rise, and of the fall
};

std::optional<Cycle> cycle_of(Keys& keys, Notes& notes) {
  const std::initializer_list<const char*> all = {"initial_learning_rate", "maximal_learning_rate", "final_learning_rate",
                                                  "train_epochs_cycle1"};
  if (!std::all_of(all.begin(), all.end(), [&](const char* key) { return keys.has(key); })) {
    for (const char* key : all) keys.without_counterpart(key, "a cycle needs all four of its keys", notes);
    return std::nullopt;
  }
  Cycle cycle;
  cycle.highest = keys.number("maximal_learning_rate", 0, 1e-12, 1e3);
  cycle.first = keys.number("initial_learning_rate", 0, 1e-12, cycle.highest);
  cycle.last = keys.number("final_learning_rate", 0, 1e-12, cycle.first);
  cycle.epochs = keys.whole("train_epochs_cycle1", 1);
  notes.push_back(format("{} is {}: half_cycle of the recipe counts steps; put so many times the batches of an epoch there",
                         keys.where("train_epochs_cycle1"), cycle.epochs));
  return cycle;
}

void schedule(RecipeWriter& out, Keys& keys, const std::optional<Cycle>& cycle) {
  const std::int64_t warmup = keys.whole("warmup_steps", 0, 0, 1'000'000'000);
  if (!cycle && warmup == 0) return;
  out.table("[train.schedule]");
  if (warmup > 0) out.key("warmup_steps", warmup);
  if (!cycle) return;
  out.text("name", "cyclical");
  out.key("cycles", 1);
  out.key("half_cycle", 1000, format("steps: {} times the batches of an epoch", cycle->epochs));
  out.key("start_divisor", cycle->highest / cycle->first);
  out.key("end_divisor", cycle->first / cycle->last);
}

void clipping(RecipeWriter& out, Keys& keys) {
  const double all = keys.number("global_clipnorm", 0, 0, 1e9), share = keys.number("agc_clip", 0, 0, 1e9);
  // The older word counts where both stand.
  const double newer = keys.number("clipnorm", 0, 0, 1e9), each = keys.number("clip_norm", newer, 0, 1e9);
  if (all > 0 || each > 0 || share > 0) out.table("[train.clip]");
  if (all > 0) out.key("norm", all, "of all gradients together");
  if (each > 0) out.key("each_norm", each, "of the gradient of each parameter");
  if (share > 0) out.key("adaptive", share, "of a unit, by the norm of its weights");
}

void optimizer(RecipeWriter& out, Keys& keys, Notes& notes) {
  const Rule rule = keys.choice("optimizer", Rule::sgd, {Rule::sgd, Rule::momentum, Rule::adam, Rule::adamw});
  const bool moments = rule == Rule::adam || rule == Rule::adamw;
  const double momentum = keys.number("momentum", 0.99, 0, 0.999999);
  const double beta1 = keys.number("adam_beta1", 0.9, 0, 0.999999), beta2 = keys.number("adam_beta2", 0.999, 0, 0.999999);
  const double decay = keys.number("weight_decay", 0, 0, 10);
  out.table("[train.optimizer]");
  out.text("name", !moments ? "sgd_keras" : rule == Rule::adam ? "adam_tensorflow" : "adamw");
  const std::optional<Cycle> cycle = cycle_of(keys, notes);
  const double steady = keys.number("learning_rate", 0.01, 1e-12, 1e3);
  out.key("learning_rate", cycle ? cycle->highest : steady);
  if (!moments) out.key("momentum", momentum);
  if (moments) {
    out.key("beta1", beta1);
    out.key("beta2", beta2);
    out.key("epsilon", kKerasEpsilon);
  }
  if (rule == Rule::adamw && decay > 0) {
    out.key("weight_decay", decay);
    out.key("decay_all", true, "Keras spares nothing");
  }
  schedule(out, keys, cycle);
  clipping(out, keys);
  keys.without_counterpart("ema_momentum", "train.average averages weights", notes);
  for (const char* key : {"decay_steps", "decay_rate"}) keys.without_counterpart(key, "their program does not use it", notes);
}

void epochs(RecipeWriter& out, Keys& keys, Notes& notes) {
  // What the programs take where the file says nothing.
  constexpr std::int64_t kMost = 10'000, kPatience = 20;
  const std::int64_t most = keys.whole("train_epochs_max", keys.whole("train_epochs", keys.whole("epochs", kMost)));
  const std::int64_t least = keys.whole("train_epochs_min", 1), patience = keys.whole("patience", kPatience, 0, 1'000'000);
  keys.without_counterpart("shuffle_buffer", "all examples are drawn in a new order in every epoch", notes);
  keys.without_counterpart("num_gpu", "say --device", notes);
  out.table("[train]");
  out.key("epochs", most);
  out.table("[train.select]");
  out.key("patience", patience);
  if (least > 1) out.key("min_epochs", least);
  out.table("[train.loader]");
  out.key("batch_size", keys.whole("batch_size", 64));
}

void augmentation(RecipeWriter& out, Keys& model, Notes& notes) {
  const bool turned = model.flag("augment_rc", false);
  const std::int64_t shift = model.whole("augment_shift", 0, 0, 1'000'000);
  model.without_counterpart("strand_pair",
                            "data.kind = \"binned\" takes pairs from targets.txt; else say strands = \"paired\" of a head of pairs", notes);
  model.without_counterpart("ensemble_rc", "say strand.predict = \"conjoined\"", notes);
  model.without_counterpart("ensemble_shift", "say shifts in [ensemble], or --shifts of evaluate and predict", notes);
  model.without_counterpart("verbose", "of no meaning", notes);
  if (!turned && shift == 0) return;
  out.table("[data.augment]");
  if (turned) out.key("reverse_complement", 0.5);
  if (shift > 0) out.key("shift", shift, "of the sequence; its targets stay");
  out.text("per", "batch", "drawn once for all of a batch, as their program does");
}

}  // namespace

std::string json_recipe(const nlohmann::ordered_json& training, Keys& model, const Windows& windows, Converted& result,
                        const ConvertOptions& options) {
  Keys keys(training.is_null() ? nlohmann::ordered_json::object() : training, options.file.string() + ": train");
  RecipeWriter out(options.file.stem().string(), options.file.filename().string());
  if (windows.single)
    out.sites(windows.length);
  else
    out.tracks(windows.length, windows.context, windows.bin);
  augmentation(out, model, result.notes);
  losses(out, keys, result, result.notes);
  epochs(out, keys, result.notes);
  optimizer(out, keys, result.notes);
  keys.refuse_others();
  return out.result();
}

}  // namespace basewise::convert::detail
