#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/verbs.h"
#include "basewise/core/log.h"
#include "basewise/prepare/coverage.h"

namespace basewise::app {
namespace {

nlohmann::ordered_json to_json(const prepare::CoverageResult& r) {
  nlohmann::ordered_json json = {{"tracks", nlohmann::ordered_json::array()},
                                 {"chromosomes", r.chromosomes},
                                 {"bases", r.bases},
                                 {"records", r.records},
                                 {"used", r.used},
                                 {"shared", r.multi},
                                 {"left_out", r.left_out},
                                 {"moved_out", r.moved_out},
                                 {"fragment", r.fragment},
                                 {"shift_forward", r.shift_forward},
                                 {"shift_reverse", r.shift_reverse},
                                 {"rounds", r.rounds},
                                 {"scale", r.scale},
                                 {"gc", r.gc},
                                 {"notes", r.notes},
                                 {"seconds", r.seconds}};
  for (const auto& track : r.tracks)
    json["tracks"].push_back(
        {{"file", track.file.string()}, {"sum", track.sum}, {"highest", track.highest}, {"above_zero", track.above_zero}});
  return json;
}

std::string text_of(const prepare::CoverageResult& r) {
  std::string text = format("{} records, {} counted", r.records, r.used);
  if (r.multi > 0) text += format(" ({} of them shared among several places)", r.multi);
  text += format(", {:.1f} s\n", r.seconds);
  for (const auto& [why, times] : r.left_out) text += format("left out: {} {}\n", times, why);
  if (r.moved_out > 0) text += format("left out: {} moved out of their chromosome\n", r.moved_out);
  if (r.fragment > 0) text += format("fragments of {} bases\n", r.fragment);
  if (r.shift_forward != 0 || r.shift_reverse != 0)
    text += format("moved: forward reads {} to the right, reverse reads {} to the left\n", r.shift_forward, r.shift_reverse);
  if (r.rounds > 0) text += format("shares of reads: {} rounds\n", r.rounds);
  for (const auto& track : r.tracks)
    text += format("wrote {}: sum {:.6g}, highest {:.6g}, {} values above 0\n", track.file.string(), track.sum, track.highest,
                   track.above_zero);
  return text;
}

}  // namespace

int data_coverage(const Arguments& arguments) {
  Command command("basewise data coverage",
                  "Counts reads along a genome and writes a track. Several files are added together; what is left out is told.\n"
                  "Reads may stand in any order, and no index is needed.",
                  {"basewise data coverage reads.bam --out coverage.bw",
                   "basewise data coverage atac.bam --shift tn5 --min-quality 30 --exclude chrM --out cuts.bw",
                   "basewise data coverage chip.bam --shift fragment --multi em --clip all --out chip.w5",
                   "basewise data coverage cage_1.bam,cage_2.bam --strands apart --normalise cpm --out cage.bw",
                   "basewise data coverage fragments.tsv.gz --sizes hg38.chrom.sizes --barcodes cells.txt --out cells.bw",
                   "basewise data coverage rna.bam --count reads --bin 32 --normalise cpm --out rna.bw"});
  prepare::CoverageOptions options;
  command.add_options(described(options), "Options of coverage", "reads");
  if (!command.parse(arguments)) return 0;

  command.apply(described(options));
  const auto result = prepare::coverage(options);
  if (command.json()) return print_json(to_json(result)), 0;
  for (const std::string& note : result.notes) log_warning("{}", note);
  if (!command.quiet()) print(text_of(result));
  return 0;
}

}  // namespace basewise::app
