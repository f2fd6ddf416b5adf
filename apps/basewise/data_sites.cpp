#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/verbs.h"
#include "basewise/core/log.h"
#include "basewise/prepare/peaks.h"

namespace basewise::app {
namespace {

nlohmann::ordered_json to_json(const prepare::SiteMergeResult& r) {
  nlohmann::ordered_json json = {{"files", nlohmann::ordered_json::array()},
                                 {"peaks", r.peaks},
                                 {"sites", r.sites},
                                 {"silent", r.silent},
                                 {"left_out", r.left_out},
                                 {"samples", nlohmann::ordered_json::array()},
                                 {"notes", r.notes},
                                 {"seconds", r.seconds}};
  for (const auto& file : r.files) json["files"].push_back(file.string());
  for (const auto& s : r.samples) json["samples"].push_back({{"name", s.name}, {"peaks", s.peaks}, {"sites", s.sites}});
  return json;
}

std::string text_of(const prepare::SiteMergeResult& r) {
  std::string text = format("{} peaks of {} samples became {} sites, {:.1f} s\n", r.peaks, r.samples.size(), r.sites, r.seconds);
  for (const auto& [why, times] : r.left_out) text += format("left out: {} {}\n", times, why);
  if (r.silent > 0) text += format("{} sites have no active sample and are in the first two files alone\n", r.silent);
  for (const auto& file : r.files) text += format("wrote {}\n", file.string());
  return text;
}

}  // namespace

int data_sites(const Arguments& arguments) {
  Command command("basewise data sites",
                  "Merges the peaks of several samples into one table of sites, as Basset does. OUT.tsv is what recipes read:\n"
                  "data.genome.sites.file, with chromosome, position, strand and task as columns.",
                  {"basewise data sites samples.txt --sizes hg38.chrom.sizes --out sites",
                   "basewise data sites samples.txt --size 1000 --merge-overlap 300 --point summit --leave-out-auxiliary --out sites",
                   "basewise data sites new.txt --known encode.bed --known-activity encode_act.txt --out both"});
  prepare::SiteMergeOptions options;
  command.add_options(described(options), "Options of sites", "samples");
  if (!command.parse(arguments)) return 0;

  command.apply(described(options));
  const auto result = prepare::merge_sites(options);
  if (command.json()) return print_json(to_json(result)), 0;
  for (const std::string& note : result.notes) log_warning("{}", note);
  if (!command.quiet()) print(text_of(result));
  return 0;
}

}  // namespace basewise::app
