// The recall that a ranking reaches at a rate of false alarms.
#pragma once

#include "basewise/metrics/ranking.h"
#include "basewise/metrics/result.h"

namespace basewise::metrics {

/// The highest recall of any threshold whose false positive rate, the share of negatives called
/// positive, is at most `fpr`. Undefined when a class is missing.
/// Errors: ArgumentError for a rate that is no number from 0 to 1.
MetricResult recall_at_fpr(const Ranking& ranking, double fpr);

}  // namespace basewise::metrics
