// Values that their surroundings make unlikely.
#pragma once

namespace basewise::prepare::detail {

/// The smallest whole number k with P(X > k) <= `tail`, X Poisson with this mean.
/// Errors: ArgumentError for a negative mean or a tail outside (0, 0.5].
double poisson_limit(double mean, double tail);

/// `value`, or `poisson_limit` where that is smaller.
double poisson_clipped(double value, double mean, double tail);

}  // namespace basewise::prepare::detail
