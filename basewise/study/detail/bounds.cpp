#include "basewise/study/detail/bounds.h"

#include <algorithm>
#include <iterator>

#include "basewise/core/format.h"

namespace basewise::study::detail {

std::string bound_name(const std::string& bound, const std::string& metric) {
  const auto dot = metric.rfind('.', metric.find(':'));
  return dot == std::string::npos ? format("{}.{}", bound, metric)
                                  : format("{}.{}.{}", metric.substr(0, dot), bound, metric.substr(dot + 1));
}

bool is_bound(const std::string& metric) {
  return std::any_of(std::begin(kBounds), std::end(kBounds), [&](const std::string bound) {
    return metric.starts_with(bound + ".") || metric.find("." + bound + ".") != std::string::npos;
  });
}

}  // namespace basewise::study::detail
