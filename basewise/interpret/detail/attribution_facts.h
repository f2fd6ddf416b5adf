// What a folder of attributions says about itself.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "basewise/infer/strands.h"
#include "basewise/interpret/attribute_run.h"
#include "basewise/interpret/target.h"
#include "basewise/run/open_run.h"

namespace basewise::interpret::detail {

/// What decides the numbers: {"options": those that do, "target", "weights": SHA-256 of the run's,
/// "inputs": files with bytes and, up to 1 GiB, SHA-256}.
nlohmann::ordered_json facts_of(const run::OpenRun& run, const AttributeOptions& options, const Target& target);

/// What decides what is written of the numbers: {"formats", "type", "projected"}.
nlohmann::ordered_json written_as(const AttributeOptions& options);

/// What else attribute.json tells.
struct DocumentFacts {
  std::filesystem::path run;
  const Target& target;
  std::string references;
  infer::StrandStrategy strands;
  bool hypothetical = false;
};

/// Writes attribute.json, schema "basewise/attribution/1"; it appears whole.
void write_document(const std::filesystem::path& file, const nlohmann::ordered_json& facts, const AttributeResult& result,
                    const DocumentFacts& more, const AttributeOptions& options);

/// Puts what attribute.json tells into the result of a call that had nothing to do.
void read_document(const std::filesystem::path& file, AttributeResult& result);

}  // namespace basewise::interpret::detail
