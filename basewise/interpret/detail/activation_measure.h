// The measure activations: how large what layers give is.
#pragma once

#include "basewise/run/measure.h"

namespace basewise::interpret::detail {

/// Its options stand beside its code; `basewise options measure-activations` prints them.
run::MeasureType activation_measure();

}  // namespace basewise::interpret::detail
