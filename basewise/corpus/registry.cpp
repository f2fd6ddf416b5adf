#include "basewise/corpus/registry.h"

#include <algorithm>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/corpus/detail/cache_folder.h"
#include "basewise/corpus/detail/embedded.h"
#include "basewise/corpus/detail/made_files.h"
#include "basewise/corpus/detail/registry_parse.h"
#include "basewise/corpus/detail/verified.h"

namespace basewise::corpus {

namespace {

constexpr std::string_view kPrefix = "data:";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// The folder that holds the repository around the current folder.
fs::path repository() {
  std::error_code ignored;
  for (fs::path folder = fs::current_path(ignored); !folder.empty(); folder = folder.parent_path()) {
    if (fs::exists(folder / ".git", ignored)) return folder;
    if (folder == folder.root_path()) break;
  }
  return {};
}

fs::path default_mirror() {
  if (const std::string folder = environment("BASEWISE_DATA"); !folder.empty()) return folder;
  const fs::path root = repository();
  if (root.empty()) return {};
  const fs::path shared = root.parent_path() / "shared" / "data";
  std::error_code ignored;
  return fs::is_directory(shared, ignored) ? shared : fs::path();
}

std::vector<DataSet> read_folder(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  if (error) throw DataError(format("{}: the folder of data-set entries cannot be read: {}", folder.string(), error.message()));
  std::sort(files.begin(), files.end());
  std::vector<DataSet> sets;
  for (const fs::path& file : files) sets.push_back(parse_dataset(read_file(file), file.string()));
  return sets;
}

std::vector<DataSet> read_embedded() {
  std::vector<DataSet> sets;
  for (const auto& [name, text] : detail::embedded_datasets()) sets.push_back(parse_dataset(text, format("built in: {}", name)));
  return sets;
}

std::string how_to_get(const DataSet& set, const DataFile& file) {
  if (!file.made.empty()) return format("`basewise data get {}` makes it", set.name);
  return file.urls.empty() ? format("it has no download address (source: {}); put it into the mirror folder yourself", set.source)
                           : format("`basewise data get {}` downloads it", set.name);
}

FileReport examine(const DataSet& set, const DataFile& file, const fs::path& path) {
  FileReport report{set.name, file.path, FileState::good, path, "", false};
  if (file.sha256.empty()) {
    report.state = FileState::unverified;
    report.detail = format("no SHA-256 is known to compare with; this one has {}", sha256_file(path));
    return report;
  }
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error || static_cast<std::int64_t>(size) != file.size) {
    report.state = FileState::wrong_size;
    report.detail = error ? error.message() : format("it has {} bytes, {} were expected", size, file.size);
  } else if (const std::string sum = sha256_file(path); sum != file.sha256) {
    report.state = FileState::wrong_checksum;
    report.detail = format("its SHA-256 is {}, {} was expected", sum, file.sha256);
  }
  return report;
}

}  // namespace

std::int64_t DataSet::size() const {
  std::int64_t bytes = 0;
  for (const DataFile& file : files) bytes += file.size;
  return bytes;
}

const DataFile& DataSet::file(std::string_view path) const {
  std::vector<std::string> paths;
  for (const DataFile& file : files) {
    if (file.path == path) return file;
    paths.push_back(file.path);
  }
  const auto near = nearest(path, paths);
  throw ArgumentError(format("data set '{}' has no file '{}'{}; `basewise data ls {}` lists its {} files", name, path,
                             near ? format(" (did you mean '{}'?)", *near) : "", name, files.size()));
}

std::string_view name(FileState state) {
  switch (state) {
    case FileState::missing:
      return "missing";
    case FileState::wrong_size:
      return "wrong size";
    case FileState::wrong_checksum:
      return "wrong checksum";
    case FileState::unverified:
      return "unverified";
    case FileState::good:
      return "good";
  }
  throw InternalError("FileState out of range");
}

