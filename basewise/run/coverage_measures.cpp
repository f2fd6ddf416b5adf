#include "basewise/run/coverage_measures.h"

#include "basewise/run/detail/coverage_measure.h"
#include "basewise/run/detail/gene_measure.h"
#include "basewise/run/detail/group_measure.h"
#include "basewise/run/detail/peak_measure.h"
#include "basewise/run/detail/replicate_measure.h"
#include "basewise/run/detail/specificity_measure.h"

namespace basewise::run {

std::vector<MeasureType> coverage_measures() {
  return {detail::coverage_measure(), detail::peak_measure(),        detail::group_measure(),
          detail::gene_measure(),     detail::specificity_measure(), detail::replicate_measure()};
}

}  // namespace basewise::run
