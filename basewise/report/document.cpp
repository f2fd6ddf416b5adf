#include "basewise/report/document.h"

#include <nlohmann/json.hpp>

#include "basewise/core/clock.h"
#include "basewise/core/error.h"
#include "basewise/core/version.h"
#include "basewise/report/detail/data_card.h"
#include "basewise/report/detail/logos.h"
#include "basewise/report/detail/model_table.h"
#include "basewise/report/detail/outputs.h"
#include "basewise/report/detail/record.h"
#include "basewise/report/detail/results.h"
#include "basewise/report/detail/tracks.h"
#include "basewise/report/detail/training.h"
#include "basewise/report/folder_page.h"

namespace basewise::report {
namespace {

using detail::Fact;
using detail::Json;
using detail::Run;
using detail::Runs;

std::vector<Fact> facts_of(const Run& run) {
  double examples = 0;
  for (const Json& set : detail::member(run.data, "sets")) examples += detail::number_of(set, "examples");
  std::vector<Fact> facts;
  if (examples > 0) facts.push_back({.name = "Examples", .value = detail::number(examples), .format = ",d", .note = "of all sets"});
  facts.push_back({.name = "Parameters", .value = detail::number(detail::number_of(run.manifest, "parameters")), .format = ",d"});
  facts.push_back({.name = "Epochs", .value = run.log.epochs(), .format = "d"});
  facts.push_back({.name = "Training", .value = detail::number(detail::number_of(run.manifest, "seconds")), .format = ",.1f", .unit = "s"});
  facts.push_back(
      {.name = "Device",
       .value = basewise::format("{}, {} thread{}", detail::text_of(run.manifest, "device"), detail::number_of(run.manifest, "threads"),
                                 detail::number_of(run.manifest, "threads") == 1 ? "" : "s")});
  facts.push_back({.name = "Seed", .value = detail::number(detail::number_of(run.manifest, "seed")), .format = "d"});
  return facts;
}

Json facts_json(const std::vector<Fact>& facts) {
  Json json = Json::array();
  for (const Fact& fact : facts) json.push_back(detail::to_json(fact));
  return json;
}

Json sections_of(const Runs& runs) {
  Json json = Json::array();
  for (const auto& make : {detail::results_section, detail::outputs_section, detail::tracks_section, detail::data_section,
                           detail::training_section, detail::filters_section, detail::model_section, detail::record_section}) {
    const detail::Section section = make(runs);
    if (!section.blocks.empty()) json.push_back(section.to_json());
  }
  return json;
}

Json document_of(const Runs& runs, const std::string& title) {
  Json json = {{"format", "basewise-report"}, {"version", kDocumentVersion}};
  json["title"] = !title.empty() ? title : runs.size() == 1 ? runs[0].name : basewise::format("{} runs", runs.size());
  json["subtitle"] = runs.size() == 1 ? "" : basewise::format("{}", fmt::join(detail::ids_of(runs), ", "));
  json["created"] = utc_now();
  json["program"] = {{"name", "basewise"}, {"version", version()}};
  if (runs.size() == 1) json["facts"] = facts_json(facts_of(runs[0]));
  json["runs"] = Json::array();
  for (const Run& run : runs) json["runs"].push_back({{"id", run.id}, {"name", run.id}, {"facts", facts_json(facts_of(run))}});
  json["sections"] = sections_of(runs);
  return json;
}

}  // namespace

Json build_document(const std::vector<std::filesystem::path>& folders, const std::string& title, std::vector<std::string>& notes) {
  if (folders.empty()) throw ArgumentError("no run folder given; name one or several");
  for (const auto& folder : folders) {
    const auto kind = find_folder_kind(folder);
    if (!kind) continue;
    if (folders.size() == 1) return build_folder_document(folder, title, notes);
    throw ArgumentError(
        basewise::format("{} is a folder of {} and no run: it has a page of its own; give it alone", folder.string(), *kind));
  }
  Runs runs;
  for (const auto& folder : folders) runs.push_back(detail::load_run(folder));
  detail::name_runs(runs);
  for (const Run& run : runs) notes.insert(notes.end(), run.missing.begin(), run.missing.end());
  const std::string where =
      basewise::format("{}: its files are not what basewise writes", folders.size() == 1 ? folders[0].string() : "the run folders");
  try {
    return document_of(runs, title);
  } catch (DataError& e) {
    e.prepend(where);
    throw;
  } catch (const nlohmann::json::exception& e) {
    throw DataError(basewise::format("{}: {}", where, e.what()));
  }
}

}  // namespace basewise::report
