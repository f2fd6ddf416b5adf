// Bounds of options of layers.
#pragma once

#include "basewise/core/options.h"

namespace basewise::nn::detail {

/// From 1 on.
inline Constraint count(double most = 1e6) { return between(1, most); }

/// The same where the file must say it.
inline Constraint required_count() { return required(count()); }

}  // namespace basewise::nn::detail
