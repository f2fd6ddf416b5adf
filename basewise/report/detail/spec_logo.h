// Vega specification of sequence logos, without data; see spec_lite.h.
#pragma once

#include <string>

#include "basewise/report/detail/run.h"

namespace basewise::report::detail {

/// A sequence logo: table "letters" (position, letter, height; negative: below the axis).
/// Letter heights are the numbers.
struct LogoSpec {
  std::string y_title;
  std::string x_title = "position";
  std::int64_t first = 1;
  std::int64_t last = 1;
  double low = 0;  ///< of the axis
  double high = 1;
  int height = 120;
};
Json logo_spec(const LogoSpec& spec);

}  // namespace basewise::report::detail
