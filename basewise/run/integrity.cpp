#include "basewise/run/integrity.h"

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/hash.h"
#include "basewise/core/log.h"
#include "basewise/run/run_folder.h"

namespace basewise::run {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::int64_t kMostHashed = std::int64_t{1} << 30;

/// Null where there is no manifest, or no such member.
Json manifest_member(const fs::path& folder, const char* key) {
  if (folder.empty() || !fs::exists(folder / results::kManifestFile)) return nullptr;
  const Json manifest = read_manifest(folder);
  const auto found = manifest.find(key);
  return found == manifest.end() ? Json(nullptr) : *found;
}

std::string member_text(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t member_number(const Json& object, const char* key, std::int64_t fallback) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : fallback;
}

bool has_changed(const Json& input, const fs::path& path) {
  std::error_code missing;
  const auto bytes = static_cast<std::int64_t>(fs::file_size(path, missing));
  const std::string sum = member_text(input, "sha256");
  if (missing || sum.empty()) return false;  // whoever reads the file says that it is not there
  if (bytes != member_number(input, "bytes", bytes)) return true;
  if (modified_ns(path) == member_number(input, "modified_ns", -1)) return false;
  return bytes <= kMostHashed && sha256_file(path) != sum;
}

bool is_same(const Json& input, const std::string& reference, const fs::path& path) {
  const fs::path before = member_text(input, "path");
  return member_text(input, "reference") == reference || before.lexically_normal() == fs::absolute(path).lexically_normal();
}

}  // namespace

std::map<std::string, std::string> weights_facts(const fs::path& folder) {
  std::map<std::string, std::string> sums;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && name.starts_with("weights.") && results::is_run_file(name))
      sums[name] = sha256_file(entry.path());
  }
  return sums;
}

void check_weights(const fs::path& folder, const fs::path& weights) {
  const std::string name = weights.filename().string();
  const std::string sum = member_text(manifest_member(folder, "weights"), name.c_str());
  if (sum.empty() || sha256_file(weights) == sum) return;
  throw StateError(
      format("{}: its SHA-256 is not that in manifest.json: the file was damaged or changed after training; copy it "
             "again or train anew. If it was changed on purpose, take \"weights\" out of manifest.json",
             weights.string()));
}

std::vector<std::string> changed_inputs(const fs::path& folder,
                                        const std::vector<std::pair<std::string, fs::path>>& files) {
  std::vector<std::string> changed;
  const Json inputs = manifest_member(folder, "inputs");
  for (const auto& [reference, path] : files)
    for (const Json& input : inputs.is_array() ? inputs : Json::array())
      if (is_same(input, reference, path)) {
        if (has_changed(input, path))
          changed.push_back(format("{} is not what {} was trained with: the file was changed since", path.string(),
                                   folder.string()));
        break;
      }
  return changed;
}

void warn_of_changed_inputs(const fs::path& folder, const std::vector<std::pair<std::string, fs::path>>& files) {
  for (const std::string& sentence : changed_inputs(folder, files)) log_warning("{}", sentence);
}

}  // namespace basewise::run
