// Metrics within groups of places: promoters, genes, what lies between them, any BED file.
#pragma once

#include "basewise/run/measure.h"

namespace basewise::run::detail {

MeasureType group_measure();

}  // namespace basewise::run::detail
