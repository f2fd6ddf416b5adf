// The three sets of sequences in memory: what the kinds simulation, table and fasta share.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "basewise/data/build.h"
#include "basewise/data/sequences.h"

namespace basewise::data::detail {

/// Reads sequences, splits them, and puts the views around them that the options ask for. `also_by`
/// says, for errors, by what such sequences can be split besides a fraction (" or the chromosome of
/// their names"); empty: by nothing else. `read` may add inputs.
DataSplits split_sequences(const DataOptions& options, std::uint64_t seed, std::string_view also_by,
                           const std::function<SequenceDataPtr(DataSplits&)>& read);

}  // namespace basewise::data::detail
