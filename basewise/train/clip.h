// Limits on gradients between the backward pass and the step.
#pragma once

#include "basewise/core/options.h"
#include "basewise/train/optimizer.h"

namespace basewise::train {

struct ClipOptions {
  double norm = 0;       ///< largest Euclidean norm of all gradients together; 0: no limit
  double value = 0;      ///< largest absolute value of a gradient component; 0: no limit
  double each_norm = 0;  ///< largest Euclidean norm of the gradient of each parameter; 0: no limit
  double adaptive = 0;   ///< largest norm of the gradient of a unit, as a share of the norm of its weights; 0: no limit
};
void describe(Visitor& v, ClipOptions& o);

/// Whether there is any limit.
bool clips(const ClipOptions& options);

/// Clips gradients in place, in this order:
/// * value: every component into [-value, value];
/// * each_norm: the gradient of a parameter times each_norm / max(norm, each_norm), as Keras'
///   clipnorm;
/// * adaptive (Brock et al. 2021): the gradient of a unit (place of the first axis; parameters with
///   one axis as a whole) whose norm is larger than adaptive max(norm of its weights, 0.001) is
///   scaled down to that;
/// * norm: all of them scaled by norm / (total + 1e-6) where their total exceeds it.
///
/// Returns the total Euclidean norm before the last of these.
double clip_gradients(const NamedParameters& parameters, const ClipOptions& options);

}  // namespace basewise::train
