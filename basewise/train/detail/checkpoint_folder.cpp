#include "basewise/train/detail/checkpoint_folder.h"

#include <algorithm>
#include <fstream>
#include <functional>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/core/json.h"
#include "basewise/train/tensor_file.h"

namespace basewise::train::detail {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 2;
constexpr std::string_view kPrefix = "step-";
constexpr std::string_view kFormat = "basewise checkpoint";

Json optional_json(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

std::optional<double> optional_from(const Json& json) { return json.is_null() ? std::nullopt : std::optional(json.get<double>()); }

Json to_json(const Watch::State& s) {
  return {{"best", optional_json(s.best)}, {"best_epoch", s.best_epoch}, {"without_improvement", s.without_improvement}};
}

Watch::State watch_from(const Json& j) {
  return {optional_from(j.at("best")), j.at("best_epoch").get<std::int64_t>(), j.at("without_improvement").get<std::int64_t>()};
}

Json to_json(const Selection::State& s) {
  Json json = {{"best", to_json(s.best)}, {"stop", to_json(s.stop)}, {"also", Json::object()}};
  for (const auto& [name, state] : s.also) json["also"][name] = to_json(state);
  return json;
}

Selection::State selection_from(const Json& j) {
  Selection::State s{.best = watch_from(j.at("best")), .stop = watch_from(j.at("stop"))};
  for (const auto& [name, state] : j.at("also").items()) s.also.emplace_back(name, watch_from(state));
  return s;
}

Json to_json(const nn::LossMean& m) {
  Json json = {{"batches", m.batches},       {"examples", m.examples}, {"first", m.first},         {"same_size", m.same_size},
               {"same_share", m.same_share}, {"weighted", m.weighted}, {"penalties", m.penalties}, {"terms", Json::array()}};
  for (const nn::LossMean::Term& t : m.terms)
    json["terms"].push_back({{"set", t.set},
                             {"loss", t.loss},
                             {"weight", t.weight},
                             {"examples", t.examples},
                             {"sum", t.sum},
                             {"measured", t.measured},
                             {"per_example", t.per_example}});
  return json;
}

nn::LossMean loss_from(const Json& j) {
  nn::LossMean m;
  j.at("batches").get_to(m.batches);
  j.at("examples").get_to(m.examples);
  j.at("first").get_to(m.first);
  j.at("same_size").get_to(m.same_size);
  j.at("same_share").get_to(m.same_share);
  j.at("weighted").get_to(m.weighted);
  j.at("penalties").get_to(m.penalties);
  for (const Json& row : j.at("terms")) {
    nn::LossMean::Term& t = m.terms.emplace_back();
    row.at("set").get_to(t.set);
    row.at("loss").get_to(t.loss);
    row.at("weight").get_to(t.weight);
    row.at("examples").get_to(t.examples);
    row.at("sum").get_to(t.sum);
    row.at("measured").get_to(t.measured);
    row.at("per_example").get_to(t.per_example);
  }
  return m;
}

Json to_json(const TrainingState& s) {
  Json log = Json::array();
  for (const EpochLog& row : s.log) log.push_back(to_json(row));
  return {{"step", s.step},
          {"epoch", s.epoch},
          {"batch", s.batch},
          {"loss_sum", s.loss_sum},
          {"loss", to_json(s.loss)},
          {"learning_rate", s.learning_rate},
          {"seconds", s.seconds},
          {"data_wait_seconds", s.data_wait_seconds},
          {"plateau",
           {{"factor", s.plateau.factor},
            {"best", optional_json(s.plateau.best)},
            {"without_improvement", s.plateau.without_improvement},
            {"cuts", s.plateau.cuts}}},
          {"selection", to_json(s.selection)},
          {"log", log},
          {"config", parse_json(s.config.empty() ? "null" : s.config, "the options of a checkpoint")},
          {"machine", s.machine}};
}

TrainingState state_from(const Json& j) {
  TrainingState s;
  j.at("step").get_to(s.step);
  j.at("epoch").get_to(s.epoch);
  j.at("batch").get_to(s.batch);
  j.at("loss_sum").get_to(s.loss_sum);
  if (j.contains("loss")) s.loss = loss_from(j.at("loss"));
  j.at("learning_rate").get_to(s.learning_rate);
  j.at("seconds").get_to(s.seconds);
  j.at("data_wait_seconds").get_to(s.data_wait_seconds);
  const Json& plateau = j.at("plateau");
  s.plateau = {plateau.at("factor").get<double>(), optional_from(plateau.at("best")),
               plateau.at("without_improvement").get<std::int64_t>(), plateau.value("cuts", std::int64_t{0})};
  s.selection = selection_from(j.at("selection"));
  for (const Json& row : j.at("log")) s.log.push_back(epoch_log_from_json(row));
  if (!j.at("config").is_null()) s.config = json_text(j.at("config"));
  j.at("machine").get_to(s.machine);
  return s;
}

[[noreturn]] void damaged(const fs::path& file, const std::string& why) { throw StateError(format("{}: {}", file.string(), why)); }

/// Plainly: the folder around the file is synced and put in place as a whole.
void write_inside(const fs::path& file, const std::function<void(std::ostream&)>& write) {
  std::ofstream out(file, std::ios::binary);
  write(out);
  out.close();
  if (!out) throw DataError(format("{}: cannot write all of it; is the disk full?", file.string()));
}

Json read_state(const fs::path& file) {
  Json json;
  try {
    json = read_json(file);
  } catch (const DataError& error) {
    damaged(file, format("no JSON object; the file is damaged ({})", error.what()));
  }
  if (!json.is_object()) damaged(file, "no JSON object; the file is damaged");
  const int version = json.value("version", 0);
  if (json.value("format", "") != kFormat) damaged(file, "not a basewise checkpoint");
  if (version != kVersion) {
    throw VersionError(format("{}: checkpoint version {}, this program reads version {}; use the basewise that wrote it or start anew",
                              file.string(), version, kVersion));
  }
  return json;
}

std::int64_t step_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  const std::string digits = name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : "";
  if (digits.empty() || digits.size() > 18 || digits.find_first_not_of("0123456789") != std::string::npos) return -1;
  return std::stoll(digits);
}

}  // namespace

