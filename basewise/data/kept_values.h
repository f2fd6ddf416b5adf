// Values that are kept for each locus, such as its labels, as a source of examples.
#pragma once

#include <string>
#include <vector>

#include "basewise/data/examples.h"

namespace basewise::data {

/// One field of float32 values that were read before: row k of `values` (N, ...) are those of locus
/// (or tile) k, NaN where nothing was measured. `field` says name, shape, strand rule, role and
/// channels. Where a value is missing anywhere, "<name>.mask" comes with every example, and missing
/// values are 0. A target makes an example positive that has a 1 in it.
/// Errors: ArgumentError for values that are no whole rows, and for windows of more loci than there
/// are rows.
SourcePtr kept_values(Field field, std::vector<float> values);

}  // namespace basewise::data
