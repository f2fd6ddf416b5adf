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

/// A line for each side whose metric no row of the present configuration has though rows fit its
/// conditions; it names the nearest metric of these rows.
std::vector<std::string> unknown_sides(const Study& study, const Relation& asked, const Record& record,
                                       Configurations& configurations);

}  // namespace basewise::study::detail
