// Sites of sets that have files of their own, and the stretches of a genome that follow from them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "basewise/corpus/sites.h"
#include "basewise/data/build.h"

namespace basewise::data::detail {

/// Whether validation or test have files of their own.
bool has_own_files(const corpus::SiteOptions& options);

/// Sites by set, with one list of labels.
struct SiteSets {
  corpus::SiteTable rest;  ///< of `file`: they go where the split puts them
  std::array<std::optional<corpus::SiteTable>, 3> own = {};  ///< of validation (1) and test (2), where they have files

  bool has(std::size_t set) const { return own[set].has_value(); }
};

/// Reads the files; they and what there is to say of their sites go into `splits`, behind `name`
/// ("sites").
/// Errors: those of `corpus::read_sites`; DataError for a label that only the files of a set have.
SiteSets read_site_sets(const corpus::SiteOptions& options, const std::string& name, DataSplits& splits);

/// Errors: ArgumentError where a set that has files of its own also has stretches by the split.
void check_own_sets(const SiteSets& sites, const DataSplits& splits);

/// Numbers of the windows that a set with files of its own keeps: those inside of their chromosome
/// that come no nearer than `separation` to what another such set has. They become stretches of the
/// set, and the other sets lose them with `separation` bases on both sides. The others are noted as
/// left out, as windows of `what`.
std::vector<std::int64_t> claim(DataSplits& splits, std::size_t set, const std::vector<seq::Interval>& windows, std::int64_t separation,
                                const std::string& what);

/// Windows of `file` by the stretches in which they lie, without those in the stretches of sets
/// with files of their own; what is left out is noted.
corpus::IndexSplit split_rest(DataSplits& splits, const SiteSets& sites, const std::vector<seq::Interval>& windows,
                              const std::string& what);

/// Gives a set stretches that were drawn for it.
void add_stretches(DataSplits& splits, std::size_t set, const std::vector<seq::Interval>& windows, std::int64_t separation);

}  // namespace basewise::data::detail
