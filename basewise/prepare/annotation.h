// The verb `data annotation`: several studies of the same sites in, one set for each and what they
// share out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/core/options.h"
#include "basewise/corpus/shared_sites.h"
#include "basewise/corpus/site_source.h"

namespace basewise::prepare {

struct AnnotationOptions {
  std::string name = {};                                ///< of the form, as "open"; outputs say it
  std::string title = {};                               ///< for people
  std::filesystem::path fasta = {};                     ///< genome, for the lengths of its sequences
  std::filesystem::path sizes = {};                     ///< in place of it: table of names and lengths
  std::vector<std::string> circular = {};               ///< circular sequences; {"all"}: every one
  std::filesystem::path folder = {};                    ///< where files of sources are looked for that are not beside their table
  std::int64_t distance = 5;                            ///< bases
  std::vector<std::int64_t> support = {2};              ///< a curated set for each: sites that so many sources have
  std::vector<corpus::SiteSourceOptions> sources = {};  ///< in the order in which they stand for a cluster
};
void describe(Visitor& v, AnnotationOptions& o);

/// A source and what it shares.
struct AnnotationSource {
  corpus::SiteSourceOptions options = {};
  corpus::SourceSites read = {};
  std::int64_t shared = 0;              ///< sites that have one of another source within `distance`
  std::vector<std::int64_t> with = {};  ///< (S) the same for each other source; 0 for itself

  double share() const;  ///< of all its sites
};

/// Sites that a number of sources have.
struct CuratedSet {
  std::int64_t support = 0;
  std::vector<corpus::ScoredSite> sites = {};     ///< in the order of their clusters; the score is the number of sources
  std::vector<std::int64_t> represented_by = {};  ///< (S) sites by the source that their position is of
};

struct AnnotationResult {
  std::string name = {};
  std::string title = {};
  std::int64_t distance = 0;
  seq::ChromSizes sizes = {};
  std::vector<AnnotationSource> sources = {};
  std::vector<corpus::SiteCluster> clusters = {};
  corpus::SharedSites shared = {};
  std::map<std::vector<std::size_t>, std::int64_t> combinations = {};  ///< clusters by the sources that have a member
  std::vector<CuratedSet> curated = {};
  std::vector<std::filesystem::path> files = {};
  std::vector<std::string> removed = {};  ///< sets of an earlier call in the same folder, which this one does not make

  std::int64_t at_least(std::size_t sources) const;  ///< clusters that so many sources or more have a member in
};

/// Reads the sources, links their sites (`corpus::link_sites`) and makes the curated sets.
/// Errors: ArgumentError for options that do not fit together;
/// those of `corpus::read_source` and of the genome.
AnnotationResult annotation_sets(const AnnotationOptions& options);

/// The same, written into `folder`: SOURCE.bed and curated_K.bed (0-based half-open, one base each,
/// with name, score and strand; the names in curated sets are the sources, the score is their
/// number), clusters.tsv, sources.tsv, support.tsv, combinations.tsv, distances.tsv, and at last
/// annotation.json with all counts. BED files that annotation.json of an earlier call names, and
/// that are not among these, are removed.
/// Errors also: ArgumentError where an output would replace an input.
AnnotationResult write_annotation(const AnnotationOptions& options, const std::filesystem::path& folder);

/// What annotation.json holds: form, sources with their terms and counts, numbers of shared sites.
nlohmann::ordered_json to_json(const AnnotationResult& result);

}  // namespace basewise::prepare
