#include "basewise/spec/strand_forms.h"

#include <algorithm>
#include <cmath>

#include "basewise/spec/series.h"

namespace basewise::spec::forms {
namespace {

SpecValue word_value(RcOutput output) { return {std::string(to_word(output)), {}}; }
SpecValue whole_value(std::int64_t number) { return {number, {}}; }

std::int64_t kept(std::int64_t filters, const SharingOptions& options) {
  return std::max<std::int64_t>(1, std::llround(options.filters * static_cast<double>(filters)));
}

SpecValue kept(const SpecValue& filters, const SharingOptions& options) {
  if (const auto* list = std::get_if<std::vector<SpecValue>>(&filters.value)) {
    std::vector<SpecValue> all;
    for (const SpecValue& one : *list) all.push_back(kept(one, options));
    return {std::move(all), filters.where};
  }
  const auto* number = std::get_if<std::int64_t>(&filters.value);
  return number ? SpecValue{kept(*number, options), filters.where}
                : filters;  // of another kind: said when the layer is built
}

/// The number of filters that stands for the layer's in a place of this kind.
SpecValue shared_filters(const LayerSpec& layer, const SpecValue& filters, const StrandPlace& place,
                         const SharingOptions& options) {
  const std::int64_t count = layer.whole("filters", 0);
  const bool end = place.head != nullptr && place.last && !place.hidden;
  if (!place.hidden && (count == 2 || (end && count == 1))) return whole_value(1);
  if (end && place.head->strands == StrandRule::complemented && count % 2 == 0) return whole_value(count / 2);
  if (end)
    refuse_sharing(
        layer, format("a head of {} channels; one or two have strands, and strands = \"complemented\" any even number",
                      count));
  const auto* rule = std::get_if<std::string>(&filters.value);
  if (rule != nullptr && is_series(*rule) && options.filters != 1)
    refuse_sharing(layer, format("strand.filters = {} cannot change the rule filters = \"{}\": give a list", options.filters, *rule));
  return kept(filters, options);
}

StrandState stranded_dense(LayerSpec layer, const StrandPlace& place, StrandWriter& out) {
  const std::int64_t units = layer.whole("units", 0);
  if (place.last && (units % 2 != 0 || (units != 2 && place.head->strands == StrandRule::paired)))
    refuse_sharing(layer, format("a head of {} numbers; of a pair of strands there are two", units));
  layer.set("units", whole_value(place.last ? units / 2 : kept(units, out.options())));
  layer.set("output", word_value(RcOutput::paired));
  layer.erase("on");
  layer.type = "rc_dense";
  out.put(std::move(layer));
  out.set_bias(HeadBias::of_pairs);
  return {StrandState::Form::pairs, false, false};
}

/// As a convolution of width 1.
LayerSpec on_channels(LayerSpec layer) {
  if (const SpecValue* units = layer.option("units")) layer.set("filters", SpecValue(*units));
  layer.erase("units");
  layer.erase("on");
  layer.set("width", whole_value(1));
  return layer;
}

}  // namespace

StrandState convolution(LayerSpec layer, const StrandPlace& place, StrandWriter& out) {
  if (layer.whole("groups", 1) != 1) refuse_sharing(layer, "groups of channels would have to be groups of pairs");
  if (layer.is("padding", Padding::causal)) refuse_sharing(layer, "causal padding treats the ends unlike; use valid or same");
  const SpecValue* filters = layer.option("filters");
  if (!filters) refuse_sharing(layer, "it says no number of filters");
  const bool summed = place.head != nullptr && place.last && !place.hidden && layer.whole("filters", 0) == 1;
  layer.set("filters", shared_filters(layer, SpecValue(*filters), place, out.options()));
  layer.type = "rc_conv";
  if (out.options().legacy_double_scale) layer.set("legacy_double_scale", {true, {}});
  const FilePosition where = layer.where;
  out.put(std::move(layer));
  out.set_bias(HeadBias::of_pairs);
  if (!summed) return {};
  out.put(made_layer("sum", "sum_channels", where));
  out.set_bias(HeadBias::of_sum);
  return {StrandState::Form::mirrored, true, true};
}

StrandState dense(LayerSpec layer, const StrandPlace& place, StrandWriter& out) {
  if (layer.is("on", DenseOn::channels)) return convolution(on_channels(std::move(layer)), place, out);
  if (place.stranded()) return stranded_dense(std::move(layer), place, out);
  const StrandState result{StrandState::Form::invariant, false, false};
  // Weights of positions and strands are all that a dense layer of one unit has.
  if (out.options().pool == StrandPool::weighted && layer.whole("units", 0) == 1 && place.head && place.last) {
    put_strand_pool(layer, place.input.positions, out, false);
    out.put(made_layer(layer.name, "sum_channels", layer.where));
    return result;
  }
  put_strand_pool(layer, place.input.positions, out);
  out.put(std::move(layer));
  return result;
}

StrandState flatten(LayerSpec layer, const StrandPlace&, StrandWriter& out) {
  if (out.options().pool == StrandPool::weighted)
    refuse_sharing(layer,
                   "strand.pool = \"weighted\" gives numbers without positions: leave the flatten out, dense layers "
                   "flatten by themselves");
  put_strand_pool(layer, true, out);
  out.put(std::move(layer));
  return {StrandState::Form::invariant, false, false};
}

StrandState batch_norm(LayerSpec layer, const StrandPlace& place, StrandWriter& out) {
  layer.type = "rc_batch_norm";
  out.put(std::move(layer));
  return place.input;
}

StrandState layer_norm(LayerSpec layer, const StrandPlace& place, StrandWriter& out) {
  if (layer.flag("affine", true)) refuse_sharing(layer, "its scale and shift of each channel; affine = false has one");
  out.put(std::move(layer));
  return place.input;
}

StrandState pool(LayerSpec layer, const StrandPlace& place, StrandWriter& out) {
  if (layer.is("kind", PoolKind::attention)) refuse_sharing(layer, "attention weighs channels by themselves; use max or mean");
  StrandState state = place.input;
  state.positions = state.positions && !layer.flag("global", false);
  out.put(std::move(layer));
  return state;
}

StrandState block(LayerSpec layer, const StrandPlace& place, StrandWriter& out) {
  StrandState state = place.input;
  const StrandState inner = out.rewrite_inside(layer, state);
  if (!inner.pairs()) refuse_sharing(layer, "what is inside gives up the strands; do that behind the block");
  state.positions = inner.positions;
  out.put(std::move(layer));
  return state;
}

}  // namespace basewise::spec::forms
