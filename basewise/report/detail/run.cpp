#include "basewise/report/detail/run.h"

#include <algorithm>
#include <limits>
#include <map>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/io/tsv.h"
#include "basewise/results/manifest.h"
#include "basewise/results/run_files.h"

namespace basewise::report::detail {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Null with a sentence in `missing` when the file is damaged; null when it is not there.
Json read_schema(const fs::path& file, std::string_view schema, Run& run) {
  if (!fs::exists(file)) return {};
  std::string reason;
  try {
    Json json = read_json(file);
    if (json.is_object() && text_of(json, "schema") == schema) return json;
  } catch (const DataError& error) {
    reason = format(" ({})", error.what());
  }
  run.missing.push_back(format("{} is damaged or of another version (expected schema {}) and is left out{}.",
                               file.filename().string(), schema, reason));
  return {};
}

Json read_run_manifest(const fs::path& file) {
  Json json;
  std::string reason;
  try {
    json = read_json(file);
  } catch (const DataError& error) {
    reason = format(" ({})", error.what());
  }
  if (text_of(json, "format") != results::kManifestFormat)
    throw StateError(format("{}: not the manifest of a run; the file is damaged{}", file.string(), reason));
  return json;
}

/// Not set, with a sentence in `missing`, when the file is damaged or of another version.
/// Errors: DataError for damaged members.
template <class Document>
std::optional<Document> read_document(const fs::path& file, std::string_view schema, Run& run, Document (*from_json)(const Json&)) {
  const Json json = read_schema(file, schema, run);
  if (json.is_null()) return {};
  try {
    return from_json(json);
  } catch (Error& error) {
    error.prepend(format("{}: its files are not what basewise writes: {}", run.folder.string(), file.filename().string()));
    throw;
  }
}

std::string read_text(const fs::path& file) { return fs::exists(file) ? read_file(file) : std::string(); }

TrainingLog read_log(const fs::path& file, Run& run) {
  TrainingLog log;
  if (!fs::exists(file)) return log;
  try {
    io::TsvReader reader(file, io::plain_table());
    log.columns = reader.columns();
    while (reader.next()) {
      std::vector<double> row;
      for (std::size_t c = 0; c < log.columns.size(); ++c) row.push_back(reader.optional_number(c).value_or(kNone));
      log.rows.push_back(std::move(row));
    }
  } catch (const Error& e) {
    run.missing.push_back(format("log.tsv cannot be read and is left out: {}", e.what()));
    return {};
  }
  return log;
}

void read_results(Run& run) {
  const std::string folder = run.folder.string();
  for (const results::Set split : {results::Set::test, results::Set::validation, results::Set::train}) {
    run.split = split;
    run.metrics = read_document(run.folder / results::metrics_file(split), results::kMetricsSchema, run, results::metrics_from_json);
    if (!run.metrics) continue;
    run.curves = read_document(run.folder / results::curves_file(split), results::kCurvesSchema, run, results::curves_from_json);
    run.tracks = read_document(run.folder / results::tracks_file(split), results::kTracksSchema, run, results::tracks_from_json);
    break;
  }
  const std::string again = run.split == results::Set::test ? "" : format(" --split {}", run.split);
  if (!run.metrics) {
    run.split = results::Set::test;
    run.missing.push_back(format("There are no metrics of {} yet; `basewise evaluate {}` adds them.", run.name, folder));
  } else if (!run.curves) {
    run.missing.push_back(format("There are no curves and tracks of {}; `basewise evaluate {}{}` adds them.", run.name, folder, again));
  }
}

}  // namespace

std::string text_of(const Json& object, const char* key, const std::string& fallback) {
  const Json& value = member(object, key);
  return value.is_string() ? value.get<std::string>() : fallback;
}

double number_of(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_number() ? value.get<double>() : kNone;
}

const Json& member(const Json& object, const char* key) {
  static const Json null;
  if (!object.is_object()) return null;
  const auto item = object.find(key);
  return item == object.end() ? null : *item;
}

const results::HeadEvaluation& first_head(const Run& run) {
  static const results::HeadEvaluation none;
  return run.metrics && !run.metrics->evaluation.heads.empty() ? run.metrics->evaluation.heads[0] : none;
}

std::vector<double> TrainingLog::column(const std::string& name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  std::vector<double> values;
  if (found == columns.end()) return values;
  for (const auto& row : rows) values.push_back(row[static_cast<std::size_t>(found - columns.begin())]);
  return values;
}

Run load_run(const fs::path& folder) {
  Run run;
  run.folder = folder;
  const fs::path manifest = folder / results::kManifestFile;
  if (!fs::exists(manifest))
    throw StateError(
        format("{} is no run folder: it has no manifest.json; give a folder that `basewise train --out` wrote", folder.string()));
  run.manifest = read_run_manifest(manifest);
  run.name = text_of(run.manifest, "name");
  if (run.name.empty()) run.name = fs::absolute(folder).lexically_normal().filename().string();
  if (run.name.empty()) run.name = "run";
  if (find_choice<results::RunStatus>(text_of(run.manifest, "status")) != results::RunStatus::finished)
    run.missing.push_back(format("{} is not finished ({}); `basewise train --out {} --resume` continues it.", run.name,
                                 text_of(run.manifest, "status", "unknown"), folder.string()));
  read_results(run);
  run.model = read_schema(folder / results::kModelDocument, "basewise.model/1", run);
  run.data = read_schema(folder / results::kDataDocument, "basewise.data/1", run);
  if (run.model.is_null() || run.data.is_null())
    run.missing.push_back(
        format("The layer table or the data card of {} was not stored; `basewise evaluate {}` adds it.", run.name, folder.string()));
  run.log = read_log(folder / results::kLogFile, run);
  run.config_text = read_text(folder / results::kConfigFile);
  run.model_text = read_text(folder / results::kModelFile);
  return run;
}

void name_runs(std::vector<Run>& runs) {
  std::map<fs::path, int> folders;
  for (const Run& run : runs)
    if (++folders[fs::weakly_canonical(run.folder)] > 1) throw ArgumentError(format("{} is given twice", run.folder.string()));
  std::map<std::string, int> names, longer;
  const auto with_folder = [](const Run& run) {
    return format("{} ({})", run.name, fs::absolute(run.folder / ".").lexically_normal().parent_path().filename().string());
  };
  for (const Run& run : runs) ++names[run.name], ++longer[with_folder(run)];
  for (Run& run : runs) {
    run.id = run.name;
    if (names[run.name] > 1) run.id = longer[with_folder(run)] > 1 ? format("{} ({})", run.name, run.folder.string()) : with_folder(run);
  }
}

}  // namespace basewise::report::detail
