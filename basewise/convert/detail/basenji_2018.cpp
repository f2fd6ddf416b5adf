#include "basewise/convert/detail/basenji_2018.h"

#include "basewise/convert/detail/make_layers.h"
#include "basewise/convert/detail/recipe_text.h"
#include "basewise/convert/detail/words.h"
#include "basewise/core/error.h"

namespace basewise::convert::detail {
namespace {

/// The layers of the table, one value of each list for every layer.
struct Rows {
  std::vector<std::int64_t> filters, widths, pools, dilations, dense, strides;
  std::vector<double> dropouts, l2;
};

template <class T>
std::vector<T> filled(const Keys& keys, std::string_view key, std::vector<T> values, std::size_t count) {
  if (values.size() == 1 && count > 1 && !keys.has(key)) values.assign(count, values[0]);
  if (values.size() != count)
    keys.fail(key, format("has {} values, but cnn_filters has {}; give one for each layer", values.size(), count));
  return values;
}

Rows rows_of(Keys& keys) {
  Rows rows;
  rows.filters = keys.wholes("cnn_filters", {});
  const std::size_t count = rows.filters.size();
  if (count == 0) keys.fail("cnn_filters", "is missing; it says the layers");
  rows.widths = filled(keys, "cnn_filter_sizes", keys.wholes("cnn_filter_sizes", {1}), count);
  rows.pools = filled(keys, "cnn_pool", keys.wholes("cnn_pool", {1}), count);
  rows.dilations = filled(keys, "cnn_dilation", keys.wholes("cnn_dilation", {1}), count);
  rows.strides = filled(keys, "cnn_strides", keys.wholes("cnn_strides", {1}), count);
  rows.dense = filled(keys, "cnn_dense", keys.wholes("cnn_dense", {0}, 0, 1), count);
  rows.dropouts = filled(keys, "cnn_dropout", keys.numbers("cnn_dropout", {0}, 0, 0.99), count);
  rows.l2 = filled(keys, "cnn_l2", keys.numbers("cnn_l2", {0}, 0, 1e3), count);
  return rows;
}

/// Convolution, norm, ReLU, pooling, dropout; the names of what stands behind begin with `prefix`.
Layers layer_of(const Rows& rows, std::size_t i, const std::string& name, const std::string& prefix) {
  Layers layers;
  layers.push_back(make_layer(name, "conv", {{"filters", rows.filters[i]}, {"width", rows.widths[i]}}));
  LayerSpec& conv = layers.back();
  if (rows.dilations[i] != 1) conv.set("dilation", {rows.dilations[i], {}});
  if (rows.strides[i] != 1) conv.set("stride", {rows.strides[i], {}});
  conv.set("bias", {false, {}});
  conv.set("initialiser", {std::string("glorot_uniform"), {}});
  if (rows.l2[i] > 0) conv.set("l2", {rows.l2[i], {}});
  layers.push_back(make_layer(prefix + "norm", "batch_norm", {{"eps", 0.001}, {"momentum", 0.1}}));
  layers.push_back(make_layer(prefix + "relu", "activation", {{"kind", "relu"}}));
  if (rows.pools[i] > 1) layers.push_back(make_layer(prefix + "pool", "pool", {{"kind", "max"}, {"width", rows.pools[i]}}));
  if (rows.dropouts[i] > 0) layers.push_back(make_layer(prefix + "dropout", "dropout", {{"rate", rows.dropouts[i]}}));
  return layers;
}

/// Whether layer `i` of a dense chain goes on as the one before it: same sizes, twice the dilation.
bool goes_on(const Rows& rows, std::size_t i) {
  return rows.dense[i] == 1 && rows.filters[i] == rows.filters[i - 1] && rows.widths[i] == rows.widths[i - 1] &&
         rows.dropouts[i] == rows.dropouts[i - 1] && rows.l2[i] == rows.l2[i - 1] && rows.strides[i] == rows.strides[i - 1] &&
         rows.dilations[i] == 2 * rows.dilations[i - 1];
}

Layers trunk_of(const Keys& keys, const Rows& rows) {
  Layers trunk;
  for (std::size_t i = 0; i < rows.filters.size();) {
    std::size_t end = i + 1;
    const std::string name = format("layer_{}", i + 1);
    if (rows.dense[i] == 1) {
      if (rows.pools[i] > 1) keys.fail("cnn_dense", format("is 1 for layer {}, which pools; both have no common positions", i + 1));
      while (end < rows.filters.size() && rows.pools[end] == 1 && goes_on(rows, end)) ++end;
      LayerSpec link = make_layer(end - i > 1 ? std::string("dilated") : name, "dense_link");
      for (const LayerSpec& one : trunk)
        if (one.name == link.name) link.name = format("dilated_{}", i + 1);
      link.layers = layer_of(rows, i, "conv", "");
      if (end - i > 1) {
        link.repeat = static_cast<std::int64_t>(end - i);
        link.layers[0].set("dilation", {format("from {} times 2", rows.dilations[i]), {}});
      }
      trunk.push_back(std::move(link));
    } else {
      for (LayerSpec& one : layer_of(rows, i, name, name + "_")) trunk.push_back(std::move(one));
    }
    i = end;
  }
  return trunk;
}

std::vector<spec::HeadSpec> heads_of(Keys& keys, std::int64_t targets) {
  spec::HeadSpec head = make_head(
      "tracks",
      {make_layer("conv", "conv", {{"filters", targets}, {"width", 1}, {"initialiser", "glorot_uniform"}, {"bias_initialiser", "zeros"}})});
  head.strands = spec::StrandRule::mirrored;
  const std::string link = keys.text("link", "softplus");
  // It stands for outputs of several classes.
  if (link == kSoftmax) keys.fail("link", "is \"softmax\": outputs of several classes are not converted");
  Layers function;
  try {
    function = make_function("link", link);
  } catch (ArgumentError& e) {
    keys.fail("link", format("cannot be converted: {}", e.what()));
  }
  for (LayerSpec& layer : function) {
    if (link != kReluWord) layer.set("clip", {50.0, {}});
    head.layers.push_back(std::move(layer));
  }
  return {head};
}

struct Sizes {
  std::int64_t length = 0, context = 0, bin = 1;
};

std::string recipe_of(Keys& keys, const Sizes& sizes, const std::string& file) {
  RecipeWriter out("basenji", file);
  out.tracks(sizes.length, sizes.context, sizes.bin);
  const LossWord loss = keys.choice("loss", LossWord::poisson, {LossWord::poisson, LossWord::gaussian});
  const bool counts = loss == LossWord::poisson;
  out.table("[[loss]]");
  out.text("type", counts ? "poisson" : "mse");
  out.text("output", "tracks");
  out.text("target", "profile");
  if (counts) out.key("log_input", false, "the head gives rates");
  if (const double most = keys.number("target_clip", 0, 0); most > 0) out.key("target_clip", most);
  if (keys.flag("target_sqrt", false)) out.key("target_sqrt", true);
  out.table("[train.loader]");
  out.key("batch_size", keys.whole("batch_size", 64));
  const Rule rule = keys.choice("optimizer", Rule::adam, {Rule::adam, Rule::rmsprop, Rule::momentum});
  const double beta1 = keys.number("adam_beta1", 0.9, 0, 0.999999), beta2 = keys.number("adam_beta2", 0.999, 0, 0.999999);
  const double momentum = keys.number("momentum", 0, 0, 0.999999), epsilon = keys.number("adam_eps", 1e-8, 1e-30, 1);
  if (const std::int64_t patience = keys.whole("early_stop", 0, 0); patience > 0) {
    out.table("[train.select]");
    out.key("patience", patience);
  }
  // Momentum of that TensorFlow remembers gradients, as sgd does.
  out.table("[train.optimizer]");
  out.text("name", rule == Rule::momentum ? "sgd" : rule == Rule::adam ? "adam_tensorflow" : "rmsprop_tensorflow");
  out.key("learning_rate", keys.number("learning_rate", 0.001, 1e-12, 1e3));
  if (rule == Rule::rmsprop) {
    out.key("smoothing", 0.9, "of TensorFlow");
    out.key("epsilon", 1e-10, "of TensorFlow");
  }
  if (rule == Rule::adam) {
    out.key("beta1", beta1);
    out.key("beta2", beta2);
    out.key("epsilon", epsilon);
  }
  if (rule != Rule::adam && momentum > 0) out.key("momentum", momentum);
  if (const double norm = keys.number("grad_clip", 0, 0, 1e9); norm > 0) {
    out.table("[train.clip]");
    out.key("norm", norm);
  }
  return out.result();
}

}  // namespace

Converted basenji_model(Keys keys, const ConvertOptions& options) {
  Converted result;
  result.kind = SourceKind::basenji_table;
  const Rows rows = rows_of(keys);
  Sizes sizes;
  sizes.length = keys.whole("seq_length", options.length > 0 ? options.length : 131'072, 1, 1'000'000'000);
  const std::int64_t buffer = keys.whole("batch_buffer", 0, 0, 1'000'000'000);
  for (std::size_t i = 0; i < rows.pools.size(); ++i) {
    sizes.bin *= rows.pools[i] * rows.strides[i];
    if (sizes.bin > sizes.length)
      keys.fail("cnn_pool", format("pools {} bases into one bin, more than the {} of seq_length", sizes.bin, sizes.length));
  }
  if (buffer % sizes.bin != 0) keys.fail("batch_buffer", format("is {}, no multiple of the bins of {} bases", buffer, sizes.bin));
  if (2 * buffer >= sizes.length) keys.fail("batch_buffer", format("is {}: nothing is left of {} bases", buffer, sizes.length));
  sizes.context = buffer;
  const std::int64_t targets = keys.whole("num_targets", options.targets > 0 ? options.targets : 1);
  result.model.inputs = {make_sequence(0)};
  result.model.layers = trunk_of(keys, rows);
  if (buffer > 0) result.model.layers.push_back(make_layer("crop", "crop", {{"left", buffer / sizes.bin}, {"right", buffer / sizes.bin}}));
  result.model.heads = heads_of(keys, targets);
  keys.without_counterpart("target_pool", "bins follow from the pooling", result.notes);
  keys.without_counterpart("batch_renorm", "norms are plain batch norms here", result.notes);
  keys.without_counterpart("num_genomes", "one genome is read; others are data sets of their own", result.notes);
  keys.without_counterpart("final_l1", "write l1 to the layers of the head", result.notes);
  result.comment = format("Basenji of 2018, from {}", options.file.filename().string());
  result.recipe = recipe_of(keys, sizes, options.file.filename().string());
  keys.refuse_others();
  return result;
}

}  // namespace basewise::convert::detail
