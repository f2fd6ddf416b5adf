// Files in one role, where an option takes one or several.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <vector>

namespace basewise {

/// None, one or several files, in order. In TOML one of them is text (`file = "a.fa"`), several are
/// a list (`file = ["a.fa", "b.fa"]`); an empty text is none.
struct FileList {
  std::vector<std::filesystem::path> paths = {};

  FileList() = default;
  FileList(std::initializer_list<std::filesystem::path> files) : paths(files) {}
  FileList(const std::filesystem::path& file) {  // NOLINT: a file is a list of one
    if (!file.empty()) paths = {file};
  }
  FileList(const std::string& file) : FileList(std::filesystem::path(file)) {}  // NOLINT
  FileList(const char* file) : FileList(std::filesystem::path(file)) {}         // NOLINT

  bool empty() const { return paths.empty(); }
  std::size_t size() const { return paths.size(); }
  auto begin() const { return paths.begin(); }
  auto end() const { return paths.end(); }
  bool operator==(const FileList&) const = default;
};

}  // namespace basewise
