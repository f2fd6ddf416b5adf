#include "basewise/spec/detail/architectures.h"

#include <algorithm>

#include "basewise/spec/detail/named_layers.h"

namespace basewise::spec::detail {
namespace {

constexpr std::int64_t kShort = 40;  // bases: below, pooling leaves too little

/// Heads of one answer per sequence behind the last layer.
void heads_of_sequences(NamedLayers& layers) {
  for (const HeadTask& head : layers.task().heads) {
    if (head.positions)
      layers.refuse(format(
          "it answers once for a sequence, and the target of '{}' has a value for each of its positions; take \"dilated\" or \"bpnet\"",
          head.name));
    layers.head(head, {}, NamedLayers::dense("dense", head.channels));
  }
}

/// Bases per value of the heads that have positions; 1 where none has.
std::int64_t common_bin(const NamedLayers& layers) {
  std::int64_t bin = 0;
  for (const HeadTask& head : layers.task().heads) {
    if (!head.positions) continue;
    if (bin > 0 && head.bin != bin)
      layers.refuse(format("its heads answer for bins of one size, and the targets have bins of {} and of {} bases", bin, head.bin));
    bin = head.bin;
  }
  return std::max<std::int64_t>(1, bin);
}

/// 64 = 4 x 4 x 4, 75 = 3 x 5 x 5, 2 = 2.
std::vector<std::int64_t> pools_of(std::int64_t bin) {
  std::vector<std::int64_t> pools;
  while (bin % 4 == 0) pools.push_back(4), bin /= 4;
  for (std::int64_t prime = 2; bin > 1; ++prime)
    while (bin % prime == 0) pools.push_back(prime), bin /= prime;
  return pools;
}

/// What valid convolutions take away: `layers` of width 3 with dilations 2, 4, 8, ...
std::int64_t taken_by(std::int64_t layers) { return 2 * ((std::int64_t{2} << layers) - 2); }

struct BpnetSizes {
  std::int64_t filters = 64;
  std::int64_t width = 21;
  std::int64_t layers = 9;
  bool padded = false;    ///< with zeros: the data has no context
  std::int64_t rest = 0;  ///< positions that are left over at both ends together
};

BpnetSizes bpnet_sizes(const NamedLayers& layers) {
  const NamedModel& o = layers.model();
  const ModelTask& task = layers.task();
  BpnetSizes s{.filters = o.filters.value_or(64), .width = o.width.value_or(21), .layers = o.layers.value_or(9)};
  if (s.width % 2 == 0 || o.profile_width % 2 == 0)
    layers.refuse(format("width = {} and profile_width = {} must be odd, so that both sides get the same", s.width, o.profile_width));
  s.padded = task.context == 0;
  if (s.padded) return s;
  const std::int64_t ends = s.width + o.profile_width - 2, both = 2 * task.context;
  if (!o.layers)
    while (s.layers > 1 && ends + taken_by(s.layers) > both) --s.layers;
  s.rest = both - ends - taken_by(s.layers);
  if (s.rest < 0)
    layers.refuse(
        format("{} dilated convolutions need {} more bases of sequence than of profile, and the data has {}; raise data.profile.input{}",
               s.layers, ends + taken_by(s.layers), both, o.layers ? ", or lower model.layers" : ""));
  return s;
}

/// A profile, with the control beside it where there is one.
void profile_head(NamedLayers& layers, const HeadTask& head, const char* padding) {
  if (head.bin != 1)
    layers.refuse(format("it answers at every base, and the target of '{}' has bins of {} bases; take \"dilated\"", head.name, head.bin));
  const std::int64_t width = layers.model().profile_width;
  if (layers.task().control_channels == 0) {
    layers.head(head, {"body"}, NamedLayers::conv("conv", head.channels, width, padding));
    return;
  }
  LayerSpec wide = NamedLayers::conv(head.name + "_conv", head.channels, width, padding);
  wide.from = {"body"};
  const std::string name = layers.add(std::move(wide)).name;
  layers.head(head, {name, "control_profile"}, NamedLayers::conv("conv", head.channels, 1, "same"));
}

}  // namespace

ModelSpec cnn(const NamedModel& o, const ModelTask& task) {
  NamedLayers layers(o, task);
  const bool tiny = task.length > 0 && task.length < kShort;
  const std::int64_t filters = o.filters.value_or(64);
  layers.sequence(true);
  layers.add_normalised(NamedLayers::conv("motifs", filters, o.width.value_or(tiny ? 7 : 15), "same"));
  if (!tiny) layers.add(NamedLayers::pool("motifs_pool", 4));
  layers.add_normalised(NamedLayers::conv("pairs", filters, tiny ? 3 : 7, "same"));
  if (o.positions) {
    if (!tiny) layers.add(NamedLayers::pool("pairs_pool", 4));
    layers.add_normalised(NamedLayers::dense("hidden", o.units.value_or(64)));
  } else {
    if (o.units) layers.refuse("units are those of the layer that positions = true adds; set it, or leave them out");
    layers.add(NamedLayers::global_pool("anywhere", "max"));
  }
  layers.add_dropout(o.dropout.value_or(0.2));
  heads_of_sequences(layers);
  return layers.finish();
}

ModelSpec basset(const NamedModel& o, const ModelTask& task) {
  NamedLayers layers(o, task);
  const std::int64_t first = o.filters.value_or(300), others = std::max<std::int64_t>(1, first * 2 / 3);
  const std::int64_t width = o.width.value_or(19), units = o.units.value_or(1000);
  const std::int64_t shortest = width - 1 + 3 * (10 + 4 * (6 + 4));
  if (task.length > 0 && task.length < shortest)
    layers.refuse(format("it reads sequences of {} bases or more, and these have {}; take \"cnn\"", shortest, task.length));
  layers.sequence(true);
  layers.add_normalised(NamedLayers::conv("conv_1", first, width, "valid"));
  layers.add(NamedLayers::pool("pool_1", 3));
  layers.add_normalised(NamedLayers::conv("conv_2", others, 11, "valid"));
  layers.add(NamedLayers::pool("pool_2", 4));
  layers.add_normalised(NamedLayers::conv("conv_3", others, 7, "valid"));
  layers.add(NamedLayers::pool("pool_3", 4));
  layers.add_normalised(NamedLayers::dense("dense_1", units));
  layers.add_normalised(NamedLayers::dense("dense_2", units));
  layers.add_dropout(o.dropout.value_or(0.3));
  heads_of_sequences(layers);
  return layers.finish();
}

ModelSpec dilated(const NamedModel& o, const ModelTask& task) {
  NamedLayers layers(o, task);
  const std::int64_t filters = o.filters.value_or(64), bin = common_bin(layers);
  if (task.length % bin != 0 || task.context % bin != 0)
    layers.refuse(format("{} bases with {} of context at each side are no whole number of bins of {}; change data.genome.window or context",
                         task.length, task.context, bin));
  const bool along = std::any_of(task.heads.begin(), task.heads.end(), [](const HeadTask& head) { return head.positions; });
  layers.sequence(!along);
  layers.add_normalised(NamedLayers::conv("stem", filters, o.width.value_or(19), "same"));
  std::int64_t number = 0;
  for (const std::int64_t width : pools_of(bin)) {
    ++number;
    layers.add(NamedLayers::pool(format("pool_{}", number), width));
    layers.add_normalised(NamedLayers::conv(format("tower_{}", number), filters, 5, "same"));
  }
  layers.add_body(o.layers.value_or(6), filters, true, "same");
  const bool apart = std::any_of(task.heads.begin(), task.heads.end(), [](const HeadTask& head) { return !head.positions; });
  std::string last = "body";
  if (along && task.context > 0) {
    layers.add_crop("trim", task.context / bin, task.context / bin);
    last = "trim";
  }
  if (apart) layers.add(NamedLayers::global_pool("pooled", "mean"));
  for (const HeadTask& head : task.heads) {
    if (head.positions)
      layers.head(head, {last}, NamedLayers::conv("conv", head.channels, 1, "same"));
    else
      layers.head(head, {"pooled"}, NamedLayers::dense("dense", head.channels));
  }
  return layers.finish();
}

ModelSpec bpnet(const NamedModel& o, const ModelTask& task) {
  NamedLayers layers(o, task);
  const auto has = [&](bool positions) {
    return std::any_of(task.heads.begin(), task.heads.end(), [&](const HeadTask& head) { return head.positions == positions; });
  };
  if (!has(true)) layers.refuse("it answers at every base, and the data has one answer per sequence; take \"cnn\" or \"basset\"");
  const BpnetSizes s = bpnet_sizes(layers);
  const char* padding = s.padded ? "same" : "valid";
  layers.sequence(true);
  layers.controls();
  layers.add(NamedLayers::conv("stem", s.filters, s.width, padding));
  layers.add(NamedLayers::relu("stem_relu"));
  layers.add_crop("trim", s.rest / 2, s.rest - s.rest / 2);
  layers.add_body(s.layers, s.filters, false, padding);
  if (has(false)) {
    LayerSpec pooled = NamedLayers::global_pool("pooled", "mean");
    pooled.from = {"body"};
    layers.add(std::move(pooled));
  }
  for (const HeadTask& head : task.heads) {
    if (head.positions) {
      profile_head(layers, head, padding);
      continue;
    }
    std::vector<std::string> from{"pooled"};
    if (task.control_counts) from.emplace_back("control_counts");
    layers.head(head, std::move(from), NamedLayers::dense("dense", head.channels));
  }
  return layers.finish();
}

}  // namespace basewise::spec::detail
