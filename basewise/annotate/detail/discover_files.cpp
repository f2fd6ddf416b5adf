#include "basewise/annotate/detail/discover_files.h"

#include <algorithm>
#include <tuple>

#include <nlohmann/json.hpp>

#include "basewise/annotate/detail/places.h"
#include "basewise/core/files.h"
#include "basewise/core/format.h"
#include "basewise/core/json.h"
#include "basewise/core/version.h"
#include "basewise/io/tsv.h"

namespace basewise::annotate::detail {
namespace {

/// A line of the BED file.
struct Line {
  SeqletPlace place;
  const motifs::Pattern* pattern = nullptr;
  const motifs::Seqlet* seqlet = nullptr;
};

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
  std::vector<Line> lines;
  for (const motifs::Pattern& pattern : patterns)
    for (const motifs::Seqlet& seqlet : pattern.seqlets) lines.push_back({place_of(seqlet, attributions.loci), &pattern, &seqlet});
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    return std::tie(a.place.chrom, a.place.start, a.place.end) < std::tie(b.place.chrom, b.place.start, b.place.end);
  });
  AtomicFile file(path);
  file.stream() << "#chrom\tstart\tend\tname\tscore\tstrand\tattribution\tp-value\texample\n";
  for (const Line& line : lines)
    file.stream() << format("{}\t{}\t{}\t{}\t{}\t{}\t{:.6g}\t{:.6g}\t{}\n", line.place.chrom, line.place.start, line.place.end,
                            line.pattern->name, bed_score(line.seqlet->p_value), line.place.reverse ? '-' : '+', line.seqlet->attribution,
                            line.seqlet->p_value, line.seqlet->example);
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
