#include "apps/basewise/data_contigs.h"

#include <nlohmann/json.hpp>

#include "basewise/core/log.h"
#include "basewise/prepare/aligned_contigs.h"

namespace basewise::app {
namespace {

nlohmann::ordered_json to_json(const prepare::AlignedContigsResult& result) {
  nlohmann::ordered_json json = {
      {"components", result.components}, {"aligned_regions", result.regions},        {"sets", result.sets},  {"bases", result.bases},
      {"aligned_bases", result.aligned}, {"files", nlohmann::ordered_json::array()}, {"notes", result.notes}};
  for (const auto& file : result.files) json["files"].push_back(file.string());
  return json;
}

/// Sets of the first genome down, of the second across: aligned bases.
std::string aligned_text(const prepare::AlignedContigsResult& result) {
  std::vector<std::vector<std::string>> rows = {{"SET", "BASES", "BASES OF THE OTHER"}};
  for (const std::string& set : result.sets) rows[0].push_back("ALIGNED TO " + set);
  for (std::size_t a = 0; a < result.sets.size(); ++a) {
    rows.push_back({result.sets[a], format("{}", result.bases[a][0]), format("{}", result.bases[a][1])});
    for (const std::int64_t bases : result.aligned[a]) rows.back().push_back(format("{}", bases));
  }
  return table_text(rows);
}

}  // namespace

int data_contigs(const Arguments& arguments) {
  Command command("basewise data contigs",
                  "Splits the contigs of two genomes into sets together, so that stretches that are aligned to each other are in one set.\n"
                  "What it writes is given to basewise data bins --contigs, once for each genome.",
                  {"basewise data contigs hg38.mm10.net.gz --genomes hg38.fa,mm10.fa --gaps hg38.gaps.bed,mm10.gaps.bed --out split",
                   "basewise data bins human.txt --genome hg38.fa --contigs split/hg38.contigs.bed --out human"});
  prepare::AlignedContigsOptions options;
  command.add_options(described(options), "Options of contigs", "aligned");
  if (!command.parse(arguments)) return 0;

  command.apply(described(options));
  const auto result = prepare::split_aligned(options);
  if (command.json()) return print_json(to_json(result)), 0;
  for (const std::string& note : result.notes) log_warning("{}", note);
  if (command.quiet()) return 0;
  print(aligned_text(result));
  print(format("{} aligned regions, {} components\n", result.regions, result.components));
  for (const auto& file : result.files) print(format("wrote {}\n", file.string()));
  return 0;
}

}  // namespace basewise::app
