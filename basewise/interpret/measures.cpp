#include "basewise/interpret/measures.h"

#include "basewise/interpret/detail/activation_measure.h"
#include "basewise/interpret/detail/attribution_measure.h"
#include "basewise/interpret/detail/filter_measure.h"
#include "basewise/interpret/detail/localisation_measure.h"

namespace basewise::interpret {

std::vector<run::MeasureType> measures() {
  return {detail::filter_measure(), detail::localisation_measure(), detail::attribution_measure(), detail::activation_measure()};
}

}  // namespace basewise::interpret
