// A plain model file to one that is equivariant by itself: filters shared between the strands, or layers wrapped.
#pragma once

#include <string>
#include <vector>

namespace basewise::spec {

/// How `share_strands` rewrites.
struct SharingOptions {
  bool wrapped = false;                     ///< hybrid: the layers of `wrap` stay as they are inside an rc_wrap; the others are shared
  double filters = 1.0;                     ///< share of the filters that shared convolutions keep, rounded, at least one; (0, 1]
  std::string pool = "sum";                 ///< sum, mean or weighted: how the strands come together before layers that know no strands
  std::vector<std::string> wrap = {"all"};  ///< all, early, late, or names of layers: convolutions and blocks that hold some
  bool legacy_double_scale = false;         ///< of shared convolutions
};

/// Rewrites a model file so that every output obeys f(RC x) = RC f(x), RC by `nn::Model::strand_rule`; the result is a model file with the
/// names of the plain one:
///
/// * conv, and dense on channels: rc_conv, two channels per filter; batch_norm: rc_batch_norm; pooling, activations, dropout, crops,
/// residual blocks stay.
/// * dense and flatten that lead to outputs without strands: an rc_pool before them. `pool` weighted before a dense layer of one unit takes
/// its place, as
///   published (Zhou et al. 2022, "RCWeight"); before others a sum of pairs follows.
/// * dense in a head of two strands (strands = "paired", two units): rc_dense with paired output.
/// * A convolution of two channels without activation or normalisation behind it is a profile of two strands: rc_conv of one filter; of one
/// channel, at the
///   end of a head: rc_conv of one filter, both channels summed.
/// * Tracks without strand (mirrored inputs, features) that are concatenated with what has strands go on both sides: [reversed, pairs, as
/// they are].
/// * wrapped: successive layers of `wrap` become one rc_wrap with what stands between them; "early" leaves out the last of the model's
/// convolutions before
///   its heads, "late" the first.
///
/// `nn::build_equivariant_model` builds the result and checks the symmetry of every layer and output. Errors: those of `parse_spec`;
/// ArgumentError with file, line and layer for what has no form of two strands.
std::string share_strands(const std::string& toml, const std::string& origin, const SharingOptions& options);

}  // namespace basewise::spec
