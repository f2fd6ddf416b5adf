#include "basewise/prepare/detail/annotation_files.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/format.h"
#include "basewise/core/json.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/bed.h"
#include "basewise/io/tsv.h"

namespace basewise::prepare {

namespace {

using Cells = std::vector<std::string>;

std::string sources_text(const AnnotationResult& r, const std::vector<std::size_t>& sets) {
  std::string text;
  for (const std::size_t set : sets) text += (text.empty() ? "" : ",") + r.sources[set].options.name;
  return text;
}

io::BedRecord bed_record(const AnnotationResult& r, const corpus::ScoredSite& site, std::string name) {
  io::BedRecord record;
  record.interval = {r.sizes[site.chrom].name, site.position, site.position + 1, site.strand};
  record.name = std::move(name);
  record.score = site.score;
  return record;
}

std::vector<io::BedRecord> source_bed(const AnnotationResult& r, std::size_t i) {
  std::vector<io::BedRecord> records;
  for (const corpus::ScoredSite& site : r.sources[i].read.sites) records.push_back(bed_record(r, site, r.sources[i].options.name));
  return records;
}

std::vector<std::vector<corpus::ScoredSite>> sets_of(const AnnotationResult& r) {
  std::vector<std::vector<corpus::ScoredSite>> sets;
  for (const AnnotationSource& source : r.sources) sets.push_back(source.read.sites);
  return sets;
}

// Sorted as BED files are; clusters come strand by strand.
std::vector<io::BedRecord> curated_bed(const AnnotationResult& r, const CuratedSet& curated) {
  std::vector<io::BedRecord> records;
  auto site = curated.sites.begin();
  for (const corpus::SiteCluster& cluster : r.clusters)
    if (const auto sources = cluster.sets(); std::ssize(sources) >= curated.support)
      records.push_back(bed_record(r, *site++, sources_text(r, sources)));
  std::sort(records.begin(), records.end(), [&](const io::BedRecord& a, const io::BedRecord& b) {
    const auto place = [&](const io::BedRecord& x) {
      return std::tuple(*r.sizes.find(x.interval.chrom), x.interval.start, x.interval.strand);
    };
    return place(a) < place(b);
  });
  return records;
}

void write_clusters(const AnnotationResult& r, const std::filesystem::path& path) {
  const auto sets = sets_of(r);
  io::TsvWriter table(path, {"chromosome", "start", "end", "strand", "support", "sources", "sites", "position", "source"});
  for (const corpus::SiteCluster& cluster : r.clusters) {
    const auto sources = cluster.sets();
    const corpus::SiteMember& member = corpus::representative(cluster, sets);
    table.add({r.sizes[cluster.chrom].name, format("{}", cluster.start()), format("{}", cluster.end()),
               std::string(1, seq::to_char(cluster.strand)), format("{}", sources.size()), sources_text(r, sources),
               format("{}", cluster.members.size()), format("{}", sets[member.set][member.site].position),
               r.sources[member.set].options.name});
  }
  table.close();
}

void write_sources(const AnnotationResult& r, const std::filesystem::path& path) {
  Cells heading = {"source", "rows", "sites", "shared", "share"};
  for (const AnnotationSource& s : r.sources) heading.push_back("with_" + s.options.name);
  io::TsvWriter table(path, heading);
  for (const AnnotationSource& s : r.sources) {
    Cells row = {s.options.name, format("{}", s.read.rows), format("{}", s.read.sites.size()), format("{}", s.shared),
                 format("{:.6f}", s.share())};
    for (const std::int64_t count : s.with) row.push_back(format("{}", count));
    table.add(row);
  }
  table.close();
}

void write_support(const AnnotationResult& r, const std::filesystem::path& path) {
  io::TsvWriter table(path, {"sources", "clusters", "at_least"});
  for (std::size_t k = 1; k <= r.sources.size(); ++k)
    table.add({format("{}", k), format("{}", r.shared.clusters[k - 1]), format("{}", r.at_least(k))});
  table.close();
}

void write_combinations(const AnnotationResult& r, const std::filesystem::path& path) {
  io::TsvWriter table(path, {"sources", "clusters"});
  for (const auto& [sets, count] : r.combinations) table.add({sources_text(r, sets), format("{}", count)});
  table.close();
}

void write_distances(const AnnotationResult& r, const std::filesystem::path& path) {
  io::TsvWriter table(path, {"from", "to", "distance", "pairs"});
  for (std::size_t a = 0; a < r.sources.size(); ++a)
    for (std::size_t b = a + 1; b < r.sources.size(); ++b)
      for (std::int64_t d = -r.distance; d <= r.distance; ++d)
        table.add({r.sources[a].options.name, r.sources[b].options.name, format("{}", d),
                   format("{}", r.shared.distances[a][b][static_cast<std::size_t>(d + r.distance)])});
  table.close();
}

nlohmann::ordered_json source_json(const AnnotationResult& r, const AnnotationSource& s) {
  nlohmann::ordered_json json = {{"name", s.options.name},
                                 {"title", s.options.title},
                                 {"terms", s.options.terms},
                                 {"files", nlohmann::ordered_json::array()},
                                 {"rows", s.read.rows},
                                 {"filtered", s.read.filtered},
                                 {"unplaced", s.read.unplaced},
                                 {"repeats", s.read.repeats},
                                 {"wrapped", s.read.wrapped},
                                 {"lost", s.read.lost},
                                 {"left_out", s.read.left_out},
                                 {"sites", s.read.sites.size()},
                                 {"without_strand", s.read.without_strand()},
                                 {"shared", s.shared},
                                 {"share", s.share()},
                                 {"with", nlohmann::ordered_json::object()},
                                 {"remarks", s.read.remarks}};
  // What the file is, not where this machine has it.
  for (const auto& file : s.options.file)
    json["files"].push_back(corpus::is_data_reference(file.string()) ? file.string() : file.filename().string());
  for (std::size_t i = 0; i < s.with.size(); ++i)
    if (&r.sources[i] != &s) json["with"][r.sources[i].options.name] = s.with[i];
  return json;
}

}  // namespace

nlohmann::ordered_json to_json(const AnnotationResult& r) {
  nlohmann::ordered_json json = {{"name", r.name},
                                 {"title", r.title},
                                 {"distance", r.distance},
                                 {"clusters", r.clusters.size()},
                                 {"sources", nlohmann::ordered_json::array()},
                                 {"support", nlohmann::ordered_json::array()},
                                 {"combinations", nlohmann::ordered_json::array()},
                                 {"curated", nlohmann::ordered_json::array()},
                                 {"distances", nlohmann::ordered_json::array()},
                                 {"files", nlohmann::ordered_json::array()}};
  for (const AnnotationSource& source : r.sources) json["sources"].push_back(source_json(r, source));
  for (std::size_t k = 1; k <= r.sources.size(); ++k)
    json["support"].push_back({{"sources", k}, {"clusters", r.shared.clusters[k - 1]}, {"at_least", r.at_least(k)}});
  for (const auto& [sets, count] : r.combinations)
    json["combinations"].push_back({{"sources", sources_text(r, sets)}, {"clusters", count}});
  for (const CuratedSet& curated : r.curated) {
    nlohmann::ordered_json by = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < r.sources.size(); ++i) by[r.sources[i].options.name] = curated.represented_by[i];
    json["curated"].push_back({{"support", curated.support}, {"sites", curated.sites.size()}, {"positions_of", by}});
  }
  for (std::size_t a = 0; a < r.sources.size(); ++a)
    for (std::size_t b = a + 1; b < r.sources.size(); ++b)
      json["distances"].push_back({{"from", r.sources[a].options.name},
                                   {"to", r.sources[b].options.name},
                                   {"first", -r.distance},
                                   {"pairs", r.shared.distances[a][b]}});
  for (const auto& file : r.files) json["files"].push_back(file.filename().string());
  return json;
}

namespace detail {

std::vector<std::filesystem::path> annotation_files(const AnnotationOptions& o, const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const corpus::SiteSourceOptions& source : o.sources) files.push_back(folder / (source.name + ".bed"));
  for (const std::int64_t k : o.support) files.push_back(folder / format("curated_{}.bed", k));
  for (const char* name : {"clusters.tsv", "sources.tsv", "support.tsv", "combinations.tsv", "distances.tsv", "annotation.json"})
    files.push_back(folder / name);
  return files;
}

void write_annotation_files(const AnnotationResult& r) {
  auto file = r.files.begin();
  for (std::size_t i = 0; i < r.sources.size(); ++i) io::write_bed(*file++, source_bed(r, i));
  for (const CuratedSet& curated : r.curated) io::write_bed(*file++, curated_bed(r, curated));
  for (const auto write : {write_clusters, write_sources, write_support, write_combinations, write_distances}) write(r, *file++);
  write_file(*file, json_text(to_json(r), 2) + "\n");
}

}  // namespace detail

}  // namespace basewise::prepare