void write_checkpoint(const fs::path& folder, const TrainingState& state) {
  const fs::path target = folder / format("{}{:012}", kPrefix, state.step);
  AtomicDirectory directory(target);
  const fs::path tensors = directory.temporary() / "tensors.safetensors";
  write_inside(tensors, [&](std::ostream& out) { save_bundle(state.tensors, out); });
  const Json body = to_json(state);
  const Json file = {{"format", kFormat},
                     {"version", kVersion},
                     {"state_sha256", sha256(json_text(body))},
                     {"tensors_sha256", sha256_file(tensors)},
                     {"state", body}};
  write_inside(directory.temporary() / "state.json", [&](std::ostream& out) { out << json_text(file, 1) << '\n'; });
  // Of the same step there can only be one that was passed over as damaged:
  // a whole one would have been resumed from.
  remove_whole(target);
  directory.commit();
}

TrainingState load_checkpoint(const fs::path& folder) {
  const fs::path state_file = folder / "state.json", tensor_file = folder / "tensors.safetensors";
  for (const fs::path& file : {state_file, tensor_file}) {
    if (!fs::exists(file)) damaged(file, "the file is missing");
  }
  try {
    const Json json = read_state(state_file);
    if (sha256(json_text(json.at("state"))) != json.at("state_sha256").get<std::string>())
      damaged(state_file, "SHA-256 differs; the file is damaged");
    if (sha256_file(tensor_file) != json.at("tensors_sha256").get<std::string>())
      damaged(tensor_file, "SHA-256 differs; the file is damaged");
    TrainingState state = state_from(json.at("state"));
    state.tensors = load_bundle(tensor_file);
    return state;
  } catch (const nlohmann::json::exception& e) {
    damaged(state_file, format("unexpected content ({}); the file is damaged", e.what()));
  }
}

std::vector<fs::path> list_checkpoints(const fs::path& folder) {
  std::vector<fs::path> found;
  if (!fs::is_directory(folder)) return found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory() && step_of(entry.path()) >= 0) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) { return step_of(a) > step_of(b); });
  return found;
}

}  // namespace basewise::train::detail
