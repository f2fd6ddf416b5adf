#include "basewise/data/strands.h"

namespace basewise::data {

StrandRule strand_rule_of(const Dataset& dataset, std::string_view name) { return dataset.schema().strand_rule(name); }

Bundle other_strand(const Bundle& batch, const Dataset& dataset) {
  Bundle turned;
  for (const auto& [name, value] : batch) {
    const Field* field = dataset.schema().find(name);
    turned.set(name, field ? basewise::other_strand(value, *field) : value);
  }
  return turned;
}

}  // namespace basewise::data
