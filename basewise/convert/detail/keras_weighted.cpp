#include "basewise/convert/detail/keras_weighted.h"

#include <cmath>

namespace basewise::convert::detail {
namespace {

// (width, channels, filters) to (filters, channels, width).
std::vector<float> filters_first(const std::vector<float>& x, std::int64_t width, std::int64_t channels, std::int64_t filters) {
  std::vector<float> y(x.size());
  for (std::int64_t w = 0; w < width; ++w)
    for (std::int64_t c = 0; c < channels; ++c)
      for (std::int64_t f = 0; f < filters; ++f)
        y[static_cast<std::size_t>((f * channels + c) * width + w)] = x[static_cast<std::size_t>((w * channels + c) * filters + f)];
  return y;
}

void give_bias(KerasBuilder& builder, const KerasLayer& layer, const std::string& name, std::int64_t count) {
  builder.give_weight(layer, "bias", name + ".bias", {count}, builder.weight(layer, "bias", {count}), "as it is");
}

/// What convolutions say of their windows.
struct Windows {
  std::int64_t width, stride, dilation;
  std::string padding;
  explicit Windows(Keys& keys)
      : width(along(keys, "kernel_size", 1)),
        stride(along(keys, "strides", 1)),
        dilation(along(keys, "dilation_rate", 1)),
        padding(keys.text("padding", "valid")) {
    channels_last(keys);
  }
  void write(KerasBuilder& builder, const KerasLayer& from, LayerSpec& layer, KerasValue& value) const {
    layer.set("width", {width, {}});
    if (stride > 1) layer.set("stride", {stride, {}});
    if (dilation > 1) layer.set("dilation", {dilation, {}});
    value.length = pad(builder, from, layer, padding, value.length, (width - 1) * dilation + 1, stride);
  }
};

void conv1d(KerasBuilder& builder, const KerasLayer& layer) {
  KerasValue value = builder.only_source(layer, true);
  Keys keys = builder.config(layer);
  const Windows windows(keys);
  const std::int64_t filters = keys.whole("filters", 0), groups = keys.whole("groups", 1);
  const bool bias = keys.flag("use_bias", true);
  if (value.channels % groups != 0) keys.fail("groups", format("is {}, and {} channels are no multiple of it", groups, value.channels));
  const std::int64_t channels = value.channels / groups;
  LayerSpec conv = make_layer(builder.name_of(layer), "conv", {{"filters", filters}});
  windows.write(builder, layer, conv, value);
  if (groups > 1) conv.set("groups", {groups, {}});
  if (!bias) conv.set("bias", {false, {}});
  const auto kernel = builder.weight(layer, "kernel", {windows.width, channels, filters});
  value.name = builder.put(std::move(conv), {value.name});
  value.channels = filters;
  builder.give_weight(layer, "kernel", value.name + ".weight", {filters, channels, windows.width},
                      filters_first(kernel, windows.width, channels, filters), "(width, channels, filters) to (filters, channels, width)");
  if (bias) give_bias(builder, layer, value.name, filters);
  builder.put_function(layer, value, function_word(keys.value("activation")));
  builder.give(layer, value);
}

// Two convolutions: of each channel alone, then of width 1.
void separable(KerasBuilder& builder, const KerasLayer& layer) {
  KerasValue value = builder.only_source(layer, true);
  Keys keys = builder.config(layer);
  const Windows windows(keys);
  const std::int64_t filters = keys.whole("filters", 0), times = keys.whole("depth_multiplier", 1), channels = value.channels;
  const bool bias = keys.flag("use_bias", true);
  const auto depth = builder.weight(layer, "depthwise_kernel", {windows.width, channels, times});
  const auto point = builder.weight(layer, "pointwise_kernel", {1, channels * times, filters});
  const std::string name = builder.name_of(layer);
  LayerSpec each = make_layer(name + "_depth", "conv", {{"filters", channels * times}});
  windows.write(builder, layer, each, value);
  each.set("groups", {channels, {}});
  each.set("bias", {false, {}});
  value.name = builder.put(std::move(each), {value.name});
  // Filter c m + t reads channel c.
  builder.give_weight(layer, "depthwise_kernel", value.name + ".weight", {channels * times, 1, windows.width},
                      filters_first(depth, windows.width, 1, channels * times), "(width, channels, multiplier) to (filters, 1, width)");
  LayerSpec mix = make_layer(name, "conv", {{"filters", filters}, {"width", 1}});
  if (!bias) mix.set("bias", {false, {}});
  value.name = builder.put(std::move(mix), {value.name});
  value.channels = filters;
  builder.give_weight(layer, "pointwise_kernel", value.name + ".weight", {filters, channels * times, 1},
                      filters_first(point, 1, channels * times, filters), "(1, channels, filters) to (filters, channels, 1)");
  if (bias) give_bias(builder, layer, value.name, filters);
  builder.put_function(layer, value, function_word(keys.value("activation")));
  builder.give(layer, value);
}

void dense(KerasBuilder& builder, const KerasLayer& layer) {
  KerasValue value = builder.only_source(layer);
  Keys keys = builder.config(layer);
  const std::int64_t units = keys.whole("units", 0), rows = value.channels, length = value.flattened;
  const bool bias = keys.flag("use_bias", true);
  LayerSpec spec = make_layer(builder.name_of(layer), "dense", {{"units", units}});
  if (value.positions) spec.set("on", {std::string("channels"), {}});
  if (!bias) spec.set("bias", {false, {}});
  auto kernel = builder.weight(layer, "kernel", {rows, units});
  std::string how = "(inputs, units) to (units, inputs)";
  if (length > 0) {
    kernel = rows_by_channel(kernel, length, units);
    how += ", inputs from position by position to channel by channel";
  }
  value.name = builder.put(std::move(spec), {value.name});
  value.channels = units;
  value.flattened = 0;
  builder.give_weight(layer, "kernel", value.name + ".weight", {units, rows}, filters_first(kernel, 1, rows, units), how);
  if (bias) give_bias(builder, layer, value.name, units);
  builder.put_function(layer, value, function_word(keys.value("activation")));
  builder.give(layer, value);
}

// Of a norm: the file may leave out scale or shift, ours has both or none.
void give_norm(KerasBuilder& builder, const KerasLayer& layer, const KerasValue& value, const std::string& name, const std::string& target,
               float otherwise) {
  std::vector<float> values(static_cast<std::size_t>(value.channels), otherwise);
  std::string how = "the file has none";
  if (builder.has_weight(layer, name)) {
    values = builder.weight(layer, name, {value.channels});
    how = "as it is";
    if (value.flattened > 0) values = rows_by_channel(values, value.flattened, 1), how = "from position by position to channel by channel";
  }
  builder.give_weight(layer, name, target, {value.channels}, std::move(values), how);
}

void norm(KerasBuilder& builder, const KerasLayer& layer, bool batch) {
  KerasValue value = builder.only_source(layer);
  Keys keys = builder.config(layer);
  last_axis(keys, value);
  const bool affine = keys.flag("scale", true) || keys.flag("center", true);
  const double eps = keys.number("epsilon", 0.001, 1e-12, 1), momentum = keys.number("momentum", 0.99, 0, 1);
  if (!batch && value.flattened > 0) throw NoCounterpart("it normalises over flattened positions");
  LayerSpec spec = make_layer(builder.name_of(layer), batch ? "batch_norm" : "layer_norm", {{"eps", eps}});
  if (batch) spec.set("momentum", {std::round((1 - momentum) * 1e9) / 1e9, {}});  // 0.01, not 0.010000000000000009
  if (!affine) spec.set("affine", {false, {}});
  value.name = builder.put(std::move(spec), {value.name});
  if (affine) {
    give_norm(builder, layer, value, "gamma", value.name + ".weight", 1);
    give_norm(builder, layer, value, "beta", value.name + ".bias", 0);
  }
  if (batch) {
    give_norm(builder, layer, value, "moving_mean", value.name + ".running_mean", 0);
    give_norm(builder, layer, value, "moving_variance", value.name + ".running_var", 1);
  }
  builder.give(layer, value);
}

void batch_norm(KerasBuilder& builder, const KerasLayer& layer) { norm(builder, layer, true); }
void layer_norm(KerasBuilder& builder, const KerasLayer& layer) { norm(builder, layer, false); }

}  // namespace

std::span<const KerasType> keras_weighted() {
  static constexpr KerasType kTypes[] = {{"Conv1D", conv1d},
                                         {"Convolution1D", conv1d},
                                         {"ConvDNA", conv1d},  // of Concise
                                         {"SeparableConv1D", separable},
                                         {"Dense", dense},
                                         {"BatchNormalization", batch_norm},
                                         {"SyncBatchNormalization", batch_norm},
                                         {"LayerNormalization", layer_norm}};
  return kTypes;
}

}  // namespace basewise::convert::detail
