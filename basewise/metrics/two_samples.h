// Two independent samples: do their means differ?
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>

namespace basewise::metrics {

/// What a t-test answers.
struct TTestResult {
  std::int64_t n_a = 0, n_b = 0;
  double difference = std::numeric_limits<double>::quiet_NaN();  ///< mean of a minus mean of b
  double t = std::numeric_limits<double>::quiet_NaN();
  double degrees = std::numeric_limits<double>::quiet_NaN();  ///< of freedom
  double p_two_sided = std::numeric_limits<double>::quiet_NaN();
  std::string reason = {};  ///< why there is no p; empty when there is one
};

/// Student's test of samples (n,) and (m,) from normal distributions of one variance, which is
/// pooled; n + m - 2 degrees of freedom.
/// Errors: ArgumentError for a value that is no finite number.
TTestResult student_t_test(std::span<const double> a, std::span<const double> b);

/// Welch's, of variances that may differ (Welch 1947); degrees of freedom after Satterthwaite.
/// Errors: as above.
TTestResult welch_t_test(std::span<const double> a, std::span<const double> b);

}  // namespace basewise::metrics
