// Expression of genes: what is predicted and measured where genes begin, or along them.
#pragma once

#include "basewise/run/measure.h"

namespace basewise::run::detail {

MeasureType gene_measure();

}  // namespace basewise::run::detail
