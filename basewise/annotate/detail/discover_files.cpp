#include "basewise/annotate/detail/discover_files.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/format.h"
#include "basewise/core/json.h"
#include "basewise/core/version.h"
#include "basewise/io/tsv.h"

namespace basewise::annotate::detail {
namespace {

/// A line of the BED file.
struct Place {
  std::string chrom;
  std::int64_t start = 0, end = 0;
  const motifs::Pattern* pattern = nullptr;
  const motifs::Seqlet* seqlet = nullptr;
  bool reverse = false;
};

Place place_of(const motifs::Pattern& pattern, const motifs::Seqlet& seqlet, const std::vector<io::AttributionLocus>& loci) {
  Place place = {format("example_{}", seqlet.example), seqlet.start, seqlet.end, &pattern, &seqlet, seqlet.reverse};
  if (loci.empty()) return place;
  const io::AttributionLocus& locus = loci[seqlet.example];
  if (!locus.chrom.empty()) {
    place.chrom = locus.chrom;
    place.start = locus.reverse ? locus.end - seqlet.end : locus.start + seqlet.start;
    place.end = place.start + seqlet.end - seqlet.start;
    place.reverse ^= locus.reverse;
  } else if (!locus.name.empty()) {
    place.chrom = locus.name;
  }
  // Names come from other people's files, and a tab would be another column.
  std::replace_if(place.chrom.begin(), place.chrom.end(), [](unsigned char c) { return c <= ' '; }, '_');
  return place;
}

nlohmann::ordered_json to_json(const motifs::DiscoveryCounts& counts) {
  return {{"found", counts.found},       {"used", counts.used},         {"agreed", counts.agreed},
          {"clusters", counts.clusters}, {"patterns", counts.patterns}, {"mapped", counts.mapped}};
}

/// A number, or null where there is no motif.
nlohmann::ordered_json known(const NamedPattern& pattern, double value) {
  return pattern.match.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(value);
}

nlohmann::ordered_json to_json(const NamedPattern& pattern) {
  return {{"pattern", pattern.pattern},
          {"positive", pattern.positive},
          {"seqlets", pattern.seqlets},
          {"consensus", pattern.consensus},
          {"information", pattern.information},
          {"match", pattern.match},
          {"match_p", known(pattern, pattern.match_p)},
          {"match_e", known(pattern, pattern.match_e)},
          {"match_q", known(pattern, pattern.match_q)}};
}

}  // namespace

void write_pattern_table(const std::filesystem::path& path, const DiscoverResult& result, std::span<const motifs::MotifMatrix> cores) {
  io::TsvWriter table(path, {"pattern", "positive", "seqlets", "width", "information", "match", "match_p", "match_e", "match_q"});
  for (std::size_t i = 0; i < result.patterns.size(); ++i) {
    const NamedPattern& p = result.patterns[i];
    const auto number = [&](double value) { return p.match.empty() ? std::string() : format("{:.6g}", value); };
    table.add({p.pattern, p.positive ? "1" : "0", format("{}", p.seqlets), format("{}", cores[i].width()), format("{:.6g}", p.information),
               p.match, number(p.match_p), number(p.match_e), number(p.match_q)});
  }
  table.close();
}

void write_seqlet_places(const std::filesystem::path& path, const std::vector<motifs::Pattern>& patterns,
                         const io::Attributions& attributions) {
  std::vector<Place> places;
  for (const motifs::Pattern& pattern : patterns)
    for (const motifs::Seqlet& seqlet : pattern.seqlets) places.push_back(place_of(pattern, seqlet, attributions.loci));
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return std::tie(a.chrom, a.start, a.end) < std::tie(b.chrom, b.start, b.end); });
  AtomicFile file(path);
  file.stream() << "#chrom\tstart\tend\tname\tscore\tstrand\tattribution\tp-value\texample\n";
  for (const Place& place : places) {
    const double p = place.seqlet->p_value;
    const int score = p <= 1e-10 ? 1000 : static_cast<int>(std::lround(-100 * std::log10(p)));
    file.stream() << format("{}\t{}\t{}\t{}\t{}\t{}\t{:.6g}\t{:.6g}\t{}\n", place.chrom, place.start, place.end, place.pattern->name, score,
                            place.reverse ? '-' : '+', place.seqlet->attribution, p, place.seqlet->example);
  }
  file.commit();
}

void write_discovery_document(const std::filesystem::path& path, const DiscoverOptions& options, const DiscoverResult& result) {
  DiscoverOptions copy = options;
  nlohmann::ordered_json document = {{"schema", "basewise/discovery/1"},
                                     {"input", options.attributions.string()},
                                     {"motifs", options.motifs},
                                     {"examples", result.examples},
                                     {"length", result.positions},
                                     {"seed", options.method.seed},
                                     {"threshold", result.threshold},
                                     {"positive", to_json(result.positive)},
                                     {"negative", to_json(result.negative)},
                                     {"patterns", nlohmann::ordered_json::array()},
                                     {"notes", result.notes},
                                     {"options", nlohmann::ordered_json::object()},
                                     {"versions", {{"basewise", version()}}}};
  for (const NamedPattern& pattern : result.patterns) document["patterns"].push_back(to_json(pattern));
  document["options"] = basewise::to_json(described(copy.method));
  write_file(path, json_text(document, 1) + "\n");
}

}  // namespace basewise::annotate::detail
