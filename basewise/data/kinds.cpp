#include "basewise/data/kinds.h"

#include "basewise/core/error.h"
#include "basewise/data/binned_data.h"
#include "basewise/data/fasta_data.h"
#include "basewise/data/genome_data.h"
#include "basewise/data/profile_data.h"
#include "basewise/data/several_data.h"
#include "basewise/data/simulation_data.h"
#include "basewise/data/table.h"

namespace basewise::data {

namespace {

constexpr const DataKind* kKinds[] = {&kSimulationKind, &kTableKind, &kFastaKind, &kGenomeKind, &kProfileKind, &kBinnedKind, &kSeveralKind};

}  // namespace

std::span<const DataKind* const> data_kinds() { return kKinds; }

std::vector<std::string> data_kind_names() {
  std::vector<std::string> names;
  for (const DataKind* kind : kKinds) names.emplace_back(kind->name);
  return names;
}

const DataKind& data_kind(std::string_view name) {
  for (const DataKind* kind : kKinds)
    if (kind->name == name) return *kind;
  throw ArgumentError(format("there is no kind of data '{}'; the kinds are {}", name, fmt::join(data_kind_names(), ", ")));
}

}  // namespace basewise::data
