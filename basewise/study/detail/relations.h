// Two numbers of the same runs against each other.
#pragma once

#include "basewise/study/configuration.h"
#include "basewise/study/record.h"
#include "basewise/study/table.h"

namespace basewise::study::detail {

/// The runs whose rows of the present configuration have both numbers, and how their ranks go
/// together.
/// Errors: ArgumentError where several rows of a run fit one side.
RelationResult relation(const Study& study, const Relation& asked, const Record& record, Configurations& configurations,
                        double confidence);

}  // namespace basewise::study::detail
