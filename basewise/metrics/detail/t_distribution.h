// Student's distribution.
#pragma once

namespace basewise::metrics::detail {

/// P(|T| >= |t|) for Student's distribution with `degrees` > 0 degrees of freedom: the regularised
/// incomplete beta function at degrees / (degrees + t^2), by its continued fraction (DLMF 8.17.22).
/// Tiny probabilities keep their digits.
double t_two_sided(double t, double degrees);

}  // namespace basewise::metrics::detail
