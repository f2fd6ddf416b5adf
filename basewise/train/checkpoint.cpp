#include "basewise/train/checkpoint.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/log.h"
#include "basewise/train/detail/checkpoint_folder.h"

namespace basewise::train {

void describe(Visitor& v, CheckpointOptions& o) {
  v("every_steps", o.every_steps, "optimiser steps between two checkpoints; 0: not by steps", non_negative());
  v("every_seconds", o.every_seconds, "seconds between two checkpoints; 0: not by time", non_negative());
  v("every_epoch", o.every_epoch, "save after each epoch too, unless the last checkpoint is younger than 5 seconds");
  v("keep", o.keep, "how many of the newest checkpoints stay; at least 2, so that a damaged one has a stand-in", at_least(2));
}

void save_checkpoint(const fs::path& folder, const TrainingState& state, std::int64_t keep) {
  detail::write_checkpoint(folder, state);
  const std::vector<fs::path> all = detail::list_checkpoints(folder);
  for (std::size_t i = static_cast<std::size_t>(keep); i < all.size(); ++i) remove_whole(all[i]);
}

std::optional<TrainingState> load_newest_checkpoint(const fs::path& folder) {
  const std::vector<fs::path> all = detail::list_checkpoints(folder);
  std::vector<std::string> problems;
  for (const fs::path& candidate : all) {
    try {
      TrainingState state = detail::load_checkpoint(candidate);
      for (const std::string& problem : problems) log_warning("checkpoint passed over: {}", problem);
      return state;
    } catch (const detail::VersionError&) {
      throw;
    } catch (const Error& e) {
      problems.emplace_back(e.what());
    }
  }
  if (all.empty()) return std::nullopt;
  throw StateError(format("no checkpoint can be used: {}; remove the run folder or start with --overwrite", fmt::join(problems, "; ")));
}

Bundle with_prefix(const std::string& prefix, const Bundle& bundle) {
  Bundle out;
  for (const auto& [name, tensor] : bundle) out.set(prefix + "/" + name, tensor);
  return out;
}

Bundle without_prefix(const std::string& prefix, const Bundle& bundle) {
  Bundle out;
  for (const auto& [name, tensor] : bundle) {
    if (name.starts_with(prefix + "/")) out.set(name.substr(prefix.size() + 1), tensor);
  }
  return out;
}

std::string config_difference(const std::string& saved, const std::string& present, const std::string& defaults) {
  using Json = nlohmann::ordered_json;
  if (saved.empty() || present.empty()) return "";
  const Json a = Json::parse(saved).flatten(), b = Json::parse(present).flatten();
  const Json standard = defaults.empty() ? Json::object() : Json::parse(defaults).flatten();
  const auto key = [](std::string pointer) {
    std::replace(pointer.begin(), pointer.end(), '/', '.');
    return pointer.substr(std::min<std::size_t>(1, pointer.size()));
  };
  for (const auto& [pointer, value] : b.items()) {
    if (!a.contains(pointer) && standard.contains(pointer) && standard.at(pointer) == value) continue;
    if (!a.contains(pointer)) return format("'{}' is {} now, but was not set when it was started", key(pointer), value.dump());
    if (a.at(pointer) != value)
      return format("'{}' is {} now, but was {} when it was started", key(pointer), value.dump(), a.at(pointer).dump());
  }
  for (const auto& [pointer, value] : a.items()) {
    if (!b.contains(pointer)) return format("'{}' was {} when it was started, but is not set now", key(pointer), value.dump());
  }
  return "";
}

}  // namespace basewise::train