Registry::Registry(RegistryOptions options) {
  fs::path entries = options.entries.empty() ? fs::path(environment("BASEWISE_REGISTRY")) : options.entries;
  datasets_ = entries.empty() ? read_embedded() : read_folder(entries);
  std::sort(datasets_.begin(), datasets_.end(), [](const DataSet& a, const DataSet& b) { return a.name < b.name; });
  for (std::size_t i = 1; i < datasets_.size(); ++i)
    if (datasets_[i].name == datasets_[i - 1].name)
      throw DataError(format("data set '{}' is defined twice: in {} and in {}", datasets_[i].name, datasets_[i - 1].defined_in,
                             datasets_[i].defined_in));
  mirror_ = options.mirror.empty() ? default_mirror() : options.mirror;
  cache_ = options.cache.empty() ? detail::default_cache() : options.cache;
}

const DataSet& Registry::find(std::string_view name) const {
  std::vector<std::string> names;
  for (const DataSet& set : datasets_) {
    if (set.name == name) return set;
    names.push_back(set.name);
  }
  const auto near = nearest(name, names);
  throw ArgumentError(format("no data set is named '{}'{}; there are: {}", name, near ? format(" (did you mean '{}'?)", *near) : "",
                             fmt::join(names, ", ")));
}

std::optional<fs::path> Registry::locate(const DataSet& set, const DataFile& file) const {
  std::error_code error;
  std::optional<fs::path> found;
  for (const fs::path& root : {mirror_, cache_}) {
    if (root.empty()) continue;
    fs::path path = root / set.folder / file.path;
    if (!fs::is_regular_file(path, error)) continue;
    // A damaged copy must not hide a good one.
    if (file.sha256.empty() || static_cast<std::int64_t>(fs::file_size(path, error)) == file.size) return path;
    if (!found) found = std::move(path);
  }
  return found;
}

fs::path Registry::resolve(std::string_view dataset, std::string_view file) const {
  const DataSet& set = find(dataset);
  const DataFile& wanted = set.file(file);
  const auto path = locate(set, wanted);
  if (!path && !wanted.made.empty()) return make(set, wanted);
  if (!path)
    throw DataError(
        format("data set '{}' lacks its file '{}'; looked for it in {} and {}; {}, or set BASEWISE_DATA to a folder that holds '{}/{}'",
               set.name, wanted.path, mirror_.empty() ? "no mirror folder (BASEWISE_DATA is not set)" : mirror_.string(), cache_.string(),
               how_to_get(set, wanted), set.folder, wanted.path));
  if (wanted.sha256.empty()) return *path;
  detail::Verified verified(cache_);
  if (verified.knows(*path, wanted.sha256)) return *path;
  const FileReport report = examine(set, wanted, *path);
  if (report.state != FileState::good)
    throw DataError(format("{}: is not the file that data set '{}' needs: {}; remove it, then {}", path->string(), set.name, report.detail,
                           how_to_get(set, wanted)));
  verified.remember(*path, wanted.sha256);
  return *path;
}

fs::path Registry::make(const DataSet& set, const DataFile& file) const {
  const fs::path target = cache_ / set.folder / file.path;
  const std::string text = detail::make_file(file.made, resolve("jaspar2016_vertebrates", "pfm_vertebrates.txt"));
  if (const std::string sum = sha256(text); sum != file.sha256)
    throw DataError(format("{}: what was made has the SHA-256 {}, {} was expected", target.string(), sum, file.sha256));
  write_file(target, text);
  detail::Verified(cache_).remember(target, file.sha256);
  return target;
}

fs::path Registry::resolve_path(const std::string& text) const {
  if (!is_data_reference(text)) return text;
  const std::string_view reference = std::string_view(text).substr(kPrefix.size());
  const std::size_t slash = reference.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == reference.size())
    throw ArgumentError(
        format("'{}' is no reference to a file of a data set; write data:NAME/FILE, as in data:ecoli_tss/open/NC_000913.3.fna.gz", text));
  return resolve(reference.substr(0, slash), reference.substr(slash + 1));
}

std::string Registry::hash_of(const std::string& text) const {
  const fs::path path = resolve_path(text);
  if (!is_data_reference(text)) return sha256_file(path);
  const std::string_view reference = std::string_view(text).substr(kPrefix.size());
  const std::size_t slash = reference.find('/');
  const std::string& known = find(reference.substr(0, slash)).file(reference.substr(slash + 1)).sha256;
  return known.empty() ? sha256_file(path) : known;
}

