#include "basewise/run/run_folder.h"

#include <algorithm>
#include <functional>
#include <string_view>

#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/core/json.h"
#include "basewise/core/version.h"
#include "basewise/tensor/tensors.h"

namespace basewise::run {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kLockFile = ".lock";

Json facts(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Json json = Json::object();
  for (const auto& [name, value] : pairs) json[name] = value;
  return json;
}

bool is_temporary(const fs::path& path) { return is_temporary_name(path.filename().native()); }

void remove_temporaries(const fs::path& folder) {
  if (!fs::is_directory(folder)) return;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (is_temporary(entry.path())) found.push_back(entry.path());
  }
  for (const fs::path& path : found) fs::remove_all(path);
}

bool holds_foreign_files(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename() != kLockFile && !is_temporary(entry.path())) return true;
  }
  return false;
}

bool has_entries(const fs::path& folder) { return fs::is_directory(folder) && !fs::is_empty(folder); }

/// What a run cannot be opened without.
bool can_be_opened(const fs::path& folder) {
  for (const char* file : {results::kConfigFile, results::kModelFile})
    if (!fs::exists(folder / file)) return false;
  return fs::exists(folder / results::weights_file());
}

}  // namespace

std::int64_t modified_ns(const fs::path& file) {
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0) return 0;
  return std::int64_t{facts.st_mtim.tv_sec} * 1'000'000'000 + facts.st_mtim.tv_nsec;
}

std::vector<InputFact> input_facts(const std::vector<std::pair<std::string, fs::path>>& files) {
  std::vector<InputFact> all;
  for (const auto& [reference, path] : files) {
    std::error_code missing;
    const auto bytes = fs::file_size(path, missing);
    if (missing) throw DataError(format("{}: cannot read its size: {}", path.string(), missing.message()));
    const std::int64_t modified = modified_ns(path);  // before it is read: a change in between is seen
    all.push_back({.reference = reference,
                   .path = path,
                   .bytes = static_cast<std::int64_t>(bytes),
                   .sha256 = sha256_file(path),
                   .modified_ns = modified});
  }
  return all;
}

Json to_json(const Manifest& m) {
  Json inputs = Json::array();
  for (const InputFact& f : m.inputs) {
    inputs.push_back({{"reference", f.reference},
                      {"path", f.path.string()},
                      {"bytes", f.bytes},
                      {"sha256", f.sha256},
                      {"modified_ns", f.modified_ns}});
  }
  Json json = {{"format", results::kManifestFormat},
               {"version", 1},
               {"status", to_word(m.status)},
               {"detail", m.detail},
               {"name", m.name},
               {"seed", m.seed},
               {"device", m.device},
               {"threads", m.threads},
               {"command_line", m.command_line},
               {"started", m.started},
               {"ended", m.ended},
               {"seconds", m.seconds},
               {"sessions", m.sessions},
               {"parameters", m.parameters},
               {"inputs", inputs},
               {"data", m.data_summary},
               {"notes", m.notes},
               {"build", facts(build_facts())},
               {"machine", facts(machine_facts())},
               {"torch", facts(tensor_facts())}};
  for (const InitReport& report : m.init) json["init"].push_back(to_json(report));
  if (m.given) json["given"] = true;
  if (!m.weights.empty()) json["weights"] = m.weights;
  return json;
}

namespace {

/// Whether what others ask a manifest for has the types that it was written with.
bool is_manifest(const Json& json) {
  if (!json.is_object()) return false;
  const auto fits = [&](const char* key, bool (Json::*is_type)() const noexcept) {
    const auto found = json.find(key);
    return found == json.end() || ((*found).*is_type)();
  };
  const auto format_word = json.find("format");
  return format_word != json.end() && format_word->is_string() && format_word->get<std::string>() == results::kManifestFormat &&
         fits("status", &Json::is_string) && fits("started", &Json::is_string) && fits("given", &Json::is_boolean) &&
         fits("sessions", &Json::is_number_integer);
}

}  // namespace

