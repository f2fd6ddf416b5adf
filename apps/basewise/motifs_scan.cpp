#include <algorithm>
#include <cmath>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/motifs.h"
#include "basewise/annotate/scan.h"
#include "basewise/core/log.h"

namespace basewise::app {
namespace {

constexpr std::size_t kShown = 10;  // motifs in the text for people

nlohmann::ordered_json to_json(const annotate::ScanResult& result) {
  nlohmann::ordered_json json = {{"files", nlohmann::ordered_json::array()},
                                 {"sequences", result.sequences},
                                 {"bases", result.bases},
                                 {"n", result.n},
                                 {"ambiguous", result.ambiguous},
                                 {"sites", result.sites},
                                 {"written", result.written},
                                 {"background", result.background},
                                 {"motifs", nlohmann::ordered_json::array()},
                                 {"notes", result.notes},
                                 {"seconds", result.seconds}};
  for (const auto& file : result.files) json["files"].push_back(file.string());
  for (const auto& m : result.motifs) {
    nlohmann::ordered_json row = {{"name", m.name},         {"description", m.description}, {"width", m.width}, {"windows", m.windows},
                                  {"threshold", nullptr},   {"expected", m.expected},       {"sites", m.sites}, {"written", m.written}};
    if (!std::isnan(m.threshold)) row["threshold"] = m.threshold;
    json["motifs"].push_back(row);
  }
  return json;
}

/// Motifs with more sites than chance gives, the clearest first.
std::string enriched_text(const annotate::ScanResult& result) {
  std::vector<const annotate::MotifSummary*> order;
  for (const auto& m : result.motifs)
    if (m.sites > 0) order.push_back(&m);
  const auto excess = [](const annotate::MotifSummary* m) {
    return (static_cast<double>(m->sites) - m->expected) / std::sqrt(m->expected);
  };
  std::stable_sort(order.begin(), order.end(), [&](const auto* a, const auto* b) { return excess(a) > excess(b); });
  std::vector<std::vector<std::string>> rows = {{"MOTIF", "NAME", "SITES", "EXPECTED", "RATIO", "THRESHOLD"}};
  for (std::size_t i = 0; i < std::min(kShown, order.size()); ++i) {
    const annotate::MotifSummary& m = *order[i];
    rows.push_back({m.name, m.description, format("{}", m.sites), format("{:.1f}", m.expected),
                    format("{:.2f}", static_cast<double>(m.sites) / m.expected), format("{:.2f} bits", m.threshold)});
  }
  std::string text = table_text(rows);
  if (order.size() > kShown) text += format("and {} motifs more (--summary FILE has all)\n", order.size() - kShown);
  return text;
}

}  // namespace

int motifs_scan(const Arguments& arguments) {
  Command command("basewise motifs scan",
                  "Finds the sites of motifs, with exact p-values, on both strands; a window that holds an N is none.\n"
                  "Tables have the columns of FIMO (positions from 1, the last one included) or are BED (positions from 0, the\n"
                  "end not included). On a circular sequence the end of a site across the origin runs past the length.",
                  {"basewise motifs scan motifs.meme --fasta peaks.fa --out sites.tsv",
                   "basewise motifs scan motifs.meme --genome hg38.fa.gz --bed peaks.bed --background sequence --out sites.bed.gz",
                   "basewise motifs scan motifs.meme --genome genome.fa --circular all --p-value 1e-5 --motif LexA --out lexa.bed"});
  annotate::ScanOptions options;
  command.add_options(described(options), "Options of scan", "motifs");
  if (!command.parse(arguments)) return 0;

  command.apply(described(options));
  const auto result = annotate::scan(options);
  if (command.json()) return print_json(to_json(result)), 0;
  for (const std::string& note : result.notes) log_warning("{}", note);
  if (command.quiet() && !result.files.empty()) return 0;
  if (result.sites > 0) print(enriched_text(result));
  const std::string kept = result.written < result.sites ? format(", {} of them with q <= {}", result.written, options.q_value) : "";
  print(format("{} sites of {} motifs in {} sequences ({} bases){}, {:.1f} s\n", result.sites, result.motifs.size(), result.sequences,
               result.bases, kept, result.seconds));
  for (const auto& file : result.files) print(format("wrote {}\n", file.string()));
  return 0;
}

}  // namespace basewise::app
