#include "basewise/convert/detail/json_training.h"

#include <algorithm>

#include "basewise/convert/detail/recipe_text.h"
#include "basewise/convert/detail/words.h"
#include "basewise/core/error.h"

namespace basewise::convert::detail {
namespace {

using Notes = std::vector<std::string>;

void losses(RecipeWriter& out, Keys& keys, const Converted& result, Notes& notes) {
  const LossWord loss = keys.choice("loss", LossWord::poisson);
  const bool binary = loss == LossWord::bce, squares = loss == LossWord::mse || loss == LossWord::gaussian;
  if (!binary && !squares && loss != LossWord::poisson)
    notes.push_back(
        format("{} is \"{}\": the recipe says poisson in its place; choose among the losses of docs/options.md", keys.where("loss"), loss));
  keys.without_counterpart("total_weight", "multinomial and count losses are [[loss]] tables with weights of their own", notes);
  keys.without_counterpart("spec_weight", "the penalty on specificity has no counterpart", notes);
  for (const spec::HeadSpec& head : result.model.heads) {
    out.table("[[loss]]");
    out.text("type", binary ? "binary_cross_entropy" : squares ? "mse" : "poisson");
    out.text("output", head.name);
    out.text("target", binary ? "labels" : "profile");
    if (!binary && !squares) out.key("log_input", false, "the head gives rates");
  }
}

void optimizer(RecipeWriter& out, Keys& keys, Notes& notes) {
  const Rule rule = keys.choice("optimizer", Rule::sgd, {Rule::sgd, Rule::adam, Rule::adamw, Rule::rmsprop});
  const bool moments = rule == Rule::adam || rule == Rule::adamw;
  const double momentum = keys.number("momentum", 0, 0, 0.999999);
  const double beta1 = keys.number("adam_beta1", 0.9, 0, 0.999999), beta2 = keys.number("adam_beta2", 0.999, 0, 0.999999);
  out.table("[train.optimizer]");
  out.text("name", std::string(to_word(rule)));
  out.key("learning_rate", keys.number("learning_rate", 0.01, 1e-12, 1e3));
  if (!moments) out.key("momentum", momentum);
  if (moments) {
    out.key("beta1", beta1);
    out.key("beta2", beta2);
    if (const double decay = keys.number("weight_decay", 0, 0, 10); decay > 0) out.key("weight_decay", decay);
  }
  if (const std::int64_t steps = keys.whole("warmup_steps", 0, 0, 1'000'000'000); steps > 0) {
    out.table("[train.schedule]");
    out.key("warmup_steps", steps);
  }
  const double all = keys.number("global_clipnorm", 0, 0, 1e9);
  const std::string each = keys.has("clip_norm") ? "clip_norm" : "clipnorm";
  const double one = keys.number(each, 0, 0, 1e9);
  keys.number("clipnorm", 0, 0, 1e9);
  keys.number("clip_norm", 0, 0, 1e9);
  if (one > 0 && all == 0)
    notes.push_back(
        format("{} is {} for the gradient of each tensor: train.clip.norm is that of all of them together", keys.where(each), one));
  if (all > 0 || one > 0) {
    out.table("[train.clip]");
    out.key("norm", all > 0 ? all : one);
  }
  for (const char* key : {"agc_clip", "ema_momentum", "cyclical_lr", "initial_learning_rate", "maximal_learning_rate",
                          "final_learning_rate", "decay_steps", "decay_rate"})
    keys.without_counterpart(key, "see [train] of docs/options.md for what there is", notes);
}

void epochs(RecipeWriter& out, Keys& keys, Notes& notes) {
  const std::int64_t most = keys.whole("train_epochs_max", keys.whole("train_epochs", keys.whole("epochs", 10)));
  const std::int64_t least = keys.whole("train_epochs_min", 1), patience = keys.whole("patience", 0, 0, 1'000'000);
  if (least > 1) notes.push_back(format("{} is {}: patience alone says here when training ends", keys.where("train_epochs_min"), least));
  keys.without_counterpart("shuffle_buffer", "all examples are drawn in a new order in every epoch", notes);
  keys.without_counterpart("num_gpu", "say --device", notes);
  out.table("[train]");
  out.key("epochs", most);
  if (patience > 0) {
    out.table("[train.select]");
    out.key("patience", patience);
  }
  out.table("[train.loader]");
  out.key("batch_size", keys.whole("batch_size", 64));
}

void augmentation(RecipeWriter& out, Keys& model, Notes& notes) {
  const bool turned = model.flag("augment_rc", false);
  const std::int64_t shift = model.whole("augment_shift", 0, 0, 1'000'000);
  model.without_counterpart("strand_pair", "say strands = \"paired\" of the head where its channels are pairs in turn", notes);
  model.without_counterpart("ensemble_rc", "say strand.predict = \"conjoined\"", notes);
  model.without_counterpart("ensemble_shift", "predictions are of windows as given", notes);
  model.without_counterpart("verbose", "of no meaning", notes);
  if (!turned && shift == 0) return;
  out.table("[data.augment]");
  if (turned) out.key("reverse_complement", 0.5, "drawn for each example");
  if (shift > 0) out.key("jitter", shift);
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
