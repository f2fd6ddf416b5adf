#include "basewise/prepare/annotation.h"

#include <algorithm>
#include <numeric>
#include <set>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/json.h"
#include "basewise/core/outputs.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/chrom_files.h"
#include "basewise/prepare/detail/annotation_files.h"
#include "basewise/prepare/detail/genome_reader.h"

namespace basewise::prepare {

void describe(Visitor& v, AnnotationOptions& o) {
  v("name", o.name, "name of this choice of sources; what is written says it");
  v("title", o.title, "what it is, for people");
  v("fasta", o.fasta, "FASTA file of the genome, for the lengths of its sequences");
  v("sizes", o.sizes, "in place of it: table of sequences and their lengths, or x.fa.fai");
  v("circular", o.circular, "circular sequences; \"all\": every one");
  v("folder", o.folder, "where files of sources are looked for, by their names, that are not where the table says");
  v("distance", o.distance, "sites of one strand that lie at most so many bases apart are shared", between(0, 10'000));
  v("support", o.support, "a curated set for each number: sites that so many sources or more have");
  v.list("sources", o.sources, "studies, in the order in which they give a cluster its position");
}

double AnnotationSource::share() const { return static_cast<double>(shared) / static_cast<double>(read.sites.size()); }

std::int64_t AnnotationResult::at_least(std::size_t sources_of) const {
  return std::accumulate(shared.clusters.begin() + static_cast<std::ptrdiff_t>(sources_of) - 1, shared.clusters.end(), std::int64_t{0});
}

namespace {

constexpr std::string_view kAll = "all";
constexpr const char *kAnnotationFile = "annotation.json", *kSet = ".bed";

bool is_file_name(std::string_view name) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return !name.empty() && name.find_first_not_of(kLetters) == std::string_view::npos;
}

void check(const AnnotationOptions& o) {
  if (o.sources.empty()) throw ArgumentError("sources: there is none; expected a table [[sources]] for each study");
  if (o.fasta.empty() == o.sizes.empty()) throw ArgumentError("fasta, sizes: give one of them, for the lengths of the sequences");
  std::set<std::string> names;
  for (const corpus::SiteSourceOptions& source : o.sources) {
    if (!is_file_name(source.name))
      throw ArgumentError(format("sources: the name '{}' is no name for a file; expected letters, digits, - and _", source.name));
    if (!names.insert(source.name).second) throw ArgumentError(format("sources: two are called '{}'", source.name));
  }
  for (auto k = o.support.begin(); k != o.support.end(); ++k) {
    if (*k < 1 || *k > std::ssize(o.sources))
      throw ArgumentError(format("support: sites of {} sources or more, where there {} {}; give numbers from 1 to {}", *k,
                                 o.sources.size() == 1 ? "is" : "are", o.sources.size(), o.sources.size()));
    if (std::find(o.support.begin(), k, *k) != k) throw ArgumentError(format("support names {} twice", *k));
    if (names.contains(format("curated_{}", *k)))
      throw ArgumentError(format("sources: 'curated_{}' is the name of the curated set of {} sources (support); give another", *k, *k));
  }
}

seq::ChromSizes sizes_of(const AnnotationOptions& o) {
  seq::ChromSizes sizes = o.fasta.empty() ? io::read_chrom_sizes(corpus::resolve_path(o.sizes.string()))
                                          : detail::GenomeReader(corpus::resolve_path(o.fasta.string()), detail::Blocks::indexed).sizes();
  for (const std::string& name : o.circular)
    for (const std::string& one : name == kAll ? sizes.names() : std::vector{name}) sizes.set_circular(one);
  return sizes;
}

// Files that may not be passed on lie where each user keeps them.
corpus::SiteSourceOptions found(corpus::SiteSourceOptions source, const std::filesystem::path& folder) {
  for (std::filesystem::path& file : source.file.paths) {
    if (corpus::is_data_reference(file.string()) || std::filesystem::exists(file)) continue;
    if (folder.empty())
      throw DataError(format("source '{}': there is no file {}; give 'folder' if it lies elsewhere", source.name, file.string()));
    if (!std::filesystem::exists(folder / file.filename()))
      throw DataError(format("source '{}': there is neither {} nor {}", source.name, file.string(), (folder / file.filename()).string()));
    file = folder / file.filename();
  }
  return source;
}

/// Sets that an earlier call left in the folder and this one does not write: beside its tables they
/// would pass for sets of the same sources. What annotation.json names is theirs, and nothing else.
std::vector<std::filesystem::path> earlier_sets(const std::filesystem::path& folder, const std::vector<GivenPath>& inputs,
                                                const std::vector<std::filesystem::path>& outputs) {
  const std::filesystem::path known = folder / kAnnotationFile;
  std::vector<std::filesystem::path> sets;
  if (!std::filesystem::is_regular_file(known)) return sets;
  const nlohmann::ordered_json json = read_json(known);
  if (!json.is_object() || !json.contains("files") || !json["files"].is_array()) return sets;
  for (const auto& file : json["files"]) {
    if (!file.is_string()) continue;
    const std::filesystem::path name = file.get<std::string>(), path = folder / name;
    const bool is_set = name.extension() == kSet && is_file_name(name.stem().string()) && std::filesystem::is_regular_file(path);
    const auto is_it = [&](const GivenPath& given) {
      std::error_code none;
      return std::filesystem::equivalent(given.path, path, none);
    };
    if (is_set && std::find(outputs.begin(), outputs.end(), path) == outputs.end() && std::none_of(inputs.begin(), inputs.end(), is_it))
      sets.push_back(path);
  }
  return sets;
}

CuratedSet curated_set(std::int64_t support, const AnnotationResult& result, const std::vector<std::vector<corpus::ScoredSite>>& sets) {
  CuratedSet curated{.support = support, .sites = {}, .represented_by = std::vector<std::int64_t>(sets.size())};
  for (const corpus::SiteCluster& cluster : result.clusters) {
    const auto sources = std::ssize(cluster.sets());
    if (sources < support) continue;
    const corpus::SiteMember& member = corpus::representative(cluster, sets);
    corpus::ScoredSite site = sets[member.set][member.site];
    site.score = static_cast<double>(sources);
    curated.sites.push_back(site);
    ++curated.represented_by[member.set];
  }
  return curated;
}

}  // namespace

AnnotationResult annotation_sets(const AnnotationOptions& o) {
  check(o);
  AnnotationResult result{.name = o.name, .title = o.title, .distance = o.distance, .sizes = sizes_of(o)};
  std::vector<std::vector<corpus::ScoredSite>> sets;
  for (const corpus::SiteSourceOptions& asked : o.sources) {
    const corpus::SiteSourceOptions source = found(asked, o.folder);
    result.sources.push_back({.options = source, .read = corpus::read_source(source, result.sizes)});
    sets.push_back(result.sources.back().read.sites);
  }
  result.clusters = corpus::link_sites(sets, o.distance, result.sizes);
  result.shared = corpus::count_shared(result.clusters, sets.size(), o.distance);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    result.sources[i].shared = result.shared.shared[i];
    result.sources[i].with = result.shared.with[i];
  }
  for (const corpus::SiteCluster& cluster : result.clusters) ++result.combinations[cluster.sets()];
  for (const std::int64_t k : o.support) result.curated.push_back(curated_set(k, result, sets));
  return result;
}

AnnotationResult write_annotation(const AnnotationOptions& o, const std::filesystem::path& folder) {
  check(o);
  std::vector<GivenPath> inputs = {{"fasta", o.fasta}, {"sizes", o.sizes}};
  for (const corpus::SiteSourceOptions& source : o.sources) {
    inputs.push_back({"liftover", source.liftover});
    for (const auto& file : found(source, o.folder).file) inputs.push_back({"file", file});
  }
  std::vector<GivenPath> outputs;
  for (const auto& file : detail::annotation_files(o, folder)) outputs.push_back({"out", file});
  require_apart(inputs, outputs);
  AnnotationResult result = annotation_sets(o);
  result.files = detail::annotation_files(o, folder);
  for (const auto& file : earlier_sets(folder, inputs, result.files)) {
    std::filesystem::remove(file);
    result.removed.push_back(file.filename().string());
  }
  detail::write_annotation_files(result);
  return result;
}

}  // namespace basewise::prepare
