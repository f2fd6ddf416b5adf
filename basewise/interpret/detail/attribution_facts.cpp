#include "basewise/interpret/detail/attribution_facts.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/core/json.h"
#include "basewise/core/version.h"
#include "basewise/corpus/registry.h"
#include "basewise/interpret/detail/attribution_folder.h"
#include "basewise/results/run_files.h"

namespace basewise::interpret::detail {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "basewise/attribution/1";

/// Options that do not change what pieces hold: how work is shared out, and what is written of it
/// at the end.
constexpr std::array<std::string_view, 11> kFree = {"run",   "out",    "formats",   "type",   "projected", "batch_size",
                                                    "shard", "join",   "resume",    "overwrite", "report"};

Json options_of(const AttributeOptions& options) {
  AttributeOptions copy = options;
  Json all = to_json(described(copy));
  for (const std::string_view free : kFree) all.erase(std::string(free));
  all.erase("device");
  return all;
}

Json fact_of(const fs::path& file) {
  constexpr std::uintmax_t kMostHashed = std::uintmax_t{1} << 30;
  const fs::path found = corpus::resolve_path(file.string());
  std::error_code missing;
  const std::uintmax_t bytes = fs::file_size(found, missing);
  Json fact = {{"path", file.string()}, {"bytes", missing ? 0 : bytes}};
  if (!missing && bytes <= kMostHashed) fact["sha256"] = sha256_file(found);
  return fact;
}

std::vector<std::string> names_of(const std::vector<fs::path>& files) {
  std::vector<std::string> names;
  for (const fs::path& file : files) names.push_back(file.filename().string());
  return names;
}

}  // namespace

Json facts_of(const run::OpenRun& run, const AttributeOptions& o, const Target& target) {
  Json inputs = Json::array();
  for (const fs::path& file : {o.examples.genome, o.examples.bed, o.examples.fasta, o.examples.table, o.examples.aliases})
    if (!file.empty()) inputs.push_back(fact_of(file));
  if (const fs::path references = o.references; !o.references.empty() && fs::exists(corpus::resolve_path(o.references)))
    inputs.push_back(fact_of(references));
  const fs::path weights = run.folder / results::weights_file();
  return {{"target", target.text()},
          {"options", options_of(o)},
          {"weights", fs::exists(weights) ? Json(sha256_file(weights)) : Json()},
          {"inputs", std::move(inputs)}};
}

Json written_as(const AttributeOptions& o) {
  Json formats = Json::array();
  // npz is always written.
  for (const AttributeFormat format : {AttributeFormat::npz, AttributeFormat::h5, AttributeFormat::bigwig})
    if (format == AttributeFormat::npz || std::find(o.formats.begin(), o.formats.end(), format) != o.formats.end())
      formats.push_back(to_word(format));
  return {{"formats", std::move(formats)}, {"type", to_word(o.type)}, {"projected", o.projected}};
}

void write_document(const fs::path& file, const Json& facts, const AttributeResult& result, const DocumentFacts& more,
                    const AttributeOptions& o) {
  const fs::path input = !o.examples.bed.empty() ? o.examples.bed : !o.examples.fasta.empty() ? o.examples.fasta : o.examples.table;
  const std::string examples = o.examples.split != run::PredictSplit::none ? format("the {} set of the run", o.examples.split)
                               : !o.examples.regions.empty()               ? format("{}", fmt::join(o.examples.regions, ","))
                                                                  : input.string();
  const bool compared = result.largest_convergence.has_value();
  const Json convergence = {{"largest", result.largest_convergence.value_or(0)}, {"over_threshold", result.over_threshold}};
  Json document = {{"schema", kSchema},
                   {"run", more.run.string()},
                   {"method", to_word(o.method)},
                   {"target", more.target.text()},
                   {"strands", more.strands.word()},
                   {"input", examples},
                   {"genome", o.examples.genome.empty() ? Json() : Json(o.examples.genome.string())},
                   {"examples", result.examples},
                   {"length", result.length},
                   {"references", more.references.empty() ? Json() : Json(more.references)},
                   {"hypothetical", more.hypothetical},
                   {"convergence", compared ? convergence : Json()},
                   {"check", result.check.empty() ? Json() : Json(result.check)},
                   {"notes", result.notes},
                   {"files", names_of(result.files)},
                   {"versions", {{"basewise", version()}}},
                   {"written", written_as(o)}};
  for (const auto& [key, value] : facts.items()) document[key] = value;
  write_file(file, json_text(document, 2) + "\n");
}

void read_document(const fs::path& file, AttributeResult& result) {
  const Json document = read_json(file);
  result.finished = result.finished_before = true;
  result.examples = document.value("examples", std::int64_t{0});
  result.length = document.value("length", std::int64_t{0});
  result.target = document.value("target", "");
  if (const auto check = document.find("check"); check != document.end() && check->is_string()) result.check = check->get<std::string>();
  result.notes = document.value("notes", std::vector<std::string>());
  for (const std::string& name : document.value("files", std::vector<std::string>())) result.files.push_back(result.folder / name);
  result.files.push_back(file);
  const auto convergence = document.find("convergence");
  if (convergence == document.end() || !convergence->is_object()) return;
  result.largest_convergence = convergence->value("largest", 0.0);
  result.over_threshold = convergence->value("over_threshold", std::int64_t{0});
}

}  // namespace basewise::interpret::detail
