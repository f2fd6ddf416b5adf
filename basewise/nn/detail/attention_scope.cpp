#include "basewise/nn/detail/attention_scope.h"

#include "basewise/core/error.h"
#include "basewise/nn/detail/layers_attention.h"

namespace basewise::nn::detail {

AttentionBuild*& AttentionBuild::innermost() {
  thread_local AttentionBuild* current = nullptr;
  return current;
}

AttentionBuild::AttentionBuild() : outer_(innermost()) { innermost() = this; }

AttentionBuild* AttentionBuild::current() { return innermost(); }

void AttentionBuild::close() {
  if (open_) innermost() = outer_;
  open_ = false;
}

const HeadBiases& AttentionBuild::biases(const AttentionOptions& o) {
  if (!biases_.content.defined()) {
    biases_ = {at::zeros({o.heads, o.head_width}), at::zeros({o.heads, o.head_width})};
    initialiser_ = o.initialiser;
    scale_ = o.initialiser_scale;
  }
  if (const at::IntArrayRef shared = biases_.content.sizes(); shared[0] != o.heads || shared[1] != o.head_width)
    throw ShapeError(format("it has {} heads of width {}, but shares biases with a layer of {} heads of width {}: the attention layers of "
                            "a stack must have the same heads",
                            o.heads, o.head_width, shared[0], shared[1]));
  return biases_;
}

void AttentionBuild::initialise(std::uint64_t seed, const std::string& name) {
  nn::initialise(biases_.content, initialiser_, scale_, fans(biases_.content), seed, name + ".content_bias");
  nn::initialise(biases_.position, initialiser_, scale_, fans(biases_.position), seed, name + ".position_bias");
}

AttentionPass*& AttentionPass::innermost() {
  thread_local AttentionPass* current = nullptr;
  return current;
}

AttentionPass::AttentionPass(std::int64_t halo) : outer_(innermost()), halo_(halo) { innermost() = this; }
AttentionPass::~AttentionPass() { innermost() = outer_; }
AttentionPass* AttentionPass::current() { return innermost(); }

}  // namespace basewise::nn::detail
