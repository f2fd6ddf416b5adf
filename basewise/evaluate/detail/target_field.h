// What the schema of a data set says of a target.
#pragma once

#include <cstdint>
#include <string>

#include "basewise/data/dataset.h"

namespace basewise::evaluate::detail {

/// Whether `set`, one of those that `all` is made of, is measured by a target: of several sets
/// those that have it; a single one always, so that whoever reads a tensor that is not there can
/// say so.
bool measured_by(const data::Dataset& all, const data::Dataset& set, const std::string& target);

/// Bases that a value of this target stands for; 1 where the data set says nothing.
std::int64_t bases_per_value(const data::Dataset& set, const std::string& target);

}  // namespace basewise::evaluate::detail
