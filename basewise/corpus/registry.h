// Data sets by name: where they come from, under which terms, and that they are the right bytes.
//
// An entry is a TOML file in `datasets/`; the entries of the source tree are built into the
// program, and BASEWISE_REGISTRY may name a folder with others. Files are looked for in the mirror
// folder (BASEWISE_DATA; else ../shared/data beside the repository that holds the current folder),
// then in the cache (BASEWISE_CACHE, else $XDG_CACHE_HOME/basewise, else ~/.cache/basewise, else a
// folder of this user alone below the temporary folder), both laid out as <folder of the data
// set>/<file>. Recipes write "data:<data set>/<file>".
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/corpus/download.h"

namespace basewise::corpus {

/// One file of a data set.
struct DataFile {
  std::string path;       ///< inside the data set's folder, with '/'
  std::string sha256;     ///< 64 lower-case hexadecimal digits; empty: not known (`sha256 = "unknown"` in the entry), nothing is checked
  std::int64_t size = 0;  ///< 0 where not known
  std::vector<std::string> urls;  ///< where exactly these bytes are published; may be empty
  std::string note;               ///< format and contents
  std::string made = {};          ///< how the program makes it (`make_file`, detail/made_files.h); empty: it does not
};

/// One data set.
struct DataSet {
  std::string name;
  std::string title;
  std::string folder;  ///< of its files in mirror and cache; the name unless the entry says otherwise
  std::string source;
  std::string licence;
  std::string citation;
  std::string note;
  std::vector<DataFile> files;
  std::string defined_in;  ///< the TOML file, or "built in: NAME.toml"

  std::int64_t size() const;  ///< bytes of all files

  /// Errors: ArgumentError with the nearest name.
  const DataFile& file(std::string_view path) const;
};

/// Where to look; empty members mean the rules above.
struct RegistryOptions {
  std::filesystem::path entries{};  ///< folder with entries instead of those built in
  std::filesystem::path mirror{};
  std::filesystem::path cache{};
};

/// What is known about one file on this machine; unverified:
/// it is there, but nobody could say what it should be.
enum class FileState { missing, wrong_size, wrong_checksum, unverified, good };
std::string_view name(FileState state);

struct FileReport {
  std::string dataset;
  std::string file;
  FileState state = FileState::missing;
  std::filesystem::path path;  ///< where it was found; empty when missing
  std::string detail;          ///< what was found against what was expected, or how to get it
  bool downloaded = false;
};

/// One line of `basewise data ls`.
struct DataSetReport {
  std::string name;
  std::string title;
  std::string licence;
  std::int64_t files = 0;
  std::int64_t present = 0;   ///< files there with the right size (checksums are not computed)
  std::int64_t size = 0;      ///< bytes of all files
  bool downloadable = false;  ///< every missing file has a URL
};

/// The data sets known to the program. A value; safe to use from several threads.
class Registry {
 public:
  /// Errors: ArgumentError or DataError naming the bad entry;
  /// two entries with one name are an error.
  explicit Registry(RegistryOptions options = {});

  const std::vector<DataSet>& datasets() const { return datasets_; }

  /// Errors: ArgumentError with the nearest name.
  const DataSet& find(std::string_view name) const;

  /// The mirror folder (empty: there is none) and the cache folder.
  const std::filesystem::path& mirror() const { return mirror_; }
  const std::filesystem::path& cache() const { return cache_; }

  /// Path of a file that is there and has the right size and SHA-256. The checksum is computed once
  /// and remembered in the cache by path, size and time of change. One that is missing and that the
  /// program can make is made in the cache.
  /// Errors: DataError that says where was looked and how to get the file, or what is wrong with
  /// it.
  std::filesystem::path resolve(std::string_view dataset, std::string_view file) const;

  /// Turns "data:ecoli_tss/open/NC_000913.3.fna.gz" into a checked path; any other text is a plain
  /// path and comes back as it is.
  std::filesystem::path resolve_path(const std::string& text) const;

  /// SHA-256 of what `resolve_path` gives, for manifests:
  /// the registered one, or computed for a plain path.
  std::string hash_of(const std::string& text) const;

  /// `basewise data ls`.
  std::vector<DataSetReport> list() const;

  /// `basewise data get`: downloads into the cache, or makes there, what is missing or damaged. One
  /// report per file; files that could not be had are reported, not thrown. `file` empty means all.
  std::vector<FileReport> get(std::string_view dataset, std::string_view file = {}, const DownloadOptions& options = {}) const;

  /// `basewise data check`: size and SHA-256 of every file, computed afresh.
  std::vector<FileReport> check(std::string_view dataset) const;

 private:
  std::optional<std::filesystem::path> locate(const DataSet& set, const DataFile& file) const;
  std::filesystem::path make(const DataSet& set, const DataFile& file) const;
  FileReport fetch(const DataSet& set, const DataFile& file, const DownloadOptions& options) const;
  std::vector<DataSet> datasets_;
  std::filesystem::path mirror_;
  std::filesystem::path cache_;
};

/// Whether `text` is a reference to a registered file ("data:...").
bool is_data_reference(std::string_view text);

/// `Registry().resolve_path(text)`, without building a registry for a plain path.
std::filesystem::path resolve_path(const std::string& text);

nlohmann::ordered_json to_json(const std::vector<DataSetReport>& reports);
nlohmann::ordered_json to_json(const std::vector<FileReport>& reports);
nlohmann::ordered_json to_json(const DataSet& set);

}  // namespace basewise::corpus
