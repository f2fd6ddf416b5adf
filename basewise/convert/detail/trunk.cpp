#include "basewise/convert/detail/trunk.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/spec/series.h"

namespace basewise::convert::detail {

using Json = nlohmann::ordered_json;

/// A convolution and what stands around it.
struct Trunk::Conv {
  spec::SpecValue filters = {};
  std::int64_t width = 1, stride = 1, pool = 1, dilation = 1;
  double dropout = 0, momentum = 0.01, l2 = 0;
  std::string function, last_function, initialiser;
  NormWord norm = NormWord::none;
  std::optional<double> scale;  // of the norm at the start
};

namespace {

constexpr std::int64_t kMost = 1'000'000;

spec::SpecValue whole(std::int64_t n) { return {n, {}}; }

/// The filters of a tower as a rule along its repetitions, and how many the last has.
std::pair<spec::SpecValue, std::int64_t> tower_filters(Keys& keys, std::int64_t repeat) {
  const std::int64_t first = keys.whole("filters_init", 0, 1, kMost), multiple = keys.whole("divisible_by", 1, 1, kMost);
  if (!keys.has("filters_init")) keys.fail("filters_init", "is missing");
  const bool ends = keys.has("filters_end");
  const double factor = keys.number("filters_mult", 1, 0.01, 100);
  std::string rule = ends && !keys.has("filters_mult") ? format("from {} to {}", first, keys.whole("filters_end", 1, 1, kMost))
                                                       : format("from {} times {}", first, factor);
  if (ends) keys.whole("filters_end", 1, 1, kMost);
  if (multiple > 1) rule += format(", multiples of {}", multiple);
  const std::int64_t last = spec::series_value(rule, repeat - 1, repeat, {keys.place(), 0, 0}, "filters");
  return {{std::move(rule), {}}, last};
}

}  // namespace

std::string Trunk::function_of(Keys& keys, std::string_view key, const std::string& otherwise) const {
  const std::string word = keys.text(key, otherwise);
  return word == kGelu ? gelu_ : word;
}

std::string Trunk::initialiser_of(Keys& keys) const {
  switch (keys.choice("kernel_initializer", StartWord::he_normal)) {
    case StartWord::he_normal:
      return "kaiming_truncated";
    case StartWord::he_uniform:
      return "kaiming_uniform";
    case StartWord::glorot_normal:
      return "glorot_truncated";
    case StartWord::glorot_uniform:
      return "glorot_uniform";
    case StartWord::lecun_normal:
      return "lecun_truncated";
    case StartWord::lecun_uniform:
      return "lecun_uniform";
  }
  throw InternalError("unknown start");
}

Trunk::Conv Trunk::conv_of(Keys& keys) const {
  Conv conv;
  conv.filters = whole(keys.whole("filters", flow_.channels, 1, kMost));
  conv.width = keys.whole("kernel_size", 1, 1, kMost);
  conv.stride = keys.whole("stride", 1, 1, kMost);
  conv.pool = keys.whole("pool_size", 1, 1, kMost);
  conv.dilation = keys.whole("dilation_rate", 1, 1, kMost);
  conv.dropout = keys.number("dropout", 0, 0, 0.99);
  conv.momentum = 1 - keys.number("bn_momentum", 0.99, 0, 1);
  conv.momentum = std::round(conv.momentum * 1e9) / 1e9;  // 0.1, not 0.09999999999999998
  conv.l2 = keys.number("l2_scale", 0, 0, 1e3);
  conv.function = function_of(keys, "activation", "relu");
  conv.last_function = function_of(keys, "activation_end", "");
  conv.initialiser = initialiser_of(keys);
  conv.norm = keys.choice("norm_type", NormWord::none);
  if (!keys.has("norm_type") && keys.flag("batch_norm", false)) conv.norm = NormWord::batch;
  // The convolutions of the program are padded whatever it says; `padding` is that of its pooling,
  // whose windows are whole here.
  keys.text("padding", "same");
  if (conv.pool > 1) keys.choice("pool_type", PoolWord::max);
  keys.text("pool_type", "max");
  keys.choice("conv_type", ConvWord::standard);
  return conv;
}

Layers Trunk::conv_layers(const Conv& conv, const std::string& prefix) const {
  LayerSpec layer = make_layer(prefix + "conv", "conv", {{"filters", conv.filters}, {"width", conv.width}});
  if (conv.stride != 1) layer.set("stride", whole(conv.stride));
  if (conv.dilation != 1) layer.set("dilation", whole(conv.dilation));
  layer.set("initialiser", {conv.initialiser, {}});
  layer.set("bias_initialiser", {std::string("zeros"), {}});
  if (conv.l2 > 0) layer.set("l2", {conv.l2, {}});
  return {layer};
}

Layers Trunk::finish(const Conv& conv) const {
  Layers layers;
  if (conv.dropout > 0) layers.push_back(make_layer("dropout", "dropout", {{"rate", conv.dropout}}));
  for (LayerSpec& one : make_function("last_function", conv.last_function)) layers.push_back(std::move(one));
  if (conv.pool > 1) layers.push_back(make_layer("pool", "pool", {{"kind", "max"}, {"width", conv.pool}}));
  return layers;
}

namespace {

void add(Layers& to, Layers more) { to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end())); }

