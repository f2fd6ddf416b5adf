#include "basewise/convert/detail/basset.h"

#include <algorithm>

#include "basewise/convert/detail/make_layers.h"
#include "basewise/convert/detail/recipe_text.h"
#include "basewise/convert/detail/words.h"
#include "basewise/core/error.h"

namespace basewise::convert::detail {
namespace {

constexpr std::int64_t kTargets = 164, kLength = 600;

/// What counts for every layer.
struct Common {
  bool norm = true;
  double max_norm = 10;
};

/// A list with a value for each of `count` layers: as given, or one for all.
template <class T>
void spread(std::vector<T>& values, std::size_t count, const Keys& keys, std::string_view key, std::string_view of) {
  if (values.size() == 1) values.assign(count, values[0]);
  if (values.size() != count) keys.fail(key, format("has {} values, but {} has {}; give one for each", values.size(), of, count));
}

void finish(Layers& layers, const std::string& prefix, std::size_t number, bool norm) {
  if (norm) layers.push_back(make_layer(format("{}norm_{}", prefix, number), "batch_norm"));
  layers.push_back(make_layer(format("{}relu_{}", prefix, number), "activation", {{"kind", "relu"}}));
}

void dropout(Layers& layers, const std::string& name, double rate) {
  if (rate > 0) layers.push_back(make_layer(name, "dropout", {{"rate", rate}}));
}

/// Convolutions; returns the number of positions behind them.
std::int64_t convolutions(Keys& keys, const ConvertOptions& options, const Common& common, std::int64_t length, Layers& layers) {
  const std::vector<std::int64_t> filters = keys.wholes("conv_filters", {300, 300, 500});
  const std::size_t count = filters.size();
  auto widths = keys.wholes("conv_filter_sizes", {21, 6, 4}), pools = keys.wholes("pool_width", {4, 4, 4}),
       strides = keys.wholes("conv_filter_strides", {1});
  auto dropouts = keys.numbers("conv_dropouts", {0}, 0, 0.99);
  spread(widths, count, keys, "conv_filter_sizes", "conv_filters");
  spread(pools, count, keys, "pool_width", "conv_filters");
  spread(strides, count, keys, "conv_filter_strides", "conv_filters");
  spread(dropouts, count, keys, "conv_dropouts", "conv_filters");
  const bool same = options.basset_form == BassetForm::same;
  for (std::size_t i = 0; i < count; ++i) {
    layers.push_back(make_layer(format("conv_{}", i + 1), "conv", {{"filters", filters[i]}, {"width", widths[i]}}));
    if (strides[i] != 1) layers.back().set("stride", {strides[i], {}});
    layers.back().set("padding", {std::string(same ? "same" : "valid"), {}});
    layers.back().set("max_norm", {common.max_norm, {}});
    length = same ? (length + strides[i] - 1) / strides[i] : (length - widths[i]) / strides[i] + 1;
    finish(layers, "", i + 1, common.norm);
    if (pools[i] > 1) {
      layers.push_back(make_layer(format("pool_{}", i + 1), "pool", {{"kind", "max"}, {"width", pools[i]}}));
      const std::int64_t missing = (pools[i] - length % pools[i]) % pools[i];
      if (same && missing > 0) {
        layers.back().set("padding", {std::string("explicit"), {}});
        layers.back().set("pad_right", {missing, {}});
        length += missing;
      }
      length /= pools[i];
    }
    if (length < 1)
      keys.fail("conv_filter_sizes", format("leaves no positions behind layer {}; sequences of more bases are needed", i + 1));
    dropout(layers, format("conv_dropout_{}", i + 1), dropouts[i]);
  }
  return length;
}

void hidden(Keys& keys, const Common& common, Layers& layers) {
  const std::vector<std::int64_t> units = keys.wholes("hidden_units", {800});
  auto dropouts = keys.numbers("hidden_dropouts", {0.5}, 0, 0.99);
  spread(dropouts, units.size(), keys, "hidden_dropouts", "hidden_units");
  for (std::size_t i = 0; i < units.size(); ++i) {
    layers.push_back(make_layer(format("dense_{}", i + 1), "dense", {{"units", units[i]}, {"max_norm", common.max_norm}}));
    finish(layers, "dense_", i + 1, common.norm);
    dropout(layers, format("dropout_{}", i + 1), dropouts[i]);
  }
}

std::string recipe_of(Keys& keys, std::int64_t length, const std::string& file) {
  const Rule rule = keys.choice("optimization", Rule::rmsprop, {Rule::rmsprop, Rule::adam, Rule::sgd});
  const double rate = keys.number("learning_rate", 0.002, 1e-12, 1e3), momentum = keys.number("momentum", 0.98, 0, 0.999999);
  const double beta1 = keys.number("beta1", 0.9, 0, 0.999999), beta2 = keys.number("beta2", 0.999, 0, 0.999999);
  RecipeWriter out("basset", file);
  out.sites(length);
  out.table("[[loss]]");
  out.text("type", "binary_cross_entropy");
  out.text("output", "logits");
  out.text("target", "labels");
  out.text("reduction", "sum", "over the outputs, as its program has it");
  out.table("[train.loader]");
  out.key("batch_size", keys.whole("batch_size", 128));
  out.table("[train.optimizer]");
  out.text("name", std::string(to_word(rule)));
  out.key("learning_rate", rate);
  if (rule == Rule::rmsprop) out.key("smoothing", momentum, "its \"momentum\"");
  if (rule == Rule::sgd) out.key("momentum", momentum);
  if (rule == Rule::adam) {
    out.key("beta1", beta1);
    out.key("beta2", beta2);
  }
  return out.result();
}

}  // namespace

bool is_basset(const Keys& keys) { return keys.has("conv_filters") || keys.has("hidden_units") || keys.has("conv_filter_sizes"); }

Converted basset_model(Keys keys, const ConvertOptions& options) {
  Converted result;
  result.kind = SourceKind::basset_table;
  const Common common{keys.flag("batch_normalize", true), keys.number("weight_norm", 10, 1e-6, 1e6)};
  const std::int64_t length = options.length > 0 ? options.length : kLength, targets = options.targets > 0 ? options.targets : kTargets;
  if (options.length == 0)
    result.notes.push_back(format("the file says no length of the sequences: {}, its usual one (--length)", kLength));
  if (options.targets == 0)
    result.notes.push_back(format("the file says no number of outputs: {}, those of the released model (--targets)", kTargets));
  Layers& layers = result.model.layers;
  convolutions(keys, options, common, length, layers);
  hidden(keys, common, layers);
  keys.choice("pool_op", PoolWord::max);
  keys.choice("target_type", TargetWord::binary);
  keys.without_counterpart("conv_gauss", "noise has no counterpart", result.notes);
  keys.without_counterpart("hidden_gauss", "noise has no counterpart", result.notes);
  keys.without_counterpart("conv_conn", "every filter reads all channels here", result.notes);
  keys.without_counterpart("coef_l1", "write l1 to the layers that it should count for", result.notes);
  keys.without_counterpart("coef_l2", "write l2 to the layers that it should count for", result.notes);
  result.model.inputs = {make_sequence(length)};
  result.model.heads = {make_head("logits", {make_layer("dense", "dense", {{"units", targets}, {"max_norm", common.max_norm}})})};
  result.comment = format("Basset: {} convolutions, from {}", options.basset_form, options.file.filename().string());
  result.recipe = recipe_of(keys, length, options.file.filename().string());
  keys.refuse_others();
  return result;
}

}  // namespace basewise::convert::detail
