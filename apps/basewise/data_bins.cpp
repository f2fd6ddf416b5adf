#include "apps/basewise/data_bins.h"

#include <nlohmann/json.hpp>

#include "basewise/core/log.h"
#include "basewise/prepare/bins.h"

namespace basewise::app {
namespace {

nlohmann::ordered_json to_json(const prepare::BinsResult& result) {
  nlohmann::ordered_json json = {{"targets", result.targets},
                                 {"bins", result.bins},
                                 {"sets", nlohmann::ordered_json::array()},
                                 {"unmappable_bins", result.unmappable_bins},
                                 {"targets_read", result.targets_read},
                                 {"files_written", result.files_written},
                                 {"complete_before", result.complete},
                                 {"files", nlohmann::ordered_json::array()},
                                 {"notes", result.notes},
                                 {"seconds", result.seconds}};
  for (const auto& set : result.sets)
    json["sets"].push_back(
        {{"name", set.name}, {"contigs", set.contigs}, {"bases", set.bases}, {"windows", set.windows}, {"dropped", set.dropped}});
  for (const auto& file : result.files) json["files"].push_back(file.string());
  return json;
}

std::string sets_text(const prepare::BinsResult& result) {
  std::vector<std::vector<std::string>> rows = {{"SET", "CONTIGS", "BASES", "WINDOWS", "UNMAPPABLE"}};
  for (const auto& set : result.sets)
    rows.push_back(
        {set.name, format("{}", set.contigs), format("{}", set.bases), format("{}", set.windows), format("{} dropped", set.dropped)});
  return table_text(rows);
}

}  // namespace

int data_bins(const Arguments& arguments) {
  Command command("basewise data bins",
                  "Makes a data set of binned coverage from tracks and a genome, in the files that Basenji, Basset and Borzoi train on.\n"
                  "A call that was stopped goes on where it was; a second call on a finished folder does nothing.",
                  {"basewise data bins targets.txt --genome hg38.fa --gaps gaps.bed --blacklist blacklist.bed --out hg38",
                   "basewise data bins targets.txt --genome hg38.fa --length 131072 --crop 32768 --width 32 --snap 32 --stride-train 49152 "
                   "--unmappable umap.bed --mask --out borzoi",
                   "basewise data bins peaks.txt --genome hg38.fa --peaks --length 1344 --crop 576 --width 192 --stride-train 192 "
                   "--stride-test 192 --out basset",
                   "basewise data bins targets.txt --genome sacCer3.fa --length 4096 --test-chromosomes XVI --validation-chromosomes II "
                   "--absent leave_out --out yeast --json"});
  prepare::BinsOptions options;
  command.add_options(described(options), "Options of bins", "targets");
  if (!command.parse(arguments)) return 0;

  command.apply(described(options));
  const auto result = prepare::prepare_bins(options);
  if (command.json()) return print_json(to_json(result)), 0;
  for (const std::string& note : result.notes) log_warning("{}", note);
  if (command.quiet()) return 0;
  print(sets_text(result));
  if (result.complete) {
    print(format("{} is complete: {} targets, {} bins for each window\n", options.out.string(), result.targets, result.bins));
    return 0;
  }
  print(format("{} targets ({} read now), {} bins for each window, {} files of examples written, {:.1f} s\n", result.targets,
               result.targets_read, result.bins, result.files_written, result.seconds));
  print(format("wrote {}\n", options.out.string()));
  return 0;
}

}  // namespace basewise::app
