#include "basewise/data/strands.h"

namespace basewise::data {

StrandRule strand_rule_of(const Dataset& dataset, std::string_view name) {
  constexpr std::string_view kMask = ".mask";
  const bool masked = name.ends_with(kMask);
  if (masked) name.remove_suffix(kMask.size());
  const StrandRule rule = dataset.strand_rule(name);
  // A mask of positions has no bases to complement.
  return masked && rule == StrandRule::tokens ? StrandRule::mirrored : rule;
}

Bundle other_strand(const Bundle& batch, const Dataset& dataset) {
  Bundle turned;
  for (const auto& [name, value] : batch) turned.set(name, basewise::other_strand(value, strand_rule_of(dataset, name), name));
  return turned;
}

}  // namespace basewise::data
