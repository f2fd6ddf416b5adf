#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/tensor_library.h"
#include "apps/basewise/verbs.h"
#include "basewise/core/json.h"
#include "basewise/core/parallel.h"
#include "basewise/core/version.h"
#include "basewise/corpus/registry.h"

namespace basewise::app {
namespace {

using Json = nlohmann::ordered_json;

Json facts(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Json result = Json::object();
  for (const auto& [name, value] : pairs) result[name] = value;
  return result;
}

// A machine without a working libtorch is what doctor is for: it says so and goes on.
Json torch() {
  try {
    return torch_facts();
  } catch (const Error& e) {
    return {{"problem", e.what()}};
  }
}

Json data_folders() {
  const corpus::Registry registry;
  const std::string mirror = registry.mirror().string();
  return {
      {"mirror", mirror.empty() ? Json() : Json(mirror)}, {"cache", registry.cache().string()}, {"data sets", registry.datasets().size()}};
}

std::string section(const std::string& title, const Json& values) {
  std::string text = title + "\n";
  for (const auto& [name, value] : values.items())
    text += format("  {:<28}{}\n", name, value.is_string() ? value.get<std::string>() : value.is_null() ? "none" : json_text(value));
  return text;
}

}  // namespace

int doctor(const Arguments& arguments) {
  Command command("basewise doctor", "Prints what this program is made of and what it finds on this machine.",
                  {"basewise doctor", "basewise doctor --json > doctor.json"});
  if (!command.parse(arguments)) return 0;
  Json report = {{"build", facts(build_facts())}, {"machine", facts(machine_facts())}};
  report["machine"]["threads"] = threads();
  report["torch"] = torch();
  report["data"] = data_folders();
  const bool healthy = !report["torch"].contains("problem");
  if (command.json()) {
    print_json(report);
  } else {
    for (const auto& [title, values] : report.items()) print(section(title, values));
  }
  return static_cast<int>(healthy ? ExitCode::success : ExitCode::failure);
}

}  // namespace basewise::app
