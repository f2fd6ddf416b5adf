// Bounds of options that several structs of this module share.
#pragma once

#include "basewise/core/options.h"

namespace basewise::train::detail {

/// 0 <= x < 1
inline Constraint share_below_one() {
  Constraint c = fraction();
  c.maximum_open = true;
  return c;
}

/// 0 < x <= 1
inline Constraint share_above_zero() {
  Constraint c = fraction();
  c.minimum_open = true;
  return c;
}

}  // namespace basewise::train::detail
