// The kind of data "profile": windows of a genome with counts at every base of both strands.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/corpus/clusters.h"
#include "basewise/corpus/stranded_counts.h"
#include "basewise/data/kinds.h"

namespace basewise::data {

/// Where the middles of windows lie.
enum class Centres { sites, signal };
constexpr auto words_of(Centres) {
  return words<Centres>({{Centres::sites, "sites", "those of genome.sites"},
                         {Centres::signal, "signal", "places where the target has many reads"}});
}

/// Windows of a genome with counts at every base of both strands. Genome and sites are those of `GenomeDataOptions`.
struct ProfileDataOptions {
  corpus::StrandedTrackOptions target = {};
  corpus::StrandedTrackOptions control = {};    ///< no files: none
  corpus::StrandedTrackOptions replicate = {};  ///< no files: none
  Centres centres = Centres::sites;
  corpus::ClusterOptions clusters = {};
  std::int64_t scatter = 0;  ///< every centre is moved once and for all by up to so many bases, in all sets
  std::int64_t input = 1346;
  std::int64_t output = 1000;
  std::vector<std::int64_t> control_windows = {1, 50};
  double min_reads = 0;  ///< windows with fewer reads of both strands are left out
};
void describe(Visitor& v, ProfileDataOptions& o);

extern const DataKind kProfileKind;

}  // namespace basewise::data
