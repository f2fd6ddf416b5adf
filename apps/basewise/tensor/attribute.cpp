#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/tensor/set_up.h"
#include "apps/basewise/tensor/verbs.h"
#include "basewise/core/log.h"
#include "basewise/interpret/attribute_run.h"
#include "basewise/report/folder_page.h"

namespace basewise::app {
namespace {

nlohmann::ordered_json to_json(const interpret::AttributeResult& result) {
  nlohmann::ordered_json json = {{"folder", result.folder.string()},
                                 {"finished", result.finished},
                                 {"target", result.target},
                                 {"examples", result.examples},
                                 {"computed", result.computed},
                                 {"missing", result.missing},
                                 {"length", result.length},
                                 {"convergence", nullptr},
                                 {"check", result.check.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(result.check)},
                                 {"files", nlohmann::ordered_json::array()},
                                 {"notes", result.notes},
                                 {"seconds", result.seconds}};
  if (result.largest_convergence)
    json["convergence"] = {{"largest", *result.largest_convergence}, {"over_threshold", result.over_threshold}};
  for (const auto& file : result.files) json["files"].push_back(file.string());
  return json;
}

std::string to_text(const interpret::AttributeResult& result) {
  if (!result.finished)
    return result.missing > 0
               ? format("{} examples attributed in {:.1f} s; {} of {} are left to other shards. When all are done, call again with "
                        "--join in place of --shard\n",
                        result.computed, result.seconds, result.missing, result.examples)
               : format("{} examples attributed in {:.1f} s; all {} are there: call again with --join in place of --shard\n",
                        result.computed, result.seconds, result.examples);
  std::string text = result.finished_before
                         ? format("{} examples of {} bases were attributed before\n", result.examples, result.length)
                         : format("{} examples of {} bases attributed in {:.1f} s; target: {}\n", result.examples, result.length,
                                  result.seconds, result.target);
  if (!result.check.empty()) text += format("checked: {}\n", result.check);
  for (const auto& file : result.files) text += format("{} {}\n", result.finished_before ? "there is" : "wrote", file.string());
  return text;
}

}  // namespace

int attribute(const Arguments& arguments) {
  Command command("basewise attribute",
                  "Says how much each base of a sequence matters to a prediction: scores for TF-MoDISco, tracks, a page.",
                  {"basewise attribute runs/demo --split test --target logits:0 --out attributions/demo",
                   "basewise attribute runs/pu1 --genome hg38.fa --bed peaks.bed --target logits:0 --formats bigwig --out attributions/pu1",
                   "basewise attribute runs/pu1 --fasta new.fa --method mutagenesis --max 500 --out attributions/new"});
  interpret::AttributeOptions options;
  command.add_options(described(options), "Options of attribute", "run");
  if (!parse(command, arguments)) return 0;

  command.apply(described(options));
  prepare_device(options.device);
  const auto result = interpret::attribute_run(options);
  if (!command.json())
    for (const std::string& note : result.notes) log_warning("{}", note);
  const auto page = options.report && result.finished ? report::try_folder_page(result.folder) : std::filesystem::path();
  print_with_page(to_json(result), to_text(result), page, command.json());
  return 0;
}

}  // namespace basewise::app