Layers norm_layer(const std::string& name, NormWord kind, double momentum, std::optional<double> scale) {
  if (kind == NormWord::none) return {};
  if (kind == NormWord::layer) return {make_layer(name, "layer_norm", {{"eps", 0.001}})};
  LayerSpec layer = make_layer(name, "batch_norm", {{"eps", 0.001}, {"momentum", momentum}});
  if (scale) layer.set("scale_initial", {*scale, {}});
  return {layer};
}

void without_bias(Layers& layers) {
  layers.back().erase("bias_initialiser");
  layers.back().set("bias", {false, {}});
}

}  // namespace

// Function, convolution (with a bias where no norm follows), norm.
Layers Trunk::conv_block(const Conv& conv, const std::string& prefix) const {
  Layers layers = make_function(prefix + "function", conv.function);
  add(layers, conv_layers(conv, prefix));
  if (conv.norm != NormWord::none) without_bias(layers);
  add(layers, norm_layer(prefix + "norm", conv.norm, conv.momentum, conv.scale));
  return layers;
}

// Norm, function, convolution.
Layers Trunk::conv_nac(const Conv& conv) const {
  Layers layers = norm_layer("norm", conv.norm, conv.momentum, {});
  add(layers, make_function("function", conv.function));
  add(layers, conv_layers(conv, ""));
  return layers;
}

void Trunk::put(std::string_view word, const std::string& type, Layers inside, std::int64_t repeat) {
  const std::string name(word);
  std::int64_t same = 0;
  for (const LayerSpec& layer : layers_) same += layer.name == name || layer.name.starts_with(name + "_") ? 1 : 0;
  LayerSpec block = make_layer(same == 0 ? name : format("{}_{}", name, same + 1), type);
  block.layers = std::move(inside);
  block.repeat = repeat;
  layers_.push_back(std::move(block));
}

void Trunk::pooled(Keys& keys, std::int64_t width, const std::string& key) {
  if (flow_.length % width != 0 || flow_.length < width)
    keys.fail(key, format("is {}, and {} positions are no whole number of it", width, flow_.length));
  flow_.length /= width;
  flow_.stride *= width;
}

bool Trunk::append(const Json& block, const std::string& place) {
  Keys keys(block, place, {}, &defaults_);
  const std::string name = keys.text("name", "");
  const std::optional<BlockWord> word = find_choice<BlockWord>(name);
  if (!word) return false;
  if (flow_.flat && *word != BlockWord::dense_block)
    keys.fail("name", format("is \"{}\" behind a block that flattens: no positions are left", name));
  bool known = true;
  try {
    known = convert(keys, *word);
  } catch (ArgumentError& e) {
    throw DataError(format("{}: {}", place, e.what()));
  }
  if (known) keys.refuse_others();
  return known;
}

bool Trunk::convert(Keys& keys, BlockWord block) {
  switch (block) {
    case BlockWord::conv_block:
    case BlockWord::conv_dna:
    case BlockWord::conv_nac:
      return single(keys, block);
    case BlockWord::conv_tower:
    case BlockWord::conv_tower_nac:
    case BlockWord::res_tower:
      return tower(keys, block);
    case BlockWord::dilated_residual:
    case BlockWord::dilated_dense:
      return dilated(keys, block);
    case BlockWord::dense_block:
      return dense(keys);
    case BlockWord::crop:
      return crop(keys);
    case BlockWord::final:
    case BlockWord::dense:
      break;
  }
  return false;
}

bool Trunk::single(Keys& keys, BlockWord block) {
  Conv conv = conv_of(keys);
  if (keys.flag("residual", false) || keys.flag("se", false)) return false;
  Layers inside;
  if (block == BlockWord::conv_dna) {
    const std::string function = std::exchange(conv.function, "");
    inside = conv_block(conv);
    // Where the file says use_bias it counts, whether a norm follows or not.
    if (keys.has("use_bias")) inside.front().set("bias", {keys.flag("use_bias", true), {}});
    add(inside, make_function("function", function));
  } else {
    inside = block == BlockWord::conv_nac ? conv_nac(conv) : conv_block(conv);
  }
  add(inside, finish(conv));
  put(to_word(block), "block", std::move(inside), 0);
  flow_.channels = std::get<std::int64_t>(conv.filters.value);
  pooled(keys, conv.stride, "stride");
  pooled(keys, conv.pool, "pool_size");
  return true;
}

