// Layers that hold layers.
#pragma once

#include <span>
#include "basewise/core/options.h"
#include "basewise/nn/detail/weighted_layer.h"
#include "basewise/nn/layer_types.h"

namespace basewise::nn::detail {

/// When the input of a residual block goes through a convolution of width 1 before it is added.
enum class Project { automatic, always, never };
constexpr auto words_of(Project) {
  return words<Project>({{Project::automatic, "auto", "when channels change"},
                         {Project::always, "always"},
                         {Project::never, "never", "where channels change that is an error"}});
}

/// y = f(x) + x, f being the layers inside; x is cropped to what f keeps and projected when the
/// number of channels changes.
struct ResidualOptions {
  Project project = Project::automatic;
  WeightOptions weight;  ///< of the projection
};
void describe(Visitor& v, ResidualOptions& o);

/// y = [x, f(x)]: the channels of the input, cropped to what the layers inside keep, and theirs
/// (Huang et al. 2017). With weights shared between the strands theirs stand in the middle.
struct DenseLinkOptions {};
void describe(Visitor& v, DenseLinkOptions& o);

/// Layers inside, one after the other; useful with `repeat`.
struct BlockOptions {};
void describe(Visitor& v, BlockOptions& o);

/// The types residual, dense_link and block.
std::span<const LayerType> block_layers();

}  // namespace basewise::nn::detail
