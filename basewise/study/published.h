// Values that others published, as studies write them.
#pragma once

#include <optional>
#include <string>

namespace basewise::study {

/// "auroc = 0.9645 +- 0.0030" taken apart.
/// Errors: ArgumentError with the text and what was expected.
struct PublishedValue {
  std::string metric = {};
  double mean = 0;
  std::optional<double> sd = {};
};
PublishedValue parse_published(const std::string& text);

}  // namespace basewise::study
