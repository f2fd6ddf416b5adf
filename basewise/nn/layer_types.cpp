// The table of all types of layers, and its reference page.
#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/nn/detail/layer_makers.h"
#include "basewise/nn/layers.h"
#include "basewise/spec/strand_forms.h"

namespace basewise::nn {
namespace {

using detail::describe_fresh;
namespace forms = spec::forms;

constexpr LayerType kTypes[] = {
    {"conv", "1-D convolution: (N, C, L) to (N, filters, L')", describe_fresh<ConvOptions>, detail::make_conv,
     &forms::kConvolution},
    {"dense", "matrix product: (N, C, L) or (N, C) to (N, units), or the channels of each position", describe_fresh<DenseOptions>,
     detail::make_dense, &forms::kDense},
    {"batch_norm", "normalises channels over batch and positions", describe_fresh<BatchNormOptions>, detail::make_batch_norm,
     &forms::kBatchNorm},
    {"layer_norm", "normalises over the channels of each position", describe_fresh<LayerNormOptions>, detail::make_layer_norm,
     &forms::kLayerNorm},
    {"pool", "maximum, mean or attention over windows of positions", describe_fresh<PoolOptions>, detail::make_pool,
     &forms::kPool},
    {"dropout", "sets random values to zero in training", describe_fresh<DropoutOptions>, detail::make_dropout,
     &forms::kDropout},
    {"activation", "a function of each value", describe_fresh<ActivationOptions>, detail::make_activation,
     &forms::kActivation},
    {"flatten", "(N, C, L) to (N, C L)", describe_fresh<FlattenOptions>, detail::make_flatten, &forms::kFlatten},
    {"crop", "cuts positions at the ends", describe_fresh<CropOptions>, detail::make_crop, &forms::kAsItIs},
    {"upsample", "more positions: repeated or interpolated", describe_fresh<UpsampleOptions>, detail::make_upsample,
     &forms::kAsItIs},
    {"residual", "the layers inside plus their input", describe_fresh<ResidualOptions>, detail::make_residual,
     &forms::kBlock},
    {"block", "the layers inside, one after the other", describe_fresh<BlockOptions>, detail::make_block,
     &forms::kBlock},
    {"rc_conv", "convolution whose kernels serve both strands: RC pairs (N, C, L) to (N, 2 filters, L')", describe_fresh<RcConvOptions>,
     detail::make_rc_conv, &forms::kStranded},
    {"rc_batch_norm", "batch_norm with statistics, scale and shift shared by the two channels of an RC pair",
     describe_fresh<BatchNormOptions>, detail::make_rc_batch_norm, &forms::kStranded},
    {"rc_dense", "matrix product with weights shared between the strands: RC pairs to invariant numbers or to pairs",
     describe_fresh<RcDenseOptions>, detail::make_rc_dense, &forms::kStranded},
    {"rc_pool", "brings the channels of RC pairs together: sum, mean, or learned weights of positions", describe_fresh<RcPoolOptions>,
     detail::make_rc_pool, &forms::kStranded},
    {"rc_wrap", "the layers inside on both strands: any layers, made equivariant", describe_fresh<RcWrapOptions>, detail::make_rc_wrap,
     &forms::kStranded},
    {"scale", "a constant factor", describe_fresh<ScaleOptions>, detail::make_scale, &forms::kAsItIs},
    {"sum_channels", "the sum over channels", describe_fresh<SumChannelsOptions>, detail::make_sum_channels,
     &forms::kAsItIs},
    {"flip_channels", "channels in reverse order", describe_fresh<FlipChannelsOptions>, detail::make_flip_channels,
     &forms::kFlipChannels},
    {"ab_conv", "convolution between channels that stay (a) and channels that change sign (b) on the other strand",
     describe_fresh<AbConvOptions>, detail::make_ab_conv, &forms::kAsItIs},
    {"ab_batch_norm", "batch_norm of a and b channels", describe_fresh<BatchNormOptions>, detail::make_ab_batch_norm,
     &forms::kAsItIs},
    {"ab_activation", "any function of a channels, an odd one of b channels", describe_fresh<AbActivationOptions>,
     detail::make_ab_activation, &forms::kAsItIs},
    {"ab_pool", "a and b channels to what is the same on both strands", describe_fresh<AbPoolOptions>, detail::make_ab_pool,
     &forms::kAsItIs},
    {"ab_basis", "RC pairs to a and b channels, and back", describe_fresh<AbBasisOptions>, detail::make_ab_basis,
     &forms::kAsItIs},
    {"kmer", "words of k letters as channels: (N, 4, L) to (N, 4^k, L - k + 1)", describe_fresh<KmerOptions>, detail::make_kmer,
     &forms::kAsItIs},
};

}  // namespace

std::span<const LayerType> layer_types() { return kTypes; }

LayerTypeScope*& LayerTypeScope::current() {
  thread_local LayerTypeScope* innermost = nullptr;
  return innermost;
}

LayerTypeScope::LayerTypeScope(std::span<const LayerType> types) : types_(types), outer_(current()) { current() = this; }
LayerTypeScope::~LayerTypeScope() { current() = outer_; }

const LayerType& layer_type(const spec::LayerSpec& spec) {
  std::vector<std::string> names;
  for (const LayerType& type : kTypes) {
    if (type.name != spec.type) {
      names.emplace_back(type.name);
      continue;
    }
    const auto holds = {detail::make_residual, detail::make_block, detail::make_rc_wrap};
    if (!spec.layers.empty() && std::find(holds.begin(), holds.end(), type.make) == holds.end())
      spec::throw_spec_error(spec.where, format("layer '{}': a {} holds no layers; only residual, block and rc_wrap do", spec.path, spec.type));
    return type;
  }
  for (const LayerTypeScope* scope = LayerTypeScope::current(); scope != nullptr; scope = scope->outer_)
    for (const LayerType& type : scope->types_) {
      if (type.name == spec.type) return type;
      names.emplace_back(type.name);
    }
  const auto near = nearest(spec.type, names);
  spec::throw_spec_error(spec.where,
                   format("layer '{}': unknown type \"{}\"; {}", spec.path, spec.type,
                          near ? format("did you mean \"{}\"?", *near) : format("expected one of: {}", fmt::join(names, ", "))));
}

const spec::StrandForm* strand_form(std::string_view type) {
  for (const LayerType& known : kTypes)
    if (known.name == type) return known.strands;
  return nullptr;
}

std::string layer_reference() {
  std::string text;
  for (const LayerType& type : kTypes) text += format("{}\n{}\n\n", to_markdown(type.describe, type.name), type.help);
  return text;
}

}  // namespace basewise::nn