bool Trunk::tower(Keys& keys, BlockWord block) {
  const std::int64_t repeat = keys.whole("repeat", 1, 1, 1000);
  Conv conv = conv_of(keys);
  const auto [filters, last] = tower_filters(keys, repeat);
  conv.filters = filters;
  if (block == BlockWord::res_tower) {
    if (!keys.has("pool_size")) conv.pool = 2;
    if (keys.whole("num_convs", 2, 1, 100) != 1 || conv.norm == NormWord::none) return false;
  }
  Layers inside = block == BlockWord::conv_tower ? conv_block(conv) : conv_nac(conv);
  add(inside, finish(conv));
  put(to_word(block), "block", std::move(inside), repeat);
  for (std::int64_t i = 0; i < repeat; ++i) {
    pooled(keys, conv.stride, "stride");
    pooled(keys, conv.pool, "pool_size");
  }
  flow_.channels = last;
  return true;
}

bool Trunk::dilated(Keys& keys, BlockWord block) {
  const std::int64_t repeat = keys.whole("repeat", 1, 1, 1000);
  const double factor = keys.number("rate_mult", 2, 1, 100);
  const bool rounded = keys.flag("round", false);
  Conv conv = conv_of(keys);
  if (!keys.has("filters")) keys.fail("filters", "is missing");
  if (!keys.has("kernel_size")) conv.width = 3;
  const double dropout = std::exchange(conv.dropout, 0);
  if (conv.pool != 1 || conv.stride != 1) keys.fail("pool_size", "of dilated blocks cannot be converted: positions must stay");
  Layers inside = conv_block(conv);
  // Behind the function, if there is one.
  const std::size_t at = make_function("function", conv.function).size();
  inside[at].set("dilation", {format("from 1 times {}{}", factor, rounded ? ", rounded" : ""), {}});
  const auto filters = std::get<std::int64_t>(conv.filters.value);
  if (block == BlockWord::dilated_dense) {
    put(to_word(block), "dense_link", std::move(inside), repeat);
    flow_.channels += repeat * filters;
    return true;
  }
  // Without a norm its program multiplies by a learned scale instead.
  if (conv.norm == NormWord::none) return false;
  conv.filters = whole(flow_.channels), conv.width = 1, conv.dropout = dropout;
  if (conv.norm != NormWord::layer) conv.scale = 0.0;
  add(inside, conv_block(conv, "back_"));
  add(inside, finish(conv));
  put(to_word(block), "residual", std::move(inside), repeat);
  return true;
}

bool Trunk::dense(Keys& keys) {
  const std::int64_t units = keys.whole("units", flow_.channels, 1, kMost);
  const bool flatten = keys.flag("flatten", false);
  const Conv conv = conv_of(keys);
  if (keys.flag("residual", false)) return false;
  Layers inside = make_function("function", conv.function);
  inside.push_back(make_layer("dense", "dense", {{"units", units}}));
  if (!flatten && !flow_.flat) inside.back().set("on", {std::string("channels"), {}});
  inside.back().set("initialiser", {conv.initialiser, {}});
  inside.back().set("bias_initialiser", {std::string("zeros"), {}});
  if (const double l1 = keys.number("l1_scale", 0, 0, 1e3); l1 > 0) inside.back().set("l1", {l1, {}});
  if (conv.l2 > 0) inside.back().set("l2", {conv.l2, {}});
  if (conv.norm != NormWord::none) without_bias(inside);
  add(inside, norm_layer("norm", conv.norm, conv.momentum, {}));
  add(inside, finish(conv));
  put(to_word(BlockWord::dense_block), "block", std::move(inside), 0);
  flow_.channels = units;
  flow_.flat = flow_.flat || flatten;
  return true;
}

bool Trunk::crop(Keys& keys) {
  const auto ends = keys.wholes("cropping", {0}, 0, 1'000'000'000);
  if (ends.empty() || ends.size() > 2) keys.fail("cropping", format("has {} values; expected one or two", ends.size()));
  if (ends.front() != ends.back()) keys.fail("cropping", "cuts unlike at both ends, which no recipe can say of its windows");
  if (2 * ends[0] >= flow_.length) keys.fail("cropping", format("leaves nothing of {} positions", flow_.length));
  put("crop", "crop", {}, 0);
  layers_.back().set("left", whole(ends[0]));
  layers_.back().set("right", whole(ends[0]));
  flow_.length -= 2 * ends[0];
  flow_.cut += ends[0] * flow_.stride;
  return true;
}

void Trunk::append_function(const std::string& name, const std::string& word) {
  for (LayerSpec& layer : make_function(name, word)) layers_.push_back(std::move(layer));
}

}  // namespace basewise::convert::detail
