#include "basewise/nn/detail/weighted_layer.h"

namespace basewise::nn::detail {

void describe(Visitor& v, WeightOptions& o) {
  v("initialiser", o.initialiser, "rule for the start of the weight");
  v("initialiser_scale", o.initialiser_scale,
    "deviation of normal, half width of uniform, value of constant; a factor for the other rules");
  v("bias_initialiser", o.bias_initialiser, "rule for the start of the bias");
  v("bias_scale", o.bias_scale, "the same for the bias");
  v("l1", o.l1, "adds l1 * sum |w| of the weight to the loss", non_negative());
  v("l2", o.l2, "adds l2 * sum w^2 of the weight to the loss", non_negative());
  v("max_norm", o.max_norm, "largest L2 norm of the weights of one output channel, enforced after each step", positive());
}

}  // namespace basewise::nn::detail