Json read_manifest(const fs::path& folder) {
  const fs::path file = folder / results::kManifestFile;
  if (!fs::exists(file)) {
    throw StateError(
        format("{} is no run folder: it has no manifest.json; give a folder that `basewise train --out` wrote",
               folder.string()));
  }
  std::string reason;
  try {
    Json json = read_json(file);
    if (is_manifest(json)) return json;
    reason = " (members are not what basewise writes)";
  } catch (const DataError& error) {
    reason = format(" ({})", error.what());
  }
  throw StateError(format("{}: not the manifest of a run; the file is damaged{}", file.string(), reason));
}

std::optional<results::RunStatus> run_status(const Json& manifest) {
  return find_choice<results::RunStatus>(manifest.value("status", ""));
}

RunState run_state(const fs::path& folder) {
  if (!fs::exists(folder / results::kManifestFile)) return RunState::absent;
  const bool finished = run_status(read_manifest(folder)) == results::RunStatus::finished;
  return finished && can_be_opened(folder) ? RunState::finished : RunState::unfinished;
}

void require_usable(const fs::path& folder, RunFolder::Existing existing) {
  if (!fs::exists(folder)) return;
  if (!fs::is_directory(folder))
    throw StateError(format("{} is a file, expected a folder for the run", folder.string()));
  const RunState state = run_state(folder);
  if (state == RunState::absent && holds_foreign_files(folder)) {
    throw StateError(format("{} is not empty and holds no run; give a new folder", folder.string()));
  }
  if (state == RunState::finished && existing != RunFolder::Existing::overwrite) {
    throw StateError(
        format("{} holds a finished run; give another folder, or --overwrite to replace it", folder.string()));
  }
  if (state == RunState::unfinished && existing == RunFolder::Existing::refuse) {
    throw StateError(
        format("{} holds an unfinished run; --resume continues it, --overwrite starts anew", folder.string()));
  }
}

RunFolder::RunFolder(fs::path path, Existing existing) : path_(std::move(path)) {
  require_usable(path_, existing);
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) throw DataError(format("{}: cannot make the run folder: {}", path_.string(), error.message()));
  take(existing);
  remove_temporaries(path_);
  remove_temporaries(path_ / results::kCheckpoints);
  resumed_ = existing == Existing::resume && run_state(path_) == RunState::unfinished;
  const bool goes_on = resumed_ && has_entries(path_ / results::kCheckpoints);
  if (!goes_on) clean();
}

void RunFolder::take(Existing existing) {
  lock_ = std::make_unique<FileLock>(path_ / kLockFile, FileLock::Wait::no, FileLock::Afterwards::remove);
  if (!lock_->held())
    throw StateError(format("another process works in {}; wait for it, or give another folder", path_.string()));
  require_usable(path_, existing);  // whoever held the lock before may have finished the run
}

// Nothing but what a run writes is removed. Wherever this is cut short, the folder holds a run that
// can be overwritten, and that can be resumed where it is not finished: the checkpoints go first,
// then the manifest stops saying that the run is finished, then the weights. The manifest stays
// until it is written anew.
void RunFolder::clean() const {
  remove_whole(path_ / results::kCheckpoints);
  if (run_state(path_) == RunState::finished) {
    Json begun = read_manifest(path_);
    begun["status"] = to_word(results::RunStatus::running);
    begun["detail"] = "";
    write_file(manifest(), json_text(begun, 2) + "\n");
  }
  std::vector<fs::path> ours;
  for (const auto& entry : fs::directory_iterator(path_)) {
    const std::string name = entry.path().filename().string();
    if (results::is_run_file(name) && name != results::kManifestFile) ours.push_back(entry.path());
  }
  std::sort(ours.begin(), ours.end(), std::greater<>());  // from z to a: the weights first
  for (const fs::path& file : ours) fs::remove_all(file);
}

void remove_stale_lock(const fs::path& folder) {
  if (fs::exists(folder / kLockFile)) FileLock(folder / kLockFile, FileLock::Wait::no, FileLock::Afterwards::remove);
}

void RunFolder::write_manifest(const Manifest& manifest) const {
  if (!fs::is_directory(path_)) throw StateError(format("{}: the run folder is not there any more", path_.string()));
  write_file(this->manifest(), json_text(to_json(manifest), 2) + "\n");
}

}  // namespace basewise::run
