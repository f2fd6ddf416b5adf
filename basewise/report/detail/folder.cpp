#include "basewise/report/detail/folder.h"

#include "basewise/core/json.h"

namespace basewise::report::detail {
namespace {

/// A value of any type on one line.
std::string value_text(const Json& value) {
  if (value.is_null()) return "none";
  if (value.is_string()) return filled(value.get<std::string>(), "none");
  return value.is_boolean() ? (value.get<bool>() ? "yes" : "no") : json_text(value);
}

}  // namespace

void add_fact(std::vector<Fact>& facts, const Json& object, const char* key, const std::string& name, const std::string& format) {
  const Json& value = member(object, key);
  if (value.is_number())
    facts.push_back({.name = name, .value = number(value.get<double>()), .format = format});
  else if (value.is_string() && !value.get<std::string>().empty())
    facts.push_back({.name = name, .value = value});
}

std::vector<std::string> told(const Json& facts) {
  std::vector<std::string> notes;
  if (const Json& list = member(facts, "notes"); list.is_array())
    for (const Json& note : list)
      if (note.is_string()) notes.push_back(note.get<std::string>());
  return notes;
}

std::string last_part(const std::string& path) {
  const auto end = path.find_last_not_of("/\\");
  if (end == std::string::npos) return {};
  const auto begin = path.find_last_of("/\\", end);
  return path.substr(begin == std::string::npos ? 0 : begin + 1, end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

Section folder_record(const Folder& folder, const std::string& file) {
  Section section{.id = "record", .title = "Record"};
  for (const char* part : {"options", "versions"}) {
    std::vector<Fact> facts;
    const Json& object = member(folder.facts, part);
    if (object.is_object())
      for (const auto& [key, value] : object.items()) facts.push_back({.name = key, .value = value_text(value)});
    if (!facts.empty()) section.add(facts_block(part == std::string("options") ? "Options" : "Versions", facts));
  }
  section.add(listing_block(file, json_text(folder.facts, 1)));
  return section;
}

}  // namespace basewise::report::detail
