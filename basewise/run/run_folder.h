// The run folder: the unit that users keep. Files appear by atomic rename.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/core/file_lock.h"
#include "basewise/results/manifest.h"
#include "basewise/results/run_files.h"
#include "basewise/run/init.h"

namespace basewise::run {

/// A file that a run read.
struct InputFact {
  std::string reference = {};  ///< as the recipe names it
  std::filesystem::path path = {};
  std::int64_t bytes = 0;
  std::string sha256 = {};
  std::int64_t modified_ns = 0;  ///< time of the last change, nanoseconds since 1970
};

/// When a file was changed last, in nanoseconds since 1970; 0 where it is not there.
std::int64_t modified_ns(const std::filesystem::path& file);

/// Sizes, SHA-256 and times of (reference, path) pairs. Errors: DataError naming the file.
std::vector<InputFact> input_facts(const std::vector<std::pair<std::string, std::filesystem::path>>& files);

/// What a run was, for manifest.json.
struct Manifest {
  results::RunStatus status = results::RunStatus::running;
  std::string detail = {};         ///< why it stopped: completed, early_stopped, time_limit, or the error
  std::string name = {};           ///< of the recipe
  std::uint64_t seed = 0;
  std::string device = {};
  int threads = 0;
  std::vector<std::string> command_line = {};
  std::string started = {};  ///< UTC, ISO 8601; of the first session
  std::string ended = {};
  double seconds = 0;         ///< training, all sessions
  std::int64_t sessions = 1;  ///< 1 + resumes
  std::vector<InputFact> inputs = {};
  std::map<std::string, std::string> weights = {};  ///< SHA-256 by the name of the file, once it is finished
  std::string data_summary = {};
  std::vector<std::string> notes = {};
  std::int64_t parameters = 0;
  std::vector<InitReport> init = {};  ///< weights that it started with
  bool given = false;                 ///< model and data came from a program
};

/// With the facts of build, machine and torch.
nlohmann::ordered_json to_json(const Manifest& manifest);

/// What stands in a folder that a run is to use.
enum class RunState { absent, unfinished, finished };

/// config.toml (the recipe as resolved), model.toml, weights.safetensors and
/// weights.<value>.safetensors (at the end), checkpoints/, events/, log.tsv, model.json (the layer
/// table), data.json (sizes and balance of the sets), metrics.json, curves.json and tracks.json
/// (from evaluation), report.html, manifest.json. One process at a time works in it: a lock is held
/// while this lives and vanishes with the process.
class RunFolder {
 public:
  /// How to treat a folder that holds a run.
  enum class Existing { refuse, resume, overwrite };

  /// Opens or makes the folder. Temporary files of a killed process are removed; `overwrite`
  /// removes the files of the run there, and nothing else. So does `resume` where there is no
  /// checkpoint to go on from: nothing of a session that starts anew stays from one before, but the
  /// manifest. Killed in between, the folder holds an unfinished run without checkpoint.
  /// Errors: StateError as `require_usable`, and for a folder that another process works in.
  RunFolder(std::filesystem::path path, Existing existing);
  ~RunFolder() = default;
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// True when a run that was begun goes on.
  bool resumed() const { return resumed_; }

  std::filesystem::path config() const { return path_ / results::kConfigFile; }
  std::filesystem::path model() const { return path_ / results::kModelFile; }
  std::filesystem::path weights() const { return path_ / results::weights_file(); }
  /// The best weights by another validation value.
  std::filesystem::path weights(const std::string& value) const { return path_ / results::weights_file(value); }
  std::filesystem::path metrics() const { return path_ / results::metrics_file(); }
  std::filesystem::path manifest() const { return path_ / results::kManifestFile; }

  void write_manifest(const Manifest& manifest) const;

 private:
  void take(Existing existing);
  void clean() const;

  std::filesystem::path path_;
  std::unique_ptr<FileLock> lock_;
  bool resumed_ = false;
};

/// Errors: StateError for a finished run (unless overwritten), an unfinished one (unless resumed or
/// overwritten; says how), and a folder that is not empty and holds no run. Changes nothing.
void require_usable(const std::filesystem::path& folder, RunFolder::Existing existing);

/// `finished` when the manifest says so and what is needed to open the run is there
/// (options, model, weights).
/// Errors: StateError for a manifest that cannot be read.
RunState run_state(const std::filesystem::path& folder);

/// Removes the lock that a process left behind which was killed at its last step; one that is held
/// stays.
void remove_stale_lock(const std::filesystem::path& folder);

/// The manifest of a run. Errors: StateError saying that the folder is no run folder.
nlohmann::ordered_json read_manifest(const std::filesystem::path& folder);

/// What a manifest says of its run; nothing for a word that is none.
std::optional<results::RunStatus> run_status(const nlohmann::ordered_json& manifest);

}  // namespace basewise::run
