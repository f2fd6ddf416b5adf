#include "basewise/corpus/detail/registry_parse.h"

#include <algorithm>
#include <set>

#include "basewise/core/options.h"
#include "basewise/corpus/detail/made_files.h"

namespace basewise::corpus {

namespace {

// The entry as the option reader sees it.
struct FileEntry {
  std::string path;
  std::string sha256;
  std::int64_t size = -1;
  std::vector<std::string> urls;
  std::string note;
  std::string made;
};
void describe(Visitor& v, FileEntry& o) {
  v("path", o.path, "inside the folder of the data set", required());
  v("sha256", o.sha256, "64 hexadecimal digits; \"unknown\" for a file that nobody here has seen", required());
  constexpr double kLargest = 1e15;  // a petabyte, so that sizes of a set can be added
  v("size", o.size, "bytes", between(0, kLargest));
  v("urls", o.urls, "where exactly these bytes are published");
  v("note", o.note, "format and contents");
  v("made", o.made, "what of the program makes it, for files that need not be fetched");
}

struct SetEntry {
  std::string name, title, folder, source, licence, citation, note;
  std::vector<FileEntry> file;
};
void describe(Visitor& v, SetEntry& o) {
  v("name", o.name, "short name, also that of its folder", required());
  v("title", o.title, "one line", required());
  v("folder", o.folder, "folder of its files in mirror and cache; default: the name");
  v("source", o.source, "repository or archive, commit, paths", required());
  v("licence", o.licence, "terms of use, as the source states them", required());
  v("citation", o.citation, "what to cite");
  v("note", o.note, "what a user must know");
  v.list("file", o.file, "the files");
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

// Entries may come from elsewhere: their paths must stay inside the folder of the data set.
bool stays_inside(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find_first_of("\\\n\t") != std::string_view::npos) return false;
  for (const auto& part : std::filesystem::path(path))
    if (part == ".." || part == "." || part.empty()) return false;
  return true;
}

DataFile checked(FileEntry& entry, const std::string& where) {
  if (!stays_inside(entry.path))
    throw DataError(format("{}: file '{}' is no relative path that stays inside the data set's folder", where, entry.path));
  if (entry.sha256 == "unknown") {
    if (!entry.urls.empty() || entry.size >= 0 || !entry.made.empty())
      throw DataError(format("{}: file '{}' has an unknown sha256; it can have neither a size nor an address to download from, nor be made",
                             where, entry.path));
    return {std::move(entry.path), {}, 0, {}, std::move(entry.note), {}};
  }
  const bool hexadecimal = entry.sha256.size() == 64 && entry.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hexadecimal)
    throw DataError(
        format("{}: file '{}' has sha256 '{}'; 64 lower-case hexadecimal digits were expected", where, entry.path, entry.sha256));
  if (entry.size < 0) throw DataError(format("{}: file '{}' has no size", where, entry.path));
  for (const std::string& url : entry.urls)
    if (!url.starts_with("https://") && !url.starts_with("http://"))
      throw DataError(format("{}: file '{}' has the address '{}'; http:// or https:// was expected", where, entry.path, url));
  if (!entry.made.empty() && !detail::can_be_made(entry.made))
    throw DataError(format("{}: file '{}' is to be made by '{}', which the program does not know", where, entry.path, entry.made));
  return {std::move(entry.path), std::move(entry.sha256), entry.size, std::move(entry.urls), std::move(entry.note), std::move(entry.made)};
}

}  // namespace

DataSet parse_dataset(std::string_view toml, const std::string& file) {
  SetEntry entry;
  read_toml(described(entry), toml, file);
  if (!is_plain_name(entry.name))
    throw DataError(format("{}: data set name '{}' may have only letters, digits, '_', '-' and '.'", file, entry.name));
  if (entry.folder.empty()) entry.folder = entry.name;
  if (!is_plain_name(entry.folder))
    throw DataError(format("{}: folder '{}' may have only letters, digits, '_', '-' and '.'", file, entry.folder));
  DataSet set{entry.name, entry.title, entry.folder, entry.source, entry.licence, entry.citation, entry.note, {}, file};
  std::set<std::string> seen;
  for (FileEntry& item : entry.file) {
    set.files.push_back(checked(item, file));
    if (!seen.insert(set.files.back().path).second) throw DataError(format("{}: file '{}' is listed twice", file, set.files.back().path));
  }
  if (set.files.empty()) throw DataError(format("{}: data set '{}' lists no [[file]]", file, set.name));
  return set;
}

}  // namespace basewise::corpus
