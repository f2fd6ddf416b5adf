#include "basewise/train/checkpoint.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/log.h"
#include "basewise/core/printable.h"
#include "basewise/train/detail/checkpoint_folder.h"

namespace basewise::train {
namespace {

/// "data.files.a/b" of the JSON pointer "/data/files/a~1b".
std::string option_path(const std::string& pointer) {
  std::string path;
  for (std::size_t i = 1; i < pointer.size(); ++i) {
    const char next = pointer[i] == '~' && i + 1 < pointer.size() ? pointer[i + 1] : '\0';
    if (next == '0' || next == '1') {
      path += next == '0' ? '~' : '/';
      ++i;
    } else {
      path += pointer[i] == '/' ? '.' : pointer[i];
    }
  }
  return path;
}

constexpr std::size_t kLongestValue = 100;

std::string value_text(const nlohmann::ordered_json& value) { return shortened(json_text(value), kLongestValue); }

/// Of long texts, such as model files, only the first line that differs.
std::string changed_text(const std::string& path, const nlohmann::ordered_json& now, const nlohmann::ordered_json& before) {
  const auto line_at = [](const std::string& text, std::size_t start) {
    return value_text(text.substr(start, text.find('\n', start) - start));
  };
  if (now.is_string() && before.is_string()) {
    const auto a = now.get<std::string>(), b = before.get<std::string>();
    const auto differs = static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
    const std::size_t start = differs == 0 ? 0 : a.rfind('\n', differs - 1) + 1;
    const auto line = std::count(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(start), '\n') + 1;
    if (std::max(a.size(), b.size()) > kLongestValue)
      return format("'{}' is another text now than when it was started: line {} is {}, but was {}", path, line, line_at(a, start),
                    line_at(b, start));
  }
  return format("'{}' is {} now, but was {} when it was started", path, value_text(now), value_text(before));
}

}  // namespace

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
  const Json a = parse_json(saved, "the options of the checkpoint").flatten(), b = parse_json(present, "the options").flatten();
  const Json standard = defaults.empty() ? Json::object() : parse_json(defaults, "the defaults").flatten();
  for (const auto& [pointer, value] : b.items()) {
    if (!a.contains(pointer) && standard.contains(pointer) && standard.at(pointer) == value) continue;
    if (!a.contains(pointer))
      return format("'{}' is {} now, but was not set when it was started", option_path(pointer), value_text(value));
    if (a.at(pointer) != value) return changed_text(option_path(pointer), value, a.at(pointer));
  }
  for (const auto& [pointer, value] : a.items()) {
    if (!b.contains(pointer))
      return format("'{}' was {} when it was started, but is not set now", option_path(pointer), value_text(value));
  }
  return "";
}

}  // namespace basewise::train
