#include "basewise/interpret/detail/attribution_folder.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"

namespace basewise::interpret::detail {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// The document goes first: a folder without it is not finished.
constexpr std::array kOurs = {kAttributeFile, kSequencesFile, kAttributionsFile, kLociFile,  kH5File,
                              kTrackFile,     kAttributePage, kPiecesFolder,     kBegunFile};

bool is_ours(const std::string& name) {
  return is_temporary_name(name) || name == kLockFile || std::find(kOurs.begin(), kOurs.end(), name) != kOurs.end();
}

bool holds_something_else(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder))
    if (!is_ours(entry.path().filename().string())) return true;
  return false;
}

/// The name of the first member that is not the same in both, "" if there is none.
std::string first_difference(const Json& before, const Json& now) {
  for (const auto& [key, value] : now.items()) {
    const auto found = before.find(key);
    if (found == before.end() || *found != value) return key;
  }
  return {};
}

Json member(const Json& of, const std::string& key) {
  const auto found = of.is_object() ? of.find(key) : of.end();
  return found == of.end() ? Json() : *found;
}

/// What is wrong where a fact is not what it was.
std::string said_of(std::string_view fact) {
  using Said = std::pair<std::string_view, std::string_view>;
  constexpr std::array kSaid = {Said{"weights", "the weights of the run are not those that the work was begun with"},
                                Said{"inputs", "an input file is not what it was when the work was begun"}};
  for (const auto& [name, text] : kSaid)
    if (name == fact) return std::string(text);
  return format("{} is another than when the work was begun", fact);
}

[[noreturn]] void refuse(const fs::path& folder, const std::string& what) {
  throw StateError(
      format("{}: {}; give the options of the first call, another folder, or --overwrite to start anew", folder.string(), what));
}

}  // namespace

AttributeState attribute_state(const fs::path& folder) {
  if (fs::exists(folder / kAttributeFile)) return AttributeState::finished;
  return fs::exists(folder / kBegunFile) ? AttributeState::unfinished : AttributeState::absent;
}

void require_usable(const fs::path& folder, bool goes_on, bool overwrite) {
  if (!fs::exists(folder)) return;
  if (!fs::is_directory(folder)) throw StateError(format("{} is a file, expected a folder for attributions", folder.string()));
  const AttributeState state = attribute_state(folder);
  if (state == AttributeState::absent && holds_something_else(folder))
    throw StateError(format("{} is not empty and holds no attributions; give a new folder", folder.string()));
  if (goes_on || overwrite) return;
  if (state == AttributeState::finished)
    throw StateError(format("{} holds finished attributions; give another folder, or --overwrite to replace them", folder.string()));
  if (state == AttributeState::unfinished)
    throw StateError(format("{} holds unfinished attributions; --resume continues them, --overwrite starts anew", folder.string()));
}

void clear_attributions(const fs::path& folder) {
  for (const char* name : kOurs) remove_whole(folder / name);
}

void remove_pieces(const fs::path& folder) {
  for (const char* name : kOurs) remove_dead_temporaries(folder / name);
  remove_whole(folder / kPiecesFolder);
  remove_whole(folder / kBegunFile);
}

void begin_attributions(const fs::path& folder, const Json& facts) {
  const fs::path file = folder / kBegunFile;
  if (!fs::exists(file)) return write_file(file, json_text(facts, 2) + "\n");
  const Json before = read_json(file);
  const Json options = member(before, "options");
  const std::string option = first_difference(options, facts.at("options"));
  if (!option.empty())
    refuse(folder, format("what was begun there has {} = {}, now it is {}", option, json_text(member(options, option)),
                          json_text(facts.at("options").at(option))));
  const std::string fact = first_difference(before, facts);
  if (!fact.empty()) refuse(folder, said_of(fact));
}

bool was_made_with(const fs::path& folder, const Json& facts) {
  return first_difference(read_json(folder / kAttributeFile), facts).empty();
}

}  // namespace basewise::interpret::detail
