#include "basewise/prepare/detail/set_folder.h"

#include <optional>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/core/json.h"

namespace basewise::prepare::detail {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uintmax_t kHashed = std::uintmax_t{16} << 20;  // larger inputs are known by their size

Json input(const std::string& role, const std::filesystem::path& file) {
  Json entry = {{"role", role}, {"file", file.string()}};
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(file, error);
  if (error) throw DataError(format("{}: cannot be read: {}", file.string(), error.message()));
  entry["bytes"] = bytes;
  if (bytes <= kHashed) entry["sha256"] = sha256_file(file);
  return entry;
}

Json manifest_of(const Json& options, const std::vector<GivenPath>& inputs) {
  Json manifest = {{"format", 1}, {"options", options}, {"inputs", Json::array()}};
  for (const GivenPath& given : inputs)
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

bool holds_other_files(const std::filesystem::path& folder, const std::string& lock, const std::string& manifest) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name != lock && name != manifest && !is_temporary_name(name)) return true;
  }
  return false;
}

}  // namespace

SetFolder::SetFolder(std::filesystem::path path, const std::string& kind, const Json& options, const std::vector<GivenPath>& inputs)
    : path_(std::move(path)), manifest_(kind + ".json"), lock_name_("." + kind + ".lock") {
  require_apart(inputs, {{"out", path_}});
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (error || !std::filesystem::is_directory(path_))
    throw DataError(format("{}: cannot be made a folder: {}", path_.string(), error ? error.message() : "a file has this name"));
  lock_ = std::make_unique<FileLock>(path_ / lock_name_, FileLock::Wait::no, FileLock::Afterwards::remove);
  if (!lock_->held()) throw StateError(format("{}: another process makes this data set; wait for it", path_.string()));
  adopt(manifest_of(options, inputs));
}

void SetFolder::adopt(const Json& now) const {
  const auto file = path_ / manifest_;
  const bool others = holds_other_files(path_, lock_name_, manifest_);
  if (std::filesystem::exists(file)) {
    const auto what = difference(read_json(file), now);
    if (what && others)
      throw StateError(
          format("{}: holds a data set of other options or inputs: {}; give another folder, or remove this one", path_.string(), *what));
    if (!what) return;
  } else if (others) {
    throw StateError(format("{}: is not empty and holds no {}; give another folder", path_.string(), manifest_));
  }
  write_file(file, json_text(now, 2) + "\n");
}

}  // namespace basewise::prepare::detail
