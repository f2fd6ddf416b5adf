#include "basewise/prepare/detail/bins_folder.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/core/json.h"
#include "basewise/core/options.h"
#include "basewise/core/outputs.h"

namespace basewise::prepare::detail {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kManifest = "bins.json", kLock = ".bins.lock", kCoverage = "seqs_cov";
constexpr std::uintmax_t kHashed = std::uintmax_t{16} << 20;  // larger inputs are known by their size
/// Options that say how far a call goes, not what the data set is.
constexpr std::array<std::string_view, 3> kNotOfTheSet = {"out", "plan_only", "keep_coverage"};

Json input(const std::string& role, const std::filesystem::path& file) {
  Json entry = {{"role", role}, {"file", file.string()}};
  const std::uintmax_t bytes = std::filesystem::file_size(file);
  entry["bytes"] = bytes;
  if (bytes <= kHashed) entry["sha256"] = sha256_file(file);
  return entry;
}

std::vector<GivenPath> inputs_of(const BinsOptions& o, const TargetsTable& targets) {
  std::vector<GivenPath> inputs = {{"targets", o.targets},      {"genome", o.genome},   {"gaps", o.gaps},
                                   {"limit", o.limit},          {"contigs", o.contigs}, {"blacklist", o.blacklist},
                                   {"unmappable", o.unmappable}};
  for (const BinTarget& target : targets.targets) inputs.push_back({target.identifier, target.file});
  return inputs;
}

Json manifest_of(const BinsOptions& o, const TargetsTable& targets) {
  BinsOptions copy = o;
  Json manifest = {{"format", 1}, {"options", to_json(described(copy))}, {"inputs", Json::array()}};
  for (const std::string_view name : kNotOfTheSet) manifest["options"].erase(std::string(name));
  for (const GivenPath& given : inputs_of(o, targets))
    if (!given.path.empty()) manifest["inputs"].push_back(input(given.option, given.path));
  return manifest;
}

/// "options.length is 2048 there and 4096 now" of the first difference.
std::optional<std::string> difference(const Json& there, const Json& now, const std::string& path = {}) {
  if (there == now) return std::nullopt;
  if (there.is_object() && now.is_object()) {
    for (const auto& [key, value] : now.items())
      if (!there.contains(key))
        return format("{}{} is new", path, key);
      else if (auto found = difference(there[key], value, path + key + "."))
        return found;
    for (const auto& [key, value] : there.items())
      if (!now.contains(key)) return format("{}{} is no longer there", path, key);
  }
  if (there.is_array() && now.is_array() && there.size() == now.size())
    for (std::size_t i = 0; i < now.size(); ++i)
      if (auto found = difference(there[i], now[i], format("{}{}.", path, i))) return found;
  const std::string name = path.empty() ? "all" : path.substr(0, path.size() - 1);
  return format("{} is {} there and {} now", name, json_text(there).substr(0, 200), json_text(now).substr(0, 200));
}

bool holds_other_files(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name != kLock && !is_temporary_name(name)) return true;
  }
  return false;
}

}  // namespace

BinsFolder::BinsFolder(const BinsOptions& options, const TargetsTable& targets) : path_(options.out) {
  require_apart(inputs_of(options, targets), {{"out", options.out}});
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (error || !std::filesystem::is_directory(path_))
    throw DataError(format("{}: cannot be made a folder: {}", path_.string(), error ? error.message() : "a file has this name"));
  lock_ = std::make_unique<FileLock>(path_ / kLock, FileLock::Wait::no, FileLock::Afterwards::remove);
  if (!lock_->held()) throw StateError(format("{}: another process makes this data set; wait for it", path_.string()));
  adopt(options, targets);
}

void BinsFolder::adopt(const BinsOptions& options, const TargetsTable& targets) const {
  const Json now = manifest_of(options, targets);
  const auto file = path_ / kManifest;
  if (std::filesystem::exists(file)) {
    if (const auto what = difference(read_json(file), now))
      throw StateError(
          format("{}: holds a data set of other options or inputs: {}; give another folder, or remove this one", path_.string(), *what));
    return;
  }
  if (holds_other_files(path_))
    throw StateError(format("{}: is not empty and holds no {}; give another folder", path_.string(), kManifest));
  write_file(file, json_text(now, 2) + "\n");
}

std::filesystem::path BinsFolder::coverage(std::size_t target) const { return path_ / kCoverage / format("{}.h5", target); }

void BinsFolder::remove_coverage() const {
  remove_dead_temporaries(path_ / kCoverage);  // of a call that was killed while it removed the folder
  if (std::filesystem::exists(path_ / kCoverage)) remove_whole(path_ / kCoverage);
}

}  // namespace basewise::prepare::detail
