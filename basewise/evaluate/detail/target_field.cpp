#include "basewise/evaluate/detail/target_field.h"

namespace basewise::evaluate::detail {

bool measured_by(const data::Dataset& all, const data::Dataset& set, const std::string& target) {
  return all.set_sizes().size() < 2 || set.schema().find(target);
}

std::int64_t bases_per_value(const data::Dataset& set, const std::string& target) {
  const Field* field = set.schema().find(target);
  return field && field->bin > 0 ? field->bin : 1;
}

}  // namespace basewise::evaluate::detail
