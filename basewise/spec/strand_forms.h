// The forms that layers have in a model whose weights serve both strands. A type of layer names one
// of them or brings its own.
#pragma once

#include "basewise/spec/strand_form.h"

namespace basewise::spec::forms {

/// A convolution becomes an rc_conv, two channels per filter. One of two channels without
/// activation or normalisation behind it is a profile of two strands: one filter. One of one
/// channel at the end of a head: one filter, both channels summed.
StrandState convolution(LayerSpec layer, const StrandPlace& place, StrandWriter& out);

/// A dense layer: on channels, a convolution of width 1; in a head of two strands an rc_dense with
/// paired output; else the strands come together before it.
StrandState dense(LayerSpec layer, const StrandPlace& place, StrandWriter& out);

/// The strands come together before it.
StrandState flatten(LayerSpec layer, const StrandPlace& place, StrandWriter& out);

/// Statistics, scale and shift of a channel: those of its pair.
StrandState batch_norm(LayerSpec layer, const StrandPlace& place, StrandWriter& out);

/// Stays, without scale and shift.
StrandState layer_norm(LayerSpec layer, const StrandPlace& place, StrandWriter& out);

/// Stays, unless channels have weights of their own.
StrandState pool(LayerSpec layer, const StrandPlace& place, StrandWriter& out);

/// What is inside is rewritten.
StrandState block(LayerSpec layer, const StrandPlace& place, StrandWriter& out);

using Role = StrandForm::Role;
inline constexpr StrandForm kAsItIs{};
inline constexpr StrandForm kConvolution{.role = Role::filters, .rewrite = convolution};
inline constexpr StrandForm kDense{.role = Role::readout, .rewrite = dense};
inline constexpr StrandForm kFlatten{.role = Role::readout, .rewrite = flatten};
inline constexpr StrandForm kBatchNorm{.role = Role::finish, .rewrite = batch_norm};
inline constexpr StrandForm kLayerNorm{.role = Role::finish, .rewrite = layer_norm};
inline constexpr StrandForm kActivation{.role = Role::finish};
inline constexpr StrandForm kDropout{.role = Role::along};
inline constexpr StrandForm kPool{.rewrite = pool};
inline constexpr StrandForm kBlock{.rewrite = block};
inline constexpr StrandForm kFlipChannels{.reads_mirrored = true};
inline constexpr StrandForm kStranded{.role = Role::stranded};

}  // namespace basewise::spec::forms
