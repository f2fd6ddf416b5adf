// From the attributions of a set to the thresholds of TF-MoDISco's windows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "basewise/motifs/seqlets.h"

namespace basewise::motifs::detail {

/// Sums over all windows of an example, (L - window + 1) doubles, as differences of running sums.
std::vector<double> window_sums(std::span<const float> values, std::int64_t window);

/// The same of every example, one after the other; examples are not shorter than a window.
std::vector<double> all_window_sums(const AttributionSet& set, std::int64_t window);

/// Fit, thresholds and the threshold of signs, of sums that are not all equal.
/// `notes` gets what is out of the ordinary.
/// Errors: ArgumentError for more than 2^31 windows.
ModiscoNull thresholds_of(std::vector<double> sums, const ModiscoSeqletOptions& options, std::vector<std::string>& notes);

}  // namespace basewise::motifs::detail
