#include "basewise/report/detail/record.h"

#include "basewise/core/error.h"
#include "basewise/core/json.h"

namespace basewise::report::detail {
namespace {

std::string command_of(const Json& manifest) {
  std::vector<std::string> words;
  for (const Json& word : member(manifest, "command_line"))
    if (word.is_string()) words.push_back(word.get<std::string>());
  return format("{}", fmt::join(words, " "));
}

std::vector<Fact> facts_of(const Run& run) {
  const Json& m = run.manifest;
  std::vector<Fact> facts = {{.name = "Command", .value = command_of(m)},
                             {.name = "Status", .value = text_of(m, "status"), .note = text_of(m, "detail")},
                             {.name = "Seed", .value = number(number_of(m, "seed")), .format = "d"},
                             {.name = "Device", .value = text_of(m, "device")},
                             {.name = "Threads", .value = number(number_of(m, "threads")), .format = "d"},
                             {.name = "Started", .value = text_of(m, "started")},
                             {.name = "Ended", .value = text_of(m, "ended")},
                             {.name = "Training", .value = number(number_of(m, "seconds")), .format = ",.1f", .unit = "s"},
                             {.name = "Sessions", .value = number(number_of(m, "sessions")), .format = "d"}};
  for (const char* part : {"build", "machine", "torch"})
    for (const auto& [name, value] : member(m, part).items())
      if (value.is_string()) facts.push_back({.name = name, .value = value});
  return facts;
}

/// Without empty lines in front, as the model of a recipe has that stood below other tables.
std::string from_first_line(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string::npos ? std::string() : text.substr(text.rfind('\n', first) + 1);
}

}  // namespace

Section record_section(const Runs& runs) {
  Section section{.id = "record", .title = "Record", .lead = "What is needed to make the same run again."};
  for (const Run& run : runs) {
    const std::string suffix = runs.size() > 1 ? ": " + run.id : "";
    section.add(facts_block("Made by" + suffix, facts_of(run)));
    if (!run.config_text.empty()) section.add(listing_block("config.toml" + suffix, run.config_text));
    if (!run.model_text.empty()) section.add(listing_block("model.toml" + suffix, from_first_line(run.model_text)));
    section.add(listing_block("manifest.json" + suffix, json_text(run.manifest, 2)));
  }
  return section;
}

}  // namespace basewise::report::detail
