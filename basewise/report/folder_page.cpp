#include "basewise/report/folder_page.h"

#include <array>

#include <nlohmann/json.hpp>

#include "basewise/core/clock.h"
#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/log.h"
#include "basewise/core/version.h"
#include "basewise/report/detail/attribution_page.h"
#include "basewise/report/detail/discovery_page.h"
#include "basewise/report/detail/filters_page.h"
#include "basewise/report/document.h"
#include "basewise/report/page.h"
#include "basewise/results/run_files.h"

namespace basewise::report {
namespace {

using detail::Folder;
using detail::FolderPage;
using detail::Json;

constexpr std::array kKinds = {FolderKind::attribution, FolderKind::discovery, FolderKind::filters};

std::string file_of(FolderKind kind) { return kind == FolderKind::attribution ? "attribute.json" : format("{}.json", kind); }

Folder open_folder(const fs::path& path, FolderKind kind) {
  const std::string schema = format("basewise/{}/1", kind);
  Folder folder{.path = path, .name = fs::absolute(path / ".").lexically_normal().parent_path().filename().string(), .facts = {}};
  if (folder.name.empty()) folder.name = "folder";
  folder.facts = read_json(path / file_of(kind));
  if (!folder.facts.is_object() || detail::text_of(folder.facts, "schema") != schema)
    throw DataError(format("{}: damaged or of another version (expected schema {})", (path / file_of(kind)).string(), schema));
  return folder;
}

FolderPage page_of(const Folder& folder, FolderKind kind) {
  switch (kind) {
    case FolderKind::discovery:
      return detail::discovery_page(folder);
    case FolderKind::attribution:
      return detail::attribution_page(folder);
    case FolderKind::filters:
      return detail::filters_page(folder);
  }
  throw InternalError("a folder without a page");
}

Json document_of(const Folder& folder, const FolderPage& page, const std::string& title) {
  Json json = {{"format", "basewise-report"}, {"version", kDocumentVersion}, {"title", title.empty() ? page.title : title}};
  json["subtitle"] = page.subtitle;
  json["created"] = utc_now();
  json["program"] = {{"name", "basewise"}, {"version", version()}};
  json["facts"] = Json::array();
  for (const detail::Fact& fact : page.facts) json["facts"].push_back(detail::to_json(fact));
  json["runs"] = Json::array({{{"id", folder.name}, {"name", folder.name}}});
  json["sections"] = Json::array();
  for (detail::Section section : page.sections) {
    if (json["sections"].empty() && !page.notes.empty()) {
      Json blocks = Json::array();
      for (const std::string& note : page.notes) blocks.push_back(detail::text_block(note, detail::Tone::warning));
      for (Json& block : section.blocks) blocks.push_back(std::move(block));
      section.blocks = std::move(blocks);
    }
    if (!section.blocks.empty()) json["sections"].push_back(section.to_json());
  }
  return json;
}

}  // namespace

std::optional<FolderKind> find_folder_kind(const fs::path& folder) {
  std::error_code none;
  if (fs::exists(folder / results::kManifestFile, none)) return {};
  for (const FolderKind kind : kKinds)
    if (fs::is_regular_file(folder / file_of(kind), none)) return kind;
  return {};
}

Json build_folder_document(const fs::path& path, const std::string& title, std::vector<std::string>& notes) {
  const auto kind = find_folder_kind(path);
  if (!kind)
    throw StateError(
        format("{} holds no attributions, discovered motifs or filters: none of attribute.json, discovery.json, filters.json "
               "is in it",
               path.string()));
  const Folder folder = open_folder(path, *kind);
  try {
    const FolderPage page = page_of(folder, *kind);
    notes.insert(notes.end(), page.notes.begin(), page.notes.end());
    return document_of(folder, page, title);
  } catch (const nlohmann::json::exception& e) {
    throw DataError(format("{}: its files are not what basewise writes: {}", path.string(), e.what()));
  }
}

fs::path write_folder_page(const fs::path& folder) {
  std::vector<std::string> notes;
  const fs::path page = folder / results::kPageFile;
  write_file(page, fill_page(build_folder_document(folder, {}, notes)));
  return page;
}

fs::path try_folder_page(const fs::path& folder) {
  try {
    return write_folder_page(folder);
  } catch (const std::exception& e) {
    log_warning("no page was written; the folder itself is complete: {}", e.what());
    return {};
  }
}

}  // namespace basewise::report