std::vector<DataSetReport> Registry::list() const {
  std::vector<DataSetReport> reports;
  for (const DataSet& set : datasets_) {
    DataSetReport report{set.name, set.title, set.licence, static_cast<std::int64_t>(set.files.size()), 0, set.size(), true};
    for (const DataFile& file : set.files) {
      const auto path = locate(set, file);
      std::error_code error;
      if (path && (file.sha256.empty() || static_cast<std::int64_t>(fs::file_size(*path, error)) == file.size))
        ++report.present;
      else
        report.downloadable = report.downloadable && (!file.urls.empty() || !file.made.empty());
    }
    reports.push_back(std::move(report));
  }
  return reports;
}

FileReport Registry::fetch(const DataSet& set, const DataFile& file, const DownloadOptions& options) const {
  FileReport report{set.name, file.path, FileState::missing, {}, how_to_get(set, file), false};
  if (file.urls.empty() && file.made.empty()) return report;
  try {
    if (!file.made.empty()) {
      report.path = make(set, file);
      report.detail = "made by this program";
    } else {
      const DownloadResult fetched = download({file.urls, cache_ / set.folder / file.path, file.size, file.sha256}, options);
      report.path = fetched.path;
      report.detail.clear();
      report.downloaded = fetched.attempts > 0;
      detail::Verified(cache_).remember(report.path, file.sha256);
    }
    report.state = FileState::good;
  } catch (const Error& e) {
    report.detail = e.what();
  }
  return report;
}

std::vector<FileReport> Registry::get(std::string_view dataset, std::string_view file, const DownloadOptions& options) const {
  const DataSet& set = find(dataset);
  const DataFile* only = file.empty() ? nullptr : &set.file(file);
  std::vector<FileReport> reports;
  for (const DataFile& wanted : set.files) {
    if (only && only != &wanted) continue;
    if (const auto path = locate(set, wanted)) {
      reports.push_back(examine(set, wanted, *path));
      if (reports.back().state == FileState::good && !detail::Verified(cache_).knows(*path, wanted.sha256))
        detail::Verified(cache_).remember(*path, wanted.sha256);
      if (reports.back().state == FileState::good || (wanted.urls.empty() && wanted.made.empty())) continue;
      reports.pop_back();
    }
    reports.push_back(fetch(set, wanted, options));
  }
  return reports;
}

std::vector<FileReport> Registry::check(std::string_view dataset) const {
  const DataSet& set = find(dataset);
  std::vector<FileReport> reports;
  for (const DataFile& file : set.files) {
    const auto path = locate(set, file);
    reports.push_back(path ? examine(set, file, *path)
                           : FileReport{set.name, file.path, FileState::missing, {}, how_to_get(set, file), false});
  }
  return reports;
}

bool is_data_reference(std::string_view text) { return text.starts_with(kPrefix); }

fs::path resolve_path(const std::string& text) { return is_data_reference(text) ? Registry().resolve_path(text) : fs::path(text); }

nlohmann::ordered_json to_json(const std::vector<DataSetReport>& reports) {
  auto out = nlohmann::ordered_json::array();
  for (const DataSetReport& report : reports)
    out.push_back({{"name", report.name},
                   {"title", report.title},
                   {"licence", report.licence},
                   {"files", report.files},
                   {"present", report.present},
                   {"bytes", report.size},
                   {"downloadable", report.downloadable}});
  return out;
}

nlohmann::ordered_json to_json(const std::vector<FileReport>& reports) {
  auto out = nlohmann::ordered_json::array();
  for (const FileReport& report : reports)
    out.push_back({{"dataset", report.dataset},
                   {"file", report.file},
                   {"state", name(report.state)},
                   {"path", report.path.string()},
                   {"detail", report.detail},
                   {"downloaded", report.downloaded}});
  return out;
}

nlohmann::ordered_json to_json(const DataSet& set) {
  nlohmann::ordered_json out{{"name", set.name},       {"title", set.title},       {"folder", set.folder}, {"source", set.source},
                             {"licence", set.licence}, {"citation", set.citation}, {"note", set.note},     {"defined_in", set.defined_in}};
  out["files"] = nlohmann::ordered_json::array();
  for (const DataFile& file : set.files)
    out["files"].push_back({{"path", file.path},
                            {"sha256", file.sha256},
                            {"bytes", file.size},
                            {"urls", file.urls},
                            {"note", file.note},
                            {"made", file.made}});
  return out;
}

}  // namespace basewise::corpus
