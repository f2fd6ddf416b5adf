// The measure localisation: whether first-layer activations say where motifs were planted.
#pragma once

#include "basewise/run/measure.h"

namespace basewise::interpret::detail {

/// Its options stand beside its code; `basewise options measure-localisation` prints them.
run::MeasureType localisation_measure();

}  // namespace basewise::interpret::detail
